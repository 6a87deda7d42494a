#include <cstring>

#include "storage/rocksdb/byte_codec.h"
#include "storage/rocksdb/crc32c.h"
#include "storage/rocksdb/event_codec.h"
#include "storage/rocksdb/key_codec.h"
#include "storage/rocksdb/record_codec.h"

namespace nexus::storage {
namespace {

void AppendRouting(std::string& out, const RoutingHints& routing) {
  uint64_t impact_bits = 0;
  std::memcpy(&impact_bits, &routing.business_impact, sizeof(impact_bits));
  AppendU8(out, static_cast<uint8_t>(routing.criticality));
  AppendU8(out, routing.requires_ordering ? 1 : 0);
  AppendU64(out, impact_bits);
  AppendVarint(out, routing.max_latency_ms);
}

void AppendEvent(std::string& out, const CommitEvent& in) {
  const Event& event = in.event;
  const bool routed = event.routing != RoutingHints{};
  AppendVarint(out, in.stream_index);
  AppendU8(out, routed ? kEventHasRouting : 0);
  AppendBytes(out, event.id.AsBytes());
  AppendText(out, event.type);
  AppendVarint(out, event.schema_version);
  AppendText(out, event.content_type);
  AppendVarint(out, event.tags.size());
  for (const std::string& tag : event.tags) AppendText(out, tag);
  AppendVarint(out, event.metadata.size());
  for (const auto& [key, value] : event.metadata) {
    AppendText(out, key);
    AppendText(out, value);
  }
  if (routed) AppendRouting(out, event.routing);
  for (const std::string* text : {&event.correlation_id, &event.causation_id, &event.traceparent,
                                  &event.tracestate, &event.data}) {
    AppendText(out, *text);
  }
}

void AppendStreams(std::string& out, const Commit& commit) {
  std::vector<uint32_t> events(commit.streams.size(), 0);
  for (const CommitEvent& event : commit.events) ++events[event.stream_index];
  AppendVarint(out, commit.streams.size());
  for (size_t i = 0; i < commit.streams.size(); ++i) {
    const ExpectedRevision& expected = commit.streams[i].expected;
    AppendText(out, commit.streams[i].name.str());
    AppendU8(out, static_cast<uint8_t>(expected.kind));
    if (expected.kind == ExpectedRevision::Kind::kExact) AppendVarint(out, expected.exact.value);
    AppendVarint(out, events[i]);
  }
}

// A guess at the size, so that the buffer rarely grows.
size_t ProposalBytes(const Commit& commit) {
  size_t bytes = 128 + commit.streams.size() * 32;
  for (const CommitEvent& event : commit.events) {
    bytes += 160 + event.event.data.size() + event.event.type.size();
  }
  return bytes;
}

}  // namespace

EncodedProposal EncodeProposal(const Commit& commit) {
  EncodedProposal proposal;
  std::string& out = proposal.bytes;
  out.reserve(ProposalBytes(commit));
  AppendVarint(out, commit.tenant);
  AppendBytes(out, commit.id.AsBytes());
  AppendText(out, commit.stamp.principal);
  AppendText(out, commit.stamp.decision_id);
  AppendText(out, commit.stamp.policy_revision);
  AppendVarint(out, commit.stamp.governance_epoch);
  AppendStreams(out, commit);
  for (const CommitEvent& event : commit.events) AppendEvent(out, event);
  proposal.crc = Crc32c(out);
  return proposal;
}

std::string EncodeRecordHead(const CommitReceipt& receipt, uint64_t incarnation,
                             const EncodedProposal& proposal) {
  std::string placement;
  AppendU64(placement, static_cast<uint64_t>(receipt.recorded.micros));
  AppendVarint(placement, incarnation);
  AppendVarint(placement, receipt.last.value - receipt.first.value + 1);
  AppendVarint(placement, receipt.streams.size());
  for (const StreamOutcome& stream : receipt.streams) AppendVarint(placement, stream.first.value);
  AppendVarint(placement, 0);  // removed ranges: none in format 1
  std::string head;
  head.reserve(kRecordPrefixBytes + placement.size());
  AppendU8(head, kFormat);
  AppendU32(head, static_cast<uint32_t>(placement.size()));
  AppendU32(head, ExtendCrc32c(Crc32c(EncodePosition(receipt.first)), placement));
  AppendU32(head, proposal.crc);
  AppendBytes(head, placement);
  return head;
}

}  // namespace nexus::storage
