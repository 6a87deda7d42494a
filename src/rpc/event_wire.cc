#include "rpc/event_wire.h"

#include <array>

#include "grpc/slice.h"
#include "rpc/wire_fields.h"

namespace nexus::rpc {
namespace {

// Fields of proto/nexus/v1/event.proto.
constexpr uint32_t kEvents = 1;  // of ReadResponse and EventBatch
constexpr uint32_t kEventId = 1, kStream = 2, kRevision = 3, kPosition = 4, kType = 5;
constexpr uint32_t kSchemaVersion = 6, kContentType = 7, kData = 8, kTags = 9, kMetadata = 10;
constexpr uint32_t kRouting = 11, kCorrelation = 12, kCausation = 13, kTraceparent = 14;
constexpr uint32_t kTracestate = 15, kCommitId = 16, kRecorded = 17, kAdmission = 18;
constexpr uint32_t kDataVersion = 19, kGap = 20;
constexpr uint32_t kGapVersion = 1, kGapReason = 2;
constexpr uint32_t kKey = 1, kValue = 2;  // of an entry of a map
constexpr uint32_t kCriticality = 1, kImpact = 2, kOrdering = 3, kLatency = 4;
constexpr uint32_t kSeconds = 1, kNanos = 2;
constexpr uint32_t kPrincipal = 1, kDecision = 2, kPolicy = 3, kEpoch = 4, kMethod = 5;
constexpr uint32_t kRequestDigest = 6, kInputDigest = 7, kOutcomes = 8;
constexpr size_t kUuidText = 36;

constexpr std::array<char, 512> MakeHexPairs() {
  std::array<char, 512> pairs{};
  constexpr char kHex[] = "0123456789abcdef";
  for (size_t i = 0; i < 256; ++i) {
    pairs[2 * i] = kHex[i >> 4];
    pairs[2 * i + 1] = kHex[i & 15];
  }
  return pairs;
}
constexpr std::array<char, 512> kHexPairs = MakeHexPairs();

char* WriteUuid(char* out, uint32_t field, const UuidBytes& bytes) {
  out = WriteLength(out, field, kUuidText);
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
    std::memcpy(out, &kHexPairs[size_t{2} * bytes[i]], 2);
    out += 2;
  }
  return out;
}

size_t EntryBytes(absl::string_view key, absl::string_view value) {
  return LengthBytes(kKey, key.size()) + LengthBytes(kValue, value.size());
}

// By its bits: a zero with a sign is not the default.
uint64_t ImpactBits(const RoutingHints& hints) {
  uint64_t bits = 0;
  std::memcpy(&bits, &hints.business_impact, sizeof(bits));
  return bits;
}

size_t RoutingBytes(const RoutingHints& hints) {
  return NumberBytes(kCriticality, static_cast<uint64_t>(hints.criticality)) +
         (ImpactBits(hints) == 0 ? 0 : TagBytes(kImpact) + sizeof(uint64_t)) +
         NumberBytes(kOrdering, hints.requires_ordering ? 1 : 0) +
         NumberBytes(kLatency, hints.max_latency_ms);
}

char* WriteRouting(char* out, const RoutingHints& hints) {
  out = WriteLength(out, kRouting, RoutingBytes(hints));
  out = WriteNumber(out, kCriticality, static_cast<uint64_t>(hints.criticality));
  if (const uint64_t bits = ImpactBits(hints); bits != 0) {
    out = WriteTag(out, kImpact, kFixed64);
    for (int shift = 0; shift < 64; shift += 8) *out++ = static_cast<char>(bits >> shift);
  }
  out = WriteNumber(out, kOrdering, hints.requires_ordering ? 1 : 0);
  return WriteNumber(out, kLatency, hints.max_latency_ms);
}

size_t GapBytes(const RecordedEvent& event) {
  return NumberBytes(kGapVersion, event.gap_version) + TextBytes(kGapReason, event.gap_reason);
}

// Everything but the fields of the commit.
size_t OwnBytes(const RecordedEvent& event) {
  size_t bytes =
      LengthBytes(kEventId, kUuidText) + TextBytes(kStream, event.stream) +
      NumberBytes(kRevision, event.revision.value) + NumberBytes(kPosition, event.position.value) +
      TextBytes(kType, event.type) + NumberBytes(kSchemaVersion, event.schema_version) +
      TextBytes(kContentType, event.content_type) + TextBytes(kData, event.data) +
      TextBytes(kCorrelation, event.correlation_id) + TextBytes(kCausation, event.causation_id) +
      TextBytes(kTraceparent, event.traceparent) + TextBytes(kTracestate, event.tracestate);
  for (const absl::string_view tag : event.tags) bytes += LengthBytes(kTags, tag.size());
  for (const auto& [key, value] : event.metadata) {
    bytes += LengthBytes(kMetadata, EntryBytes(key, value));
  }
  if (event.routing != RoutingHints()) bytes += LengthBytes(kRouting, RoutingBytes(event.routing));
  bytes += NumberBytes(kDataVersion, event.data_version);
  if (event.gap_version != 0) bytes += LengthBytes(kGap, GapBytes(event));
  return bytes;
}

char* WriteOwn(char* out, const RecordedEvent& event) {
  out = WriteUuid(out, kEventId, event.id.bytes);
  out = WriteText(out, kStream, event.stream);
  out = WriteNumber(out, kRevision, event.revision.value);
  out = WriteNumber(out, kPosition, event.position.value);
  out = WriteText(out, kType, event.type);
  out = WriteNumber(out, kSchemaVersion, event.schema_version);
  out = WriteText(out, kContentType, event.content_type);
  out = WriteText(out, kData, event.data);
  for (const absl::string_view tag : event.tags) out = WriteItem(out, kTags, tag);
  for (const auto& [key, value] : event.metadata) {
    out = WriteLength(out, kMetadata, EntryBytes(key, value));
    out = WriteItem(WriteItem(out, kKey, key), kValue, value);
  }
  if (event.routing != RoutingHints()) out = WriteRouting(out, event.routing);
  out = WriteText(out, kCorrelation, event.correlation_id);
  out = WriteText(out, kCausation, event.causation_id);
  out = WriteText(out, kTraceparent, event.traceparent);
  out = WriteText(out, kTracestate, event.tracestate);
  out = WriteNumber(out, kDataVersion, event.data_version);
  if (event.gap_version == 0) return out;
  out = WriteLength(out, kGap, GapBytes(event));
  return WriteText(WriteNumber(out, kGapVersion, event.gap_version), kGapReason, event.gap_reason);
}

size_t AdmissionBytes(const RecordedEvent& event) {
  return TextBytes(kPrincipal, event.principal) + TextBytes(kDecision, event.decision_id) +
         TextBytes(kPolicy, event.policy_revision) + NumberBytes(kEpoch, event.governance_epoch) +
         TextBytes(kMethod, event.method) + TextBytes(kRequestDigest, event.request_digest) +
         TextBytes(kInputDigest, event.input_digest) + TextBytes(kOutcomes, event.outcomes);
}

char* WriteAdmission(char* out, const RecordedEvent& event) {
  out = WriteText(out, kPrincipal, event.principal);
  out = WriteText(out, kDecision, event.decision_id);
  out = WriteText(out, kPolicy, event.policy_revision);
  out = WriteNumber(out, kEpoch, event.governance_epoch);
  out = WriteText(out, kMethod, event.method);
  out = WriteText(out, kRequestDigest, event.request_digest);
  out = WriteText(out, kInputDigest, event.input_digest);
  return WriteText(out, kOutcomes, event.outcomes);
}

bool SamePlace(absl::string_view a, absl::string_view b) {
  return a.data() == b.data() && a.size() == b.size();
}

// Texts of one record are the same memory; others may be equal, which is not worth a look.
bool SameCommit(const RecordedEvent& a, const RecordedEvent& b) {
  return a.commit_id == b.commit_id && a.recorded == b.recorded &&
         a.governance_epoch == b.governance_epoch && SamePlace(a.principal, b.principal) &&
         SamePlace(a.decision_id, b.decision_id) && SamePlace(a.policy_revision, b.policy_revision);
}

// Two tags and two varints.
constexpr size_t kFrameBytesMax = 24;

size_t PresentBytes(uint32_t field, std::optional<uint64_t> n) {
  return n ? TagBytes(field) + VarintBytes(*n) : 0;
}

struct WireTime {
  uint64_t seconds;
  uint64_t nanos;
};

WireTime TimeOf(Timestamp time) {
  constexpr int64_t kMicros = 1'000'000;
  int64_t seconds = time.micros / kMicros;
  int64_t rest = time.micros % kMicros;
  if (rest < 0) {
    rest += kMicros;
    --seconds;
  }
  return {static_cast<uint64_t>(seconds), static_cast<uint64_t>(rest) * 1'000};
}

}  // namespace

void EventWire::EncodeCommit(const RecordedEvent& event) {
  const WireTime time = TimeOf(event.recorded);
  const size_t time_bytes = NumberBytes(kSeconds, time.seconds) + NumberBytes(kNanos, time.nanos);
  const size_t admission_bytes = AdmissionBytes(event);
  commit_begin_ = commits_.size();
  commits_.resize(commit_begin_ + LengthBytes(kCommitId, kUuidText) +
                  LengthBytes(kRecorded, time_bytes) + LengthBytes(kAdmission, admission_bytes));
  char* out = WriteUuid(commits_.data() + commit_begin_, kCommitId, event.commit_id.bytes);
  out = WriteLength(out, kRecorded, time_bytes);
  out = WriteNumber(WriteNumber(out, kSeconds, time.seconds), kNanos, time.nanos);
  out = WriteLength(out, kAdmission, admission_bytes);
  WriteAdmission(out, event);
}

void EventWire::Add(const RecordedEvent& event) {
  if (items_.empty() || !SameCommit(*items_.back().event, event)) EncodeCommit(event);
  const size_t body = OwnBytes(event) + commits_.size() - commit_begin_;
  items_.push_back({&event, body, LengthBytes(kEvents, body), commit_begin_, commits_.size()});
  bytes_ += items_.back().bytes;
}

char* EventWire::Write(char* out) const {
  const absl::string_view commits = commits_;
  for (const Item& item : items_) {
    out = WriteOwn(WriteLength(out, kEvents, item.body), *item.event);
    out = WriteBytes(out, commits.substr(item.commit_begin, item.commit_end - item.commit_begin));
  }
  return out;
}

grpc::Slice EventWire::ToSlice() const {
  char* out = nullptr;
  grpc::Slice slice = NewSlice(bytes_, out);
  Write(out);
  return slice;
}

grpc::Slice NewSlice(size_t bytes, char*& begin) {
  // Always counted: a short slice of the other kind holds its bytes in itself, and moves.
  grpc_slice slice = grpc_slice_malloc_large(bytes);
  begin = reinterpret_cast<char*>(GRPC_SLICE_START_PTR(slice));
  return grpc::Slice(slice, grpc::Slice::STEAL_REF);
}

grpc::Slice EncodeReadResponse(const EventBatch& batch, std::optional<uint64_t> checkpoint) {
  constexpr uint32_t kHead = 2;
  constexpr uint32_t kCheckpoint = 3;
  EventWire events;
  for (const RecordedEvent& event : batch.events) events.Add(event);
  char* out = nullptr;
  grpc::Slice slice = NewSlice(
      events.bytes() + NumberBytes(kHead, batch.head.value) + PresentBytes(kCheckpoint, checkpoint),
      out);
  out = WriteNumber(events.Write(out), kHead, batch.head.value);
  if (checkpoint) WritePresent(out, kCheckpoint, *checkpoint);
  return slice;
}

SubscribeFrame FrameOf(size_t event_bytes, std::optional<uint64_t> checkpoint, Position head) {
  constexpr uint32_t kBatch = 1;
  constexpr uint32_t kCheckpoint = 2;
  constexpr uint32_t kHead = 3;
  std::array<char, kFrameBytesMax> bytes;
  const size_t body =
      event_bytes + PresentBytes(kCheckpoint, checkpoint) + NumberBytes(kHead, head.value);
  const char* end = WriteLength(bytes.data(), kBatch, body);
  SubscribeFrame frame;
  frame.before = grpc::Slice(bytes.data(), static_cast<size_t>(end - bytes.data()));
  char* out = bytes.data();
  if (checkpoint) out = WritePresent(out, kCheckpoint, *checkpoint);
  end = WriteNumber(out, kHead, head.value);
  frame.after = grpc::Slice(bytes.data(), static_cast<size_t>(end - bytes.data()));
  return frame;
}

}  // namespace nexus::rpc
