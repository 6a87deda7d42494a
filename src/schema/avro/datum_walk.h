#pragma once

// Walks through one datum as its schema says and tells a sink what is there. Checking data and
// turning it into JSON are the same walk, so they cannot disagree about what is valid.
//
// A sink has: kSkipsEmpty (data of zero bytes need not be told), full(), Null(), Boolean(bool),
// Whole(int64_t), Real(double), Text(string_view), Bytes(string_view), Open(char),
// Name(string_view, bool first), Item(bool first), Close(char).

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "schema/avro/avro_schema.h"
#include "schema/avro/datum_path.h"
#include "schema/avro/datum_reader.h"

namespace nexus::schema {

template <typename Sink>
class DatumWalk {
 public:
  // Borrows all.
  DatumWalk(DatumReader& reader, Sink& sink, DatumPath& path, const DatumLimits& limits)
      : reader_(reader), sink_(sink), path_(path), limits_(limits) {}

  // False after a fault of the reader, or if exhausted().
  bool Value(const AvroType& type) {
    if (++steps_ > limits_.steps_max || sink_.full()) {
      exhausted_ = true;
      return false;
    }
    if (Sink::kSkipsEmpty && type.datum_bytes_min == 0) return true;
    switch (type.kind) {
      case AvroKind::kRecord:
        return Enter() && Record(type);
      case AvroKind::kArray:
        return Enter() && Array(type);
      case AvroKind::kMap:
        return Enter() && Map(type);
      case AvroKind::kUnion: {
        size_t branch = 0;
        return reader_.ReadIndex("union", type.branches.size(), branch) &&
               Value(*type.branches[branch]);
      }
      default:
        return Scalar(type);
    }
  }

  bool exhausted() const { return exhausted_; }
  // Containers that are open around the next value.
  void set_depth(size_t depth) { depth_ = depth; }

 private:
  bool Enter() {
    if (depth_ < limits_.depth_max) return ++depth_ != 0;
    return reader_.Fail("depth", absl::StrCat("at most ", limits_.depth_max, " levels"), "more");
  }

  bool Record(const AvroType& type) {
    sink_.Open('{');
    bool first = true;
    for (const AvroField& field : type.fields) {
      sink_.Name(field.name, first);
      first = false;
      if (!Value(*field.type)) return path_.Note(field.name);
    }
    sink_.Close('}');
    --depth_;
    return true;
  }

  bool Array(const AvroType& type) {
    sink_.Open('[');
    uint64_t index = 0;
    uint64_t count = 0;
    size_t end = 0;
    do {
      if (!reader_.ReadBlock(type.items->datum_bytes_min, count, end)) return false;
      for (uint64_t i = 0; i < count; ++i) {
        sink_.Item(index == 0);
        if (!Value(*type.items)) return path_.NoteIndex(index);
        ++index;
      }
      if (!reader_.CheckBlockEnd(end)) return false;
    } while (count > 0);
    sink_.Close(']');
    --depth_;
    return true;
  }

  bool Map(const AvroType& type) {
    sink_.Open('{');
    DatumKeys keys;
    bool first = true;
    uint64_t count = 0;
    size_t end = 0;
    const uint64_t value_bytes = type.items->datum_bytes_min;
    do {
      if (!reader_.ReadBlock(std::max(value_bytes, value_bytes + 1), count, end)) return false;
      for (uint64_t i = 0; i < count; ++i) {
        absl::string_view key;
        if (!reader_.ReadString(key)) return false;
        // Two readers could take two different values from it.
        if (!keys.Insert(key)) {
          return reader_.Fail("map", "each key once", absl::StrCat(key.substr(0, 80), " again"));
        }
        sink_.Name(key, first);
        first = false;
        if (!Value(*type.items)) return path_.Note(key);
      }
      if (!reader_.CheckBlockEnd(end)) return false;
    } while (count > 0);
    sink_.Close('}');
    --depth_;
    return true;
  }

  bool Scalar(const AvroType& type) {
    switch (type.kind) {
      case AvroKind::kInt:
      case AvroKind::kLong:
        return Whole(type);
      case AvroKind::kFloat:
      case AvroKind::kDouble:
        return Real(type);
      case AvroKind::kEnum: {
        size_t index = 0;
        if (!reader_.ReadIndex("enum", type.symbols.size(), index)) return false;
        sink_.Text(type.symbols[index]);
        return true;
      }
      case AvroKind::kBoolean: {
        bool value = false;
        if (!reader_.ReadBoolean(value)) return false;
        sink_.Boolean(value);
        return true;
      }
      case AvroKind::kNull:
        sink_.Null();
        return true;
      default:
        return Run(type);
    }
  }

  bool Whole(const AvroType& type) {
    int64_t value = 0;
    int32_t narrow = 0;
    if (type.kind == AvroKind::kLong ? !reader_.ReadLong(value) : !reader_.ReadInt(narrow)) {
      return false;
    }
    sink_.Whole(type.kind == AvroKind::kLong ? value : narrow);
    return true;
  }

  bool Real(const AvroType& type) {
    double value = 0;
    float narrow = 0;
    if (type.kind == AvroKind::kDouble ? !reader_.ReadDouble(value) : !reader_.ReadFloat(narrow)) {
      return false;
    }
    sink_.Real(type.kind == AvroKind::kDouble ? value : static_cast<double>(narrow));
    return true;
  }

  bool Run(const AvroType& type) {
    absl::string_view value;
    if (type.kind == AvroKind::kString) {
      if (!reader_.ReadString(value)) return false;
      sink_.Text(value);
      return true;
    }
    const bool read = type.kind == AvroKind::kBytes ? reader_.ReadBytes(value)
                                                    : reader_.ReadFixed(type.fixed_bytes, value);
    if (read) sink_.Bytes(value);
    return read;
  }

  DatumReader& reader_;
  Sink& sink_;
  DatumPath& path_;
  const DatumLimits& limits_;
  uint64_t steps_ = 0;
  size_t depth_ = 0;
  bool exhausted_ = false;
};

}  // namespace nexus::schema
