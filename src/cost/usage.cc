#include "cost/usage.h"

#include "cost/money.h"

namespace nexus::cost {
namespace {

void Scale(uint64_t& value, uint64_t factor, uint64_t divisor) {
  value = ScaledUp(value, factor, divisor);
}

void ScaleTotals(Usage& usage, uint64_t factor, uint64_t divisor) {
  Scale(usage.events, factor, divisor);
  Scale(usage.bytes, factor, divisor);
  for (auto& [size, count] : usage.pieces) Scale(count, factor, divisor);
}

}  // namespace

Usage UsageOf(const Workload& workload, uint64_t permille, const std::set<uint64_t>& piece_sizes) {
  Usage usage;
  usage.events = ScaledUp(workload.events, permille, kWholePermille);
  usage.bytes = ScaledUp(usage.events, workload.event_bytes, 1);
  usage.peak_events = ScaledUp(workload.peak_events, permille, kWholePermille);
  usage.peak_bytes = ScaledUp(usage.peak_events, workload.event_bytes, 1);
  for (const uint64_t size : piece_sizes) {
    usage.pieces[size] = ScaledUp(usage.events, PiecesOf(workload.event_bytes, size), 1);
  }
  return usage;
}

Usage Projected(const Usage& usage, uint64_t measured_seconds, uint64_t seconds) {
  Usage projected = usage;
  ScaleTotals(projected, seconds, measured_seconds);
  return projected;
}

Usage WithDuplicates(const Usage& usage, uint64_t duplicate_millionths) {
  Usage sent = usage;
  const uint64_t factor = kMillionths + duplicate_millionths;
  ScaleTotals(sent, factor, kMillionths);
  Scale(sent.peak_events, factor, kMillionths);
  Scale(sent.peak_bytes, factor, kMillionths);
  return sent;
}

}  // namespace nexus::cost
