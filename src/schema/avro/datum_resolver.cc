#include "schema/avro/datum_resolver.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/text.h"
#include "schema/avro/datum_check.h"
#include "schema/avro/datum_json.h"
#include "schema/avro/datum_walk.h"
#include "schema/avro/datum_writer.h"
#include "schema/avro/silent_sink.h"

namespace nexus::schema {
namespace {

// One Convert() on its way.
class Conversion {
 public:
  Conversion(const ResolutionPlan& plan, absl::string_view data, const DatumLimits& limits)
      : plan_(plan), limits_(limits), reader_(data), skip_(reader_, silent_, path_, limits) {
    reader_.set_empty_items_left(limits.empty_items_max);
  }

  bool Run(std::string& out) {
    if (!Value(plan_.root(), out)) return false;
    return reader_.bytes_left() == 0 ||
           reader_.Fail("trailing", "the end of the data",
                        absl::StrCat(reader_.bytes_left(), " more bytes"));
  }
  bool exhausted() const { return exhausted_ || skip_.exhausted(); }
  const DatumFault& fault() const { return reader_.fault(); }
  const DatumPath& path() const { return path_; }

 private:
  bool Value(const ResolutionPair& pair, std::string& out) {
    // What is on its way up in other pieces is no longer than what `written_` counts.
    if (++steps_ > limits_.steps_max || written_ + out.size() > limits_.output_bytes_max) {
      exhausted_ = true;
      return false;
    }
    if (pair.splits_writer()) {
      size_t branch = 0;
      return reader_.ReadIndex("union", pair.inner.size(), branch) &&
             Value(plan_.pair(pair.inner[branch]), out);
    }
    if (pair.splits_reader()) {
      AppendAvroLong(out, pair.chosen_branch);
      return Value(plan_.pair(pair.inner[pair.chosen_branch]), out);
    }
    return Whole(pair, out);
  }

  bool Whole(const ResolutionPair& pair, std::string& out) {
    // Symbols that the reader lacks are no fault of data that do not hold them.
    if (pair.fault != AvroIncompatibility::kNone &&
        pair.fault != AvroIncompatibility::kMissingEnumSymbols) {
      return Refuse(pair);
    }
    switch (pair.writer->kind) {
      case AvroKind::kRecord:
        return Enter() && Record(pair, out);
      case AvroKind::kArray:
      case AvroKind::kMap:
        return Enter() && Items(pair, out);
      case AvroKind::kEnum:
        return Symbol(pair, out);
      default:
        return Primitive(*pair.writer, *pair.reader, out);
    }
  }

  bool Refuse(const ResolutionPair& pair) {
    return reader_.Fail("resolve", DescribeAvroType(*pair.reader), DescribeAvroType(*pair.writer));
  }

  bool Enter() {
    if (depth_ < limits_.depth_max) return ++depth_ != 0;
    return reader_.Fail("depth", absl::StrCat("at most ", limits_.depth_max, " levels"), "more");
  }

  bool Record(const ResolutionPair& pair, std::string& out) {
    const std::vector<AvroField>& written = pair.writer->fields;
    // The reader's fields come in an order of their own.
    std::vector<std::string> pieces(pair.reader->fields.size());
    steps_ += pieces.size();
    const size_t outside = written_;
    for (const uint32_t field : pair.unsourced) {
      if (!pair.reader->fields[field].has_default) {
        reader_.Fail("default", "a value", "neither one nor a default");
        return path_.Note(pair.reader->fields[field].name);
      }
      pieces[field] = pair.reader->fields[field].default_datum;
      written_ += pieces[field].size();
    }
    for (size_t i = 0; i < written.size(); ++i) {
      if (pair.inner[i] == ResolutionPair::kNone) {
        skip_.set_depth(depth_);
        if (!skip_.Value(*written[i].type)) return path_.Note(written[i].name);
        continue;
      }
      std::string& piece = pieces[pair.reader_field[i]];
      if (!Value(plan_.pair(pair.inner[i]), piece)) return path_.Note(written[i].name);
      written_ += piece.size();
    }
    written_ = outside;
    for (const std::string& piece : pieces) out += piece;
    --depth_;
    return true;
  }

  bool Items(const ResolutionPair& pair, std::string& out) {
    const bool is_map = pair.writer->kind == AvroKind::kMap;
    const ResolutionPair& inner = plan_.pair(pair.inner[0]);
    const uint64_t item_bytes = pair.writer->items->datum_bytes_min;
    const uint64_t entry_bytes = is_map ? std::max(item_bytes, item_bytes + 1) : item_bytes;
    DatumKeys keys;
    uint64_t index = 0;
    uint64_t count = 0;
    size_t end = 0;
    do {
      if (!reader_.ReadBlock(entry_bytes, count, end)) return false;
      AppendAvroLong(out, static_cast<int64_t>(count));
      for (uint64_t i = 0; i < count; ++i, ++index) {
        absl::string_view key;
        if (is_map && !Key(keys, key, out)) return false;
        if (!Value(inner, out)) return is_map ? path_.Note(key) : path_.NoteIndex(index);
      }
      if (!reader_.CheckBlockEnd(end)) return false;
    } while (count > 0);
    --depth_;
    return true;
  }

  bool Key(DatumKeys& keys, absl::string_view& key, std::string& out) {
    if (!reader_.ReadString(key)) return false;
    if (!keys.Insert(key)) {
      return reader_.Fail("map", "each key once", absl::StrCat(key.substr(0, 80), " again"));
    }
    AppendAvroBytes(out, key);
    return true;
  }

  bool Symbol(const ResolutionPair& pair, std::string& out) {
    size_t index = 0;
    if (!reader_.ReadIndex("enum", pair.writer->symbols.size(), index)) return false;
    const std::vector<std::string>& known = pair.reader->symbols;
    const auto found = std::find(known.begin(), known.end(), pair.writer->symbols[index]);
    steps_ += static_cast<uint64_t>(found - known.begin()) / 16;
    if (found != known.end()) {
      AppendAvroLong(out, found - known.begin());
      return true;
    }
    if (!pair.reader->default_symbol) {
      return reader_.Fail("enum", "a symbol of the reader", pair.writer->symbols[index]);
    }
    AppendAvroLong(out, *pair.reader->default_symbol);
    return true;
  }

  bool Primitive(const AvroType& from, const AvroType& to, std::string& out) {
    switch (from.kind) {
      case AvroKind::kNull:
        return true;
      case AvroKind::kBoolean: {
        bool value = false;
        if (!reader_.ReadBoolean(value)) return false;
        out += static_cast<char>(value);
        return true;
      }
      case AvroKind::kInt:
      case AvroKind::kLong:
      case AvroKind::kFloat:
      case AvroKind::kDouble:
        return Number(from.kind, to.kind, out);
      default:
        return Run(from, to, out);
    }
  }

  bool Number(AvroKind from, AvroKind to, std::string& out) {
    int32_t narrow = 0;
    int64_t whole = 0;
    float single = 0;
    double real = 0;
    if (from == AvroKind::kInt && !reader_.ReadInt(narrow)) return false;
    if (from == AvroKind::kLong && !reader_.ReadLong(whole)) return false;
    if (from == AvroKind::kFloat && !reader_.ReadFloat(single)) return false;
    if (from == AvroKind::kDouble && !reader_.ReadDouble(real)) return false;
    if (from == AvroKind::kInt) whole = narrow;
    const bool is_whole = from == AvroKind::kInt || from == AvroKind::kLong;
    if (to == AvroKind::kInt || to == AvroKind::kLong) {
      AppendAvroLong(out, whole);
    } else if (to == AvroKind::kFloat) {
      AppendAvroFloat(out, is_whole ? static_cast<float>(whole) : single);
    } else if (from == AvroKind::kFloat) {
      AppendAvroDouble(out, static_cast<double>(single));
    } else {
      AppendAvroDouble(out, is_whole ? static_cast<double>(whole) : real);
    }
    return true;
  }

  bool Run(const AvroType& from, const AvroType& to, std::string& out) {
    absl::string_view value;
    if (from.kind == AvroKind::kFixed) {
      if (!reader_.ReadFixed(from.fixed_bytes, value)) return false;
      out.append(value.data(), value.size());
      return true;
    }
    // Bytes that become a string have to be one.
    const bool is_text = from.kind == AvroKind::kString || to.kind == AvroKind::kString;
    if (is_text ? !reader_.ReadString(value) : !reader_.ReadBytes(value)) return false;
    AppendAvroBytes(out, value);
    return true;
  }

  const ResolutionPlan& plan_;
  const DatumLimits& limits_;
  DatumReader reader_;
  SilentSink silent_;
  DatumPath path_;
  DatumWalk<SilentSink> skip_;
  uint64_t steps_ = 0;
  size_t written_ = 0;  // in the pieces of records that are open
  size_t depth_ = 0;
  bool exhausted_ = false;
};

}  // namespace

DatumResolver::DatumResolver(std::shared_ptr<const AvroSchema> writer,
                             std::shared_ptr<const AvroSchema> reader,
                             std::unique_ptr<const ResolutionPlan> plan, const DatumLimits& limits)
    : writer_(std::move(writer)),
      reader_(std::move(reader)),
      plan_(std::move(plan)),
      limits_(limits) {}

absl::StatusOr<std::unique_ptr<const DatumResolver>> DatumResolver::Make(
    std::shared_ptr<const AvroSchema> writer, std::shared_ptr<const AvroSchema> reader,
    const ResolutionLimits& resolution, const DatumLimits& limits) {
  auto plan = ResolutionPlan::Make(*writer->root, *reader->root, resolution);
  if (plan == nullptr) {
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("reading one schema's data with the other takes more than ",
                                  resolution.pairs_max, " pairs of types"));
  }
  return std::unique_ptr<const DatumResolver>(
      new DatumResolver(std::move(writer), std::move(reader), std::move(plan), limits));
}

absl::StatusOr<std::string> DatumResolver::Convert(absl::string_view data) const {
  Conversion conversion(*plan_, DatumIn(*writer_, data), limits_);
  std::string out;
  const bool converted = conversion.Run(out);
  if (conversion.exhausted()) return DatumLimitExceeded(limits_);
  if (converted) return out;
  return DatumRefused(ViolationOf(*writer_, data, conversion.fault(), conversion.path()));
}

absl::StatusOr<std::string> DatumResolver::ConvertToJson(absl::string_view data) const {
  NEXUS_ASSIGN_OR_RETURN(const std::string datum, Convert(data));
  return DatumToJson(*reader_, datum, limits_);
}

}  // namespace nexus::schema
