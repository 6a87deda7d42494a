#include "schema/avro/datum_json.h"

#include <cmath>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "schema/avro/datum_check.h"
#include "schema/avro/datum_walk.h"
#include "schema/json/json_compare.h"
#include "schema/json/json_number.h"

namespace nexus::schema {
namespace {

class JsonSink {
 public:
  static constexpr bool kSkipsEmpty = false;

  explicit JsonSink(size_t bytes_max) : bytes_max_(bytes_max) {}

  bool full() const { return text_.size() > bytes_max_; }
  void Null() { text_ += "null"; }
  void Boolean(bool value) { text_ += value ? "true" : "false"; }
  void Whole(int64_t value) { absl::StrAppend(&text_, value); }
  void Real(double value) {
    if (std::isfinite(value)) {
      text_ += NumberText(Number::Double(value));
    } else {
      text_ += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    }
  }
  void Text(absl::string_view value) { AppendQuoted(text_, {value.data(), value.size()}); }
  void Bytes(absl::string_view value) {
    absl::StrAppend(&text_, "\"", absl::Base64Escape(value), "\"");
  }
  void Open(char bracket) { text_ += bracket; }
  void Name(absl::string_view name, bool first) {
    Item(first);
    Text(name);
    text_ += ':';
  }
  void Item(bool first) {
    if (!first) text_ += ',';
  }
  void Close(char bracket) { text_ += bracket; }
  std::string Take() { return std::move(text_); }

 private:
  const size_t bytes_max_;
  std::string text_;
};

}  // namespace

absl::StatusOr<std::string> DatumToJson(const AvroSchema& schema, absl::string_view data,
                                        const DatumLimits& limits) {
  DatumReader reader(DatumIn(schema, data));
  reader.set_empty_items_left(limits.empty_items_max);
  JsonSink sink(limits.output_bytes_max);
  DatumPath path;
  DatumWalk<JsonSink> walk(reader, sink, path, limits);
  bool valid = walk.Value(*schema.root);
  if (walk.exhausted() || sink.full()) return DatumLimitExceeded(limits);
  if (valid && reader.bytes_left() > 0) {
    valid = reader.Fail("trailing", "the end of the data",
                        absl::StrCat(reader.bytes_left(), " more bytes"));
  }
  if (!valid) return DatumRefused(ViolationOf(schema, data, reader.fault(), path));
  return sink.Take();
}

}  // namespace nexus::schema
