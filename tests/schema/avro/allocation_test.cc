// Valid data are checked without an allocation: what an append pays for its schema is time alone.

#include <gtest/gtest.h>

#include <string>

#include "cost/allocations.h"
#include "schema/avro/compat/compare.h"
#include "schema/avro/datum_maker.h"

namespace nexus::schema {
namespace {

TEST(AvroDatumCost, ValidDataAreCheckedWithoutAnAllocation) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    DatumMaker maker(seed);
    const auto schema = CompiledAvro(maker.Schema(false).first);
    ASSERT_NE(schema, nullptr);
    const std::string datum = maker.Datum(*schema->schema().root);
    const cost::Allocations before = cost::AllocationsSoFar();
    const auto violations = schema->Validate(datum, 1);
    const cost::Allocations after = cost::AllocationsSoFar();
    EXPECT_TRUE(violations.ok() && violations->empty());
    EXPECT_EQ(after.calls, before.calls) << schema->schema().parsing_canonical_form;
  }
}

TEST(AvroDatumCost, AllocationsAreCounted) {
  const auto schema = CompiledAvro(std::string("\"int\""));
  const cost::Allocations before = cost::AllocationsSoFar();
  EXPECT_FALSE(schema->Validate("", 1)->empty());
  EXPECT_GT(cost::AllocationsSoFar().calls, before.calls);
}

}  // namespace
}  // namespace nexus::schema
