#include "schema/avro/resolution_rules.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"

namespace nexus::schema {
namespace {

bool HasEverySymbol(const AvroType& writer, const AvroType& reader) {
  if (reader.default_symbol) return true;
  const absl::flat_hash_set<absl::string_view> known(reader.symbols.begin(), reader.symbols.end());
  return std::all_of(writer.symbols.begin(), writer.symbols.end(),
                     [&](const std::string& symbol) { return known.contains(symbol); });
}

// Two decimals match if they mean the same number by the same bytes.
bool DecimalsDiffer(const AvroLogicalType& a, const AvroLogicalType& b) {
  return a.precision > 0 && b.precision > 0 && (a.precision != b.precision || a.scale != b.scale);
}

}  // namespace

absl::string_view AvroIncompatibilityName(AvroIncompatibility fault) {
  switch (fault) {
    case AvroIncompatibility::kNone:
      return "";
    case AvroIncompatibility::kNameMismatch:
      return "NAME_MISMATCH";
    case AvroIncompatibility::kFixedSizeMismatch:
      return "FIXED_SIZE_MISMATCH";
    case AvroIncompatibility::kMissingEnumSymbols:
      return "MISSING_ENUM_SYMBOLS";
    case AvroIncompatibility::kReaderFieldMissingDefaultValue:
      return "READER_FIELD_MISSING_DEFAULT_VALUE";
    case AvroIncompatibility::kTypeMismatch:
      return "TYPE_MISMATCH";
    case AvroIncompatibility::kMissingUnionBranch:
      return "MISSING_UNION_BRANCH";
  }
  return "";
}

bool IsPromotion(AvroKind writer, AvroKind reader) {
  switch (reader) {
    case AvroKind::kLong:
      return writer == AvroKind::kInt;
    case AvroKind::kFloat:
      return writer == AvroKind::kInt || writer == AvroKind::kLong;
    case AvroKind::kDouble:
      return writer == AvroKind::kInt || writer == AvroKind::kLong || writer == AvroKind::kFloat;
    case AvroKind::kString:
      return writer == AvroKind::kBytes;
    case AvroKind::kBytes:
      return writer == AvroKind::kString;
    default:
      return false;
  }
}

bool NamesMatch(const AvroType& writer, const AvroType& reader) {
  return SimpleName(writer.full_name) == SimpleName(reader.full_name) ||
         std::find(reader.aliases.begin(), reader.aliases.end(), writer.full_name) !=
             reader.aliases.end();
}

AvroIncompatibility FaultOfPair(const AvroType& writer, const AvroType& reader) {
  if (writer.kind != reader.kind) {
    return IsPromotion(writer.kind, reader.kind) ? AvroIncompatibility::kNone
                                                 : AvroIncompatibility::kTypeMismatch;
  }
  if (writer.named() && !NamesMatch(writer, reader)) return AvroIncompatibility::kNameMismatch;
  if (writer.fixed_bytes != reader.fixed_bytes) return AvroIncompatibility::kFixedSizeMismatch;
  if (writer.kind == AvroKind::kEnum && !HasEverySymbol(writer, reader)) {
    return AvroIncompatibility::kMissingEnumSymbols;
  }
  return DecimalsDiffer(writer.logical, reader.logical) ? AvroIncompatibility::kTypeMismatch
                                                        : AvroIncompatibility::kNone;
}

}  // namespace nexus::schema
