#include "schema/avro/logical_type.h"

#include <cmath>

namespace nexus::schema {
namespace {

struct LogicalRow {
  absl::string_view name;
  AvroKind kind;
  uint32_t fixed_bytes;  // of a fixed; 0: any
};

constexpr LogicalRow kLogicalRows[] = {
    {"decimal", AvroKind::kBytes, 0},
    {"decimal", AvroKind::kFixed, 0},
    {"big-decimal", AvroKind::kBytes, 0},
    {"uuid", AvroKind::kString, 0},
    {"uuid", AvroKind::kFixed, 16},
    {"date", AvroKind::kInt, 0},
    {"time-millis", AvroKind::kInt, 0},
    {"time-micros", AvroKind::kLong, 0},
    {"timestamp-millis", AvroKind::kLong, 0},
    {"timestamp-micros", AvroKind::kLong, 0},
    {"timestamp-nanos", AvroKind::kLong, 0},
    {"local-timestamp-millis", AvroKind::kLong, 0},
    {"local-timestamp-micros", AvroKind::kLong, 0},
    {"local-timestamp-nanos", AvroKind::kLong, 0},
    {"duration", AvroKind::kFixed, 12},
};

bool FitsRow(const LogicalRow& row, absl::string_view name, const AvroType& type) {
  return row.name == name && row.kind == type.kind &&
         (row.fixed_bytes == 0 || row.fixed_bytes == type.fixed_bytes);
}

// Digits that every number of so many bytes in two's complement can have.
double DecimalDigits(uint32_t bytes) { return std::floor((8.0 * bytes - 1) * std::log10(2.0)); }

bool ReadDecimal(const AvroType& type, JsonElement object, AvroLogicalType& logical) {
  int64_t precision = 0;
  int64_t scale = 0;
  if (object["precision"].get_int64().get(precision)) return false;
  JsonElement written;
  if (!object["scale"].get(written) && written.get_int64().get(scale)) return false;
  if (precision < 1 || precision > INT32_MAX || scale < 0 || scale > precision) return false;
  if (type.kind == AvroKind::kFixed &&
      static_cast<double>(precision) > DecimalDigits(type.fixed_bytes)) {
    return false;
  }
  logical.precision = static_cast<uint32_t>(precision);
  logical.scale = static_cast<uint32_t>(scale);
  return true;
}

}  // namespace

AvroLogicalType ReadLogicalType(const AvroType& type, JsonElement object) {
  std::string_view text;
  if (object["logicalType"].get_string().get(text)) return {};
  AvroLogicalType logical;
  for (const LogicalRow& row : kLogicalRows) {
    if (!FitsRow(row, absl::string_view(text.data(), text.size()), type)) continue;
    if (row.name == "decimal" && !ReadDecimal(type, object, logical)) return {};
    logical.name = std::string(row.name);
    return logical;
  }
  return {};
}

}  // namespace nexus::schema
