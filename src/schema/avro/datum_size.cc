#include "schema/avro/datum_size.h"

#include <limits>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "schema/json/schema_fault.h"

namespace nexus::schema {
namespace {

// Of a type whose data do not depend on others. An array or map may be empty: one byte.
uint64_t OwnBytesMin(const AvroType& type) {
  switch (type.kind) {
    case AvroKind::kNull:
    case AvroKind::kRecord:
      return 0;
    case AvroKind::kFloat:
      return 4;
    case AvroKind::kDouble:
      return 8;
    case AvroKind::kFixed:
      return type.fixed_bytes;
    default:
      return 1;
  }
}

// A type is settled once its data can end: a record when all its fields are, a union when one
// branch is, any other at once. What is never settled has no finite datum.
class Measurement {
 public:
  explicit Measurement(absl::Span<const std::unique_ptr<AvroType>> types) : types_(types) {}

  void Run() {
    for (const auto& type : types_) {
      type->datum_bytes_min = OwnBytesMin(*type);
      size_t& waits = waits_for_[type.get()];
      waits = type->kind == AvroKind::kUnion ? 1 : type->fields.size();
      for (const AvroType* branch : type->branches) users_[branch].push_back(type.get());
      for (const AvroField& field : type->fields) users_[field.type].push_back(type.get());
      if (waits == 0) settled_.push_back(type.get());
    }
    while (!settled_.empty()) {
      const AvroType* type = settled_.back();
      settled_.pop_back();
      for (AvroType* user : users_[type]) Settle(*type, *user);
    }
  }

  bool IsSettled(const AvroType& type) { return waits_for_[&type] == 0; }

 private:
  void Settle(const AvroType& part, AvroType& user) {
    size_t& waits = waits_for_[&user];
    if (user.kind == AvroKind::kRecord) {
      constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
      user.datum_bytes_min = part.datum_bytes_min > kMost - user.datum_bytes_min
                                 ? kMost
                                 : user.datum_bytes_min + part.datum_bytes_min;
    }
    if (waits > 0 && --waits == 0) settled_.push_back(&user);
  }

  const absl::Span<const std::unique_ptr<AvroType>> types_;
  absl::flat_hash_map<const AvroType*, size_t> waits_for_;
  absl::flat_hash_map<const AvroType*, std::vector<AvroType*>> users_;
  std::vector<const AvroType*> settled_;
};

}  // namespace

absl::Status MeasureTypes(absl::Span<const std::unique_ptr<AvroType>> types) {
  Measurement measurement(types);
  measurement.Run();
  for (const auto& type : types) {
    if (measurement.IsSettled(*type)) continue;
    if (type->kind == AvroKind::kUnion && type->branches.empty()) {
      return SchemaInvalid({type->pointer, "type", "a union of at least one type", "an empty one"});
    }
    if (type->kind != AvroKind::kRecord) continue;
    return SchemaInvalid({type->pointer, "fields", "data that can end",
                          absl::StrCat("the record ", type->full_name,
                                       ", which has to hold another of itself without an end")});
  }
  return absl::OkStatus();
}

}  // namespace nexus::schema
