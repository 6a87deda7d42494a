#include <cstring>

#include "absl/container/inlined_vector.h"
#include "storage/rocksdb/byte_codec.h"
#include "storage/rocksdb/crc32c.h"
#include "storage/rocksdb/event_codec.h"
#include "storage/rocksdb/key_codec.h"
#include "storage/rocksdb/record_codec.h"

namespace nexus::storage {
namespace {

// Where the bytes go, or how many they will be: the same walk counts and writes, so the two cannot
// differ, and the buffer is allocated once.
class ByteCounter {
 public:
  void U8(uint8_t) { ++bytes_; }
  void U64(uint64_t) { bytes_ += 8; }
  void Varint(uint64_t n) { bytes_ += VarintBytes(n); }
  void Bytes(absl::string_view bytes) { bytes_ += bytes.size(); }
  void Text(absl::string_view text) { bytes_ += TextBytes(text); }

  size_t bytes() const { return bytes_; }

 private:
  size_t bytes_ = 0;
};

template <typename Out>
void WriteRouting(Out& out, const RoutingHints& routing) {
  uint64_t impact_bits = 0;
  std::memcpy(&impact_bits, &routing.business_impact, sizeof(impact_bits));
  out.U8(static_cast<uint8_t>(routing.criticality));
  out.U8(routing.requires_ordering ? 1 : 0);
  out.U64(impact_bits);
  out.Varint(routing.max_latency_ms);
}

template <typename Out>
void WriteEvent(Out& out, const CommitEvent& in) {
  const Event& event = in.event;
  const bool routed = event.routing != RoutingHints{};
  out.Varint(in.stream_index);
  out.U8(routed ? kEventHasRouting : 0);
  out.Bytes(event.id.AsBytes());
  out.Text(event.type);
  out.Varint(event.schema_version);
  out.Text(event.content_type);
  out.Varint(event.tags.size());
  for (const std::string& tag : event.tags) out.Text(tag);
  out.Varint(event.metadata.size());
  for (const auto& [key, value] : event.metadata) {
    out.Text(key);
    out.Text(value);
  }
  if (routed) WriteRouting(out, event.routing);
  for (const std::string* text : {&event.correlation_id, &event.causation_id, &event.traceparent,
                                  &event.tracestate, &event.data}) {
    out.Text(*text);
  }
}

template <typename Out>
void WriteStreams(Out& out, const Commit& commit) {
  absl::InlinedVector<uint32_t, 4> events(commit.streams.size(), 0);
  for (const CommitEvent& event : commit.events) ++events[event.stream_index];
  out.Varint(commit.streams.size());
  for (size_t i = 0; i < commit.streams.size(); ++i) {
    const ExpectedRevision& expected = commit.streams[i].expected;
    out.Text(commit.streams[i].name.str());
    out.U8(static_cast<uint8_t>(expected.kind));
    if (expected.kind == ExpectedRevision::Kind::kExact) out.Varint(expected.exact.value);
    out.Varint(events[i]);
  }
}

template <typename Out>
void WriteStamp(Out& out, const AdmissionStamp& stamp) {
  out.Text(stamp.principal);
  out.Text(stamp.decision_id);
  out.Text(stamp.policy_revision);
  out.Varint(stamp.governance_epoch);
  out.Text(stamp.method);
  const bool request = stamp.request_digest != Digest128{};
  const bool input = stamp.input_digest != Digest128{};
  out.U8((request ? kStampHasRequestDigest : 0) | (input ? kStampHasInputDigest : 0));
  if (request) out.Bytes(DigestBytes(stamp.request_digest));
  if (input) out.Bytes(DigestBytes(stamp.input_digest));
  out.Text(stamp.outcomes);
}

template <typename Out>
void WriteProposal(Out& out, const Commit& commit) {
  out.Varint(commit.tenant);
  out.Bytes(commit.id.AsBytes());
  WriteStamp(out, commit.stamp);
  WriteStreams(out, commit);
  for (const CommitEvent& event : commit.events) WriteEvent(out, event);
}

template <typename Out>
void WritePlacement(Out& out, const CommitReceipt& receipt, uint64_t incarnation) {
  out.U64(static_cast<uint64_t>(receipt.recorded.micros));
  out.Varint(incarnation);
  out.Varint(receipt.last.value - receipt.first.value + 1);
  out.Varint(receipt.streams.size());
  for (const StreamOutcome& stream : receipt.streams) out.Varint(stream.first.value);
  out.Varint(0);  // removed ranges: none in any format
}

}  // namespace

EncodedProposal EncodeProposal(const Commit& commit) {
  EncodedProposal proposal;
  ByteCounter counter;
  WriteProposal(counter, commit);
  proposal.bytes.resize(counter.bytes());
  ByteWriter writer(proposal.bytes.data());
  WriteProposal(writer, commit);
  proposal.crc = Crc32c(proposal.bytes);
  return proposal;
}

std::string EncodeRecordHead(const CommitReceipt& receipt, uint64_t incarnation,
                             const EncodedProposal& proposal) {
  ByteCounter counter;
  WritePlacement(counter, receipt, incarnation);
  std::string head(kRecordPrefixBytes + counter.bytes(), '\0');
  ByteWriter placement(head.data() + kRecordPrefixBytes);
  WritePlacement(placement, receipt, incarnation);
  char position[9];
  ByteWriter place(position);
  place.U64(receipt.first.value);
  place.U8(kRecordFormat);
  const uint32_t crc =
      ExtendCrc32c(Crc32c(absl::string_view(position, sizeof(position))),
                   absl::string_view(head.data() + kRecordPrefixBytes, counter.bytes()));
  ByteWriter prefix(head.data());
  prefix.U8(kRecordFormat);
  prefix.Fixed(counter.bytes(), 4);
  prefix.Fixed(crc, 4);
  prefix.Fixed(proposal.crc, 4);
  return head;
}

}  // namespace nexus::storage
