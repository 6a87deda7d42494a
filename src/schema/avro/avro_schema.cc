#include "schema/avro/avro_schema.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "schema/json/json_describe.h"

namespace nexus::schema {
namespace {

constexpr std::array<absl::string_view, 14> kKindNames = {
    "null",   "boolean", "int",  "long",  "float", "double", "bytes",
    "string", "record",  "enum", "array", "map",   "union",  "fixed"};
constexpr size_t kPrimitives = 8;
constexpr size_t kDescriptionBytesMax = 120;

}  // namespace

absl::string_view AvroKindName(AvroKind kind) { return kKindNames[static_cast<size_t>(kind)]; }

std::optional<AvroKind> PrimitiveKindOf(absl::string_view name) {
  for (size_t i = 0; i < kPrimitives; ++i) {
    if (kKindNames[i] == name) return static_cast<AvroKind>(i);
  }
  return std::nullopt;
}

std::string DescribeAvroType(const AvroType& type) {
  std::string text(AvroKindName(type.kind));
  if (type.named()) absl::StrAppend(&text, " ", type.full_name);
  if (type.kind == AvroKind::kFixed) absl::StrAppend(&text, " of ", type.fixed_bytes, " bytes");
  if (type.kind == AvroKind::kUnion) {
    absl::string_view before = " of ";
    for (const AvroType* branch : type.branches) {
      if (text.size() > kDescriptionBytesMax) break;
      absl::StrAppend(&text, before,
                      branch->named() ? branch->full_name : AvroKindName(branch->kind));
      before = ", ";
    }
  }
  if (!type.logical.name.empty()) {
    absl::StrAppend(&text, " (", type.logical.name);
    if (type.logical.precision > 0) {
      absl::StrAppend(&text, " ", type.logical.precision, ",", type.logical.scale);
    }
    text += ')';
  }
  return Shorten(std::move(text), kDescriptionBytesMax);
}

absl::string_view SimpleName(absl::string_view full_name) {
  const size_t dot = full_name.rfind('.');
  return dot == absl::string_view::npos ? full_name : full_name.substr(dot + 1);
}

}  // namespace nexus::schema
