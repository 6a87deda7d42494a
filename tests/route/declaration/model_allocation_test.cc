// Scoring an event asks for no memory. A program of its own: it counts every `new`.

#include <atomic>
#include <cstdlib>
#include <new>

#include "absl/base/attributes.h"
#include "gtest/gtest.h"
#include "route/declaration/criticality_model.h"

namespace {
std::atomic<uint64_t> allocations{0};
}  // namespace

// Out of line, or the compiler sees malloc() here and free() there and takes them for a mismatch.
ABSL_ATTRIBUTE_NOINLINE void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
ABSL_ATTRIBUTE_NOINLINE void operator delete(void* memory) noexcept { std::free(memory); }
ABSL_ATTRIBUTE_NOINLINE void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace nexus::route {
namespace {

TEST(ModelAllocation, ScoringAsksForNoMemory) {
  ModelWeights weights;
  weights.types["order.paid"] = kOne;
  weights.categories["order"] = kOne;
  weights.metadata["region"].values["a region with a name that is not short"] = kOne;
  const CriticalityModel model(weights, {});
  RecordedEvent event;
  event.stream = "order-1";
  event.type = "order.paid";
  event.data = "{}";
  event.metadata = {{"region", "a region with a name that is not short"}};
  const uint64_t before = allocations;
  const double score = model.Score(event);
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_GT(score, 0.9);
  const uint64_t explained = allocations;
  EXPECT_EQ(model.Explain(event).size(), 3u);
  EXPECT_GT(allocations - explained, 0u) << "else nothing was counted";
}

}  // namespace
}  // namespace nexus::route
