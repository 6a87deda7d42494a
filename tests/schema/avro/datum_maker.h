#pragma once

// Makes up Avro schemas, edits of them, and data: the same for the same seed.

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "schema/avro/avro_schema.h"
#include "schema/avro/datum_writer.h"

namespace nexus::schema {

class DatumMaker {
 public:
  using Texts = std::pair<std::string, std::string>;  // a schema before and after an edit

  explicit DatumMaker(uint32_t seed) : random_(seed) {}

  // Without edits both are the same. A pair may turn out to be no schema: names can get lost.
  Texts Schema(bool with_edits) {
    edits_ = with_edits;
    names_.clear();
    made_ = 0;
    return Type(3);
  }

  // Every byte of `bytes` is ASCII, so that a string can be read from it; longs fit a double.
  std::string Datum(const AvroType& type, int depth = 5) {
    std::string out;
    Append(type, out, depth);
    return out;
  }

  uint32_t Up(uint32_t below) {
    return std::uniform_int_distribution<uint32_t>(0, below - 1)(random_);
  }

 private:
  static constexpr const char* kPrimitives[] = {"null",  "boolean", "int",   "long",
                                                "float", "double",  "bytes", "string"};
  // Of the primitive of the same index.
  static constexpr const char* kDefaults[] = {"null", "true", "7",     "-3",
                                              "1.5",  "0.25", "\"b\"", "\"s\""};

  bool Seldom() { return edits_ && Up(9) == 0; }
  static Texts Same(const std::string& text) { return {text, text}; }

  Texts Type(int depth) {
    if (Seldom()) return {Fresh(0).first, Fresh(0).second};
    return Fresh(depth);
  }

  Texts Fresh(int depth) {
    switch (depth > 0 ? Up(12) : Up(4)) {
      case 3:
        return names_.empty() ? Primitive() : Same(Reference());
      case 4:
      case 5:
      case 6:
        return Record(depth);
      case 7:
        return Enum();
      case 8:
        return Fixed();
      case 9:
        return Container("array", "items", depth);
      case 10:
        return Container("map", "values", depth);
      case 11:
        return Union(depth);
      default:
        return Primitive();
    }
  }

  Texts Primitive() {
    const uint32_t kind = Up(8);
    const uint32_t other = Seldom() ? (kind >= 2 && kind < 5 ? kind + 1 : Up(8)) : kind;
    return {Quoted(kPrimitives[kind]), Quoted(kPrimitives[other])};
  }

  static std::string Quoted(const std::string& text) { return absl::StrCat("\"", text, "\""); }
  std::string NewName() { return absl::StrCat("N", made_++); }

  // A record may still be open, so it is not referred to without a way out.
  std::string Reference() {
    const std::string name = Quoted(names_[Up(static_cast<uint32_t>(names_.size()))]);
    if (Up(2) == 0) return absl::StrCat("[\"null\",", name, "]");
    return absl::StrCat(R"({"type":"array","items":)", name, "}");
  }

  Texts Named(const std::string& type, const Texts& rest) {
    const std::string name = NewName();
    const auto text = [&](const std::string& own, const std::string& own_name) {
      return absl::StrCat(R"({"type":")", type, R"(","name":")", own_name, "\",", own, "}");
    };
    const std::string other = Seldom() && Up(3) == 0 ? NewName() : name;
    if (other == name) names_.push_back(name);
    return {text(rest.first, name), text(rest.second, other)};
  }

  Texts Enum() {
    const Texts symbols[] = {{R"(["A","B"])", R"(["B","A"])"},
                             {R"(["A","B"])", R"(["A","B","C"])"},
                             {R"(["A","B","C"])", R"(["A","B"])"},
                             {R"(["A","B","C"])", R"(["B"],"default":"B")"}};
    Texts chosen = symbols[Up(4)];
    if (!edits_) chosen.second = chosen.first;
    return Named("enum", {absl::StrCat("\"symbols\":", chosen.first),
                          absl::StrCat("\"symbols\":", Seldom() ? chosen.second : chosen.first)});
  }

  Texts Fixed() {
    const uint32_t size = 1 + Up(4);
    return Named("fixed", {absl::StrCat("\"size\":", size),
                           absl::StrCat("\"size\":", Seldom() ? size + 1 : size)});
  }

  Texts Container(const std::string& type, const std::string& keyword, int depth) {
    const Texts items = Type(depth - 1);
    const auto text = [&](const std::string& own) {
      return absl::StrCat(R"({"type":")", type, R"(",")", keyword, "\":", own, "}");
    };
    return {text(items.first), text(items.second)};
  }

  Texts Union(int depth) {
    std::vector<std::string> before = {"\"null\""};
    std::vector<std::string> after = {"\"null\""};
    const uint32_t kind = 1 + Up(7);
    before.push_back(Quoted(kPrimitives[kind]));
    if (!Seldom()) after.push_back(Quoted(kPrimitives[kind]));
    if (Up(2) == 0) {
      const Texts record = Record(depth);
      before.push_back(record.first);
      after.push_back(record.second);
    }
    if (Up(3) == 0) {
      const Texts list = Container("array", "items", depth);
      before.push_back(list.first);
      after.push_back(list.second);
    }
    if (Seldom()) std::reverse(after.begin(), after.end());
    return {absl::StrCat("[", absl::StrJoin(before, ","), "]"),
            absl::StrCat("[", absl::StrJoin(after, ","), "]")};
  }

  Texts Record(int depth) {
    const std::string name = NewName();
    names_.push_back(name);
    std::vector<std::string> before;
    std::vector<std::string> after;
    const uint32_t count = Up(5);
    for (uint32_t i = 0; i < count; ++i) {
      const std::string field = absl::StrCat("f", i);
      const auto text = [&](const std::string& type, const std::string& rest) {
        return absl::StrCat(R"({"name":")", field, R"(","type":)", type, rest, "}");
      };
      // What comes or goes defines no name that others could miss.
      if (Seldom()) {
        const uint32_t kind = Up(8);
        const std::string one =
            text(Quoted(kPrimitives[kind]),
                 Up(3) == 0 ? "" : absl::StrCat(",\"default\":", kDefaults[kind]));
        (Up(3) == 0 ? before : after).push_back(one);
        continue;
      }
      const Texts type = Type(depth - 1);
      before.push_back(text(type.first, ""));
      after.push_back(text(type.second, ""));
    }
    if (Seldom()) std::reverse(after.begin(), after.end());
    const auto whole = [&](const std::vector<std::string>& fields) {
      return absl::StrCat(R"({"type":"record","name":")", name, R"(","fields":[)",
                          absl::StrJoin(fields, ","), "]}");
    };
    return {whole(before), whole(after)};
  }

  std::string Text() {
    std::string text(Up(6), 'x');
    for (char& c : text) c = static_cast<char>(' ' + Up(95));
    return text;
  }

  void Append(const AvroType& type, std::string& out, int depth) {
    switch (type.kind) {
      case AvroKind::kNull:
        return;
      case AvroKind::kBoolean:
        out += static_cast<char>(Up(2));
        return;
      case AvroKind::kInt:
        return AppendAvroLong(out, static_cast<int32_t>(random_()) >> Up(31));
      case AvroKind::kLong:
        return AppendAvroLong(out, static_cast<int64_t>(random_()) * (Up(2) == 0 ? 1000 : -1));
      case AvroKind::kFloat:
        return AppendAvroFloat(out, static_cast<float>(static_cast<int32_t>(random_())) / 256);
      case AvroKind::kDouble:
        return AppendAvroDouble(out, static_cast<int32_t>(random_()) / 1024.0);
      case AvroKind::kBytes:
      case AvroKind::kString:
        return AppendAvroBytes(out, Text());
      case AvroKind::kFixed:
        for (uint32_t i = 0; i < type.fixed_bytes; ++i) out += static_cast<char>(Up(256));
        return;
      case AvroKind::kEnum:
        return AppendAvroLong(out, Up(static_cast<uint32_t>(type.symbols.size())));
      case AvroKind::kRecord:
        for (const AvroField& field : type.fields) Append(*field.type, out, depth - 1);
        return;
      case AvroKind::kUnion: {
        // The first branch is null wherever a type could go on forever.
        const uint32_t branch = depth > 0 ? Up(static_cast<uint32_t>(type.branches.size())) : 0;
        AppendAvroLong(out, depth > 0 ? branch : Ending(type));
        return Append(*type.branches[depth > 0 ? branch : Ending(type)], out, depth - 1);
      }
      default:
        return AppendItems(type, out, depth);
    }
  }

  static uint32_t Ending(const AvroType& type) {
    for (uint32_t i = 0; i < type.branches.size(); ++i) {
      if (type.branches[i]->kind == AvroKind::kNull) return i;
    }
    return 0;
  }

  void AppendItems(const AvroType& type, std::string& out, int depth) {
    uint32_t key = 0;
    for (uint32_t blocks = depth > 0 ? Up(3) : 0; blocks > 0; --blocks) {
      const uint32_t count = 1 + Up(3);
      std::string items;
      for (uint32_t i = 0; i < count; ++i) {
        if (type.kind == AvroKind::kMap) AppendAvroBytes(items, absl::StrCat("k", key++));
        Append(*type.items, items, depth - 1);
      }
      // Half of the blocks say how long they are.
      const bool with_size = Up(2) == 0;
      AppendAvroLong(out, with_size ? -static_cast<int64_t>(count) : count);
      if (with_size) AppendAvroLong(out, static_cast<int64_t>(items.size()));
      out += items;
    }
    AppendAvroLong(out, 0);
  }

  std::mt19937 random_;
  bool edits_ = false;
  std::vector<std::string> names_;
  int made_ = 0;
};

}  // namespace nexus::schema
