#include "cost/allocations.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace nexus::cost {
namespace {

std::atomic<uint64_t> calls{0};
std::atomic<uint64_t> bytes{0};

void* Count(size_t size, void* memory) {
  calls.fetch_add(1, std::memory_order_relaxed);
  bytes.fetch_add(size, std::memory_order_relaxed);
  if (memory == nullptr) std::abort();
  return memory;
}

}  // namespace

Allocations AllocationsSoFar() { return {calls.load(), bytes.load()}; }

}  // namespace nexus::cost

// Every other form of new and delete ends in one of these.
void* operator new(size_t size) {
  return nexus::cost::Count(size, std::malloc(size == 0 ? 1 : size));
}
void* operator new(size_t size, std::align_val_t alignment) {
  const auto align = static_cast<size_t>(alignment);
  return nexus::cost::Count(size, std::aligned_alloc(align, (size + align - 1) / align * align));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
