#pragma once

// How data of one schema are read with another: every pair of types that can meet, and what is
// done with it. The comparer asks it what cannot be read; DatumResolver converts data by it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "schema/avro/avro_schema.h"
#include "schema/avro/resolution_rules.h"

namespace nexus::schema {

struct ResolutionLimits {
  size_t pairs_max = 100'000;
  size_t steps_max = 1'000'000;  // fields, branches and symbols that are looked at
};

// One writer's type met by one reader's type. Pairs refer to one another by index.
struct ResolutionPair {
  static constexpr uint32_t kNone = 0xffffffff;

  const AvroType* writer = nullptr;
  const AvroType* reader = nullptr;
  // Of the pair alone; kMissingUnionBranch and a field without a default are told by the rest.
  AvroIncompatibility fault = AvroIncompatibility::kNone;
  // Of a writer's union: for each branch. Else of a reader's union: for each branch. Of an array
  // or map: one. Of a record: for each field of the writer, kNone if no reader wants it.
  std::vector<uint32_t> inner;
  std::vector<uint32_t> reader_field;  // record: for each field of the writer, or kNone
  std::vector<uint32_t> unsourced;     // record: fields of the reader that take their default
  uint32_t chosen_branch = 0;          // of a reader's union that meets no union
  bool readable = true;                // every datum

  bool splits_writer() const { return writer->kind == AvroKind::kUnion; }
  bool splits_reader() const { return !splits_writer() && reader->kind == AvroKind::kUnion; }
  bool lacks_default() const;
};

// Immutable, so thread-safe.
class ResolutionPlan {
 public:
  // Both must outlive the plan. Nothing if that would be more work than `limits` allow.
  static std::unique_ptr<const ResolutionPlan> Make(const AvroType& writer, const AvroType& reader,
                                                    const ResolutionLimits& limits);

  const ResolutionPair& root() const { return pairs_.front(); }
  const ResolutionPair& pair(uint32_t index) const { return pairs_[index]; }
  size_t size() const { return pairs_.size(); }

 private:
  friend class PlanBuilder;
  explicit ResolutionPlan(std::vector<ResolutionPair> pairs) : pairs_(std::move(pairs)) {}

  const std::vector<ResolutionPair> pairs_;
};

}  // namespace nexus::schema
