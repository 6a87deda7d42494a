#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/byte_codec.h"
#include "storage/rocksdb/crc32c.h"
#include "storage/rocksdb/event_codec.h"
#include "storage/rocksdb/key_codec.h"
#include "storage/rocksdb/record_codec.h"

namespace nexus::storage {
namespace {

absl::Status Damaged(Position key, absl::string_view what) {
  return MakeError(ErrorReason::kDataLoss,
                   absl::StrCat("the commit at position ", key.value, " is damaged: ", what));
}

// Every item takes a byte at least, so a larger count is damage and not a reason to reserve.
bool PlausibleCount(const ByteReader& in, uint64_t count) { return in.ok() && count <= in.left(); }

absl::Status ParsePlacement(Position key, absl::string_view bytes, RecordView& record) {
  ByteReader in(bytes);
  record.first = key;
  record.recorded = Timestamp{static_cast<int64_t>(in.U64())};
  record.incarnation = in.Varint();
  record.events = in.Varint();
  const uint64_t streams = in.Varint();
  if (!PlausibleCount(in, streams)) return Damaged(key, "its stream count");
  record.streams.resize(streams);
  for (RecordStreamView& stream : record.streams) stream.first = Revision(in.Varint());
  const uint64_t removed = in.Varint();
  if (in.ok() && removed != 0) {
    return MakeError(ErrorReason::kUnsupportedFormat,
                     absl::StrCat("the commit at position ", key.value,
                                  " has removed events, which a newer nexusd can read"));
  }
  if (!in.done() || record.events == 0) return Damaged(key, "its placement");
  return absl::OkStatus();
}

bool ReadExpected(ByteReader& in, ExpectedRevision& expected) {
  const uint8_t kind = in.U8();
  if (kind > static_cast<uint8_t>(ExpectedRevision::Kind::kExact)) return false;
  expected.kind = static_cast<ExpectedRevision::Kind>(kind);
  if (expected.kind == ExpectedRevision::Kind::kExact) expected.exact = Revision(in.Varint());
  return true;
}

bool ReadStamp(ByteReader& in, uint8_t format, RecordView& record) {
  record.principal = in.Text();
  record.decision_id = in.Text();
  record.policy_revision = in.Text();
  record.governance_epoch = in.Varint();
  if (format == 1) return true;
  record.method = in.Text();
  const uint8_t flags = in.U8();
  constexpr uint8_t kKnown = kStampHasRequestDigest | kStampHasInputDigest;
  if ((flags & kStampHasRequestDigest) != 0) record.request_digest = in.Bytes(sizeof(Digest128));
  if ((flags & kStampHasInputDigest) != 0) record.input_digest = in.Bytes(sizeof(Digest128));
  record.outcomes = in.Text();
  return (flags & ~kKnown) == 0;
}

absl::Status ParseProposal(absl::string_view bytes, uint8_t format, RecordView& record) {
  ByteReader in(bytes);
  record.tenant = static_cast<uint32_t>(in.Varint());
  record.id = ReadId<CommitId>(in);
  if (!ReadStamp(in, format, record)) return Damaged(record.first, "its stamp");
  if (in.Varint() != record.streams.size()) return Damaged(record.first, "its streams");
  uint64_t events = 0;
  for (RecordStreamView& stream : record.streams) {
    stream.name = in.Text();
    if (!ReadExpected(in, stream.expected)) return Damaged(record.first, "an expectation");
    stream.events = static_cast<uint32_t>(in.Varint());
    events += stream.events;
  }
  if (!in.ok() || events != record.events) return Damaged(record.first, "its streams");
  record.event_bytes = in.rest();
  return absl::OkStatus();
}

void ReadRouting(ByteReader& in, RoutingHints& routing) {
  routing.criticality = static_cast<Criticality>(in.U8());
  routing.requires_ordering = in.U8() != 0;
  const uint64_t impact_bits = in.U64();
  std::memcpy(&routing.business_impact, &impact_bits, sizeof(impact_bits));
  routing.max_latency_ms = static_cast<uint32_t>(in.Varint());
}

void ReadTags(ByteReader& in, RecordedEvent* event) {
  const uint64_t count = in.Varint();
  if (!PlausibleCount(in, count)) return;
  if (event != nullptr) event->tags.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    const absl::string_view tag = in.Text();
    if (event != nullptr) event->tags.push_back(tag);
  }
}

void ReadMetadata(ByteReader& in, RecordedEvent* event) {
  const uint64_t count = in.Varint();
  if (!PlausibleCount(in, count)) return;
  if (event != nullptr) event->metadata.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    const absl::string_view key = in.Text();
    const absl::string_view value = in.Text();
    if (event != nullptr) event->metadata.emplace_back(key, value);
  }
}

// What follows stream index, flags and id. Without `lists` tags and metadata are passed over.
void ReadEventBody(ByteReader& in, uint8_t flags, bool lists, RecordedEvent& event) {
  event.type = in.Text();
  event.schema_version = static_cast<uint32_t>(in.Varint());
  event.content_type = in.Text();
  ReadTags(in, lists ? &event : nullptr);
  ReadMetadata(in, lists ? &event : nullptr);
  if ((flags & kEventHasRouting) != 0) ReadRouting(in, event.routing);
  event.correlation_id = in.Text();
  event.causation_id = in.Text();
  event.traceparent = in.Text();
  event.tracestate = in.Text();
  event.data = in.Text();
}

// The same bytes, of which nobody wants anything.
void PassEventBody(ByteReader& in, uint8_t flags) {
  in.Text();    // type
  in.Varint();  // schema version
  in.Text();    // content type
  ReadTags(in, nullptr);
  ReadMetadata(in, nullptr);
  RoutingHints routing;
  if ((flags & kEventHasRouting) != 0) ReadRouting(in, routing);
  in.Text();  // correlation id
  in.Text();  // causation id
  in.Text();  // traceparent
  in.Text();  // tracestate
  in.Text();  // data
}

void Stamp(const RecordView& record, RecordedEvent& event) {
  event.recorded = record.recorded;
  event.commit_id = record.id;
  event.principal = record.principal;
  event.decision_id = record.decision_id;
  event.policy_revision = record.policy_revision;
  event.governance_epoch = record.governance_epoch;
  event.method = record.method;
  event.request_digest = record.request_digest;
  event.input_digest = record.input_digest;
  event.outcomes = record.outcomes;
}

Digest128 OwnDigest(absl::string_view bytes) {
  Digest128 digest{};
  std::copy_n(bytes.data(), std::min(bytes.size(), digest.size()),
              reinterpret_cast<char*>(digest.data()));
  return digest;
}

AdmissionStamp OwnStamp(const RecordView& record) {
  AdmissionStamp stamp;
  stamp.principal = std::string(record.principal);
  stamp.decision_id = std::string(record.decision_id);
  stamp.policy_revision = std::string(record.policy_revision);
  stamp.governance_epoch = record.governance_epoch;
  stamp.method = std::string(record.method);
  stamp.request_digest = OwnDigest(record.request_digest);
  stamp.input_digest = OwnDigest(record.input_digest);
  stamp.outcomes = std::string(record.outcomes);
  return stamp;
}

// `room(index)` gives the place for a wanted event; it is called once it is known to be wanted.
// Every event is walked over: a record is believed whole or not at all.
template <typename Room>
absl::Status DecodeInto(const RecordView& record, const EventSelection& selection, Room room) {
  ByteReader in(record.event_bytes);
  std::vector<uint64_t> seen(record.streams.size(), 0);
  for (uint64_t i = 0; i < record.events; ++i) {
    const uint64_t index = in.Varint();
    if (!in.ok() || index >= seen.size()) return Damaged(record.first, "an event's stream");
    const Position position = record.first.Plus(i);
    const Revision revision = record.streams[index].first.Plus(seen[index]++);
    const bool by_stream = selection.stream_index.has_value();
    const uint64_t number = by_stream ? revision.value : position.value;
    const bool wanted = (!by_stream || *selection.stream_index == index) &&
                        number >= selection.low && number <= selection.high;
    const uint8_t flags = in.U8();
    const auto id = ReadId<EventId>(in);
    if (!wanted) {
      PassEventBody(in, flags);
      if (!in.ok()) return Damaged(record.first, "an event");
      continue;
    }
    RecordedEvent& event = room(static_cast<uint32_t>(index));
    event.id = id;
    event.position = position;
    event.revision = revision;
    event.stream = record.streams[index].name;
    ReadEventBody(in, flags, !selection.without_lists, event);
    if (!in.ok()) return Damaged(record.first, "an event");
    Stamp(record, event);
  }
  if (!in.done()) return Damaged(record.first, "bytes after its last event");
  for (size_t i = 0; i < seen.size(); ++i) {
    if (seen[i] != record.streams[i].events) return Damaged(record.first, "a stream's count");
  }
  return absl::OkStatus();
}

Event OwnEvent(const RecordedEvent& view) {
  Event event;
  event.id = view.id;
  event.type = std::string(view.type);
  event.schema_version = view.schema_version;
  event.content_type = std::string(view.content_type);
  event.data = std::string(view.data);
  for (const absl::string_view tag : view.tags) event.tags.emplace_back(tag);
  for (const auto& [key, value] : view.metadata) {
    event.metadata.emplace_back(std::string(key), std::string(value));
  }
  event.routing = view.routing;
  event.correlation_id = std::string(view.correlation_id);
  event.causation_id = std::string(view.causation_id);
  event.traceparent = std::string(view.traceparent);
  event.tracestate = std::string(view.tracestate);
  return event;
}

CommitReceipt ReceiptOf(const RecordView& record, const Commit& commit) {
  CommitReceipt receipt;
  receipt.id = record.id;
  receipt.first = record.first;
  receipt.last = record.last();
  receipt.recorded = record.recorded;
  for (size_t i = 0; i < record.streams.size(); ++i) {
    const RecordStreamView& stream = record.streams[i];
    StreamOutcome outcome{commit.streams[i].name, Revision(), Revision(), stream.events};
    if (stream.events > 0) {
      outcome.first = stream.first;
      outcome.last = stream.first.Plus(stream.events - 1);
    }
    receipt.streams.push_back(std::move(outcome));
  }
  return receipt;
}

}  // namespace

absl::StatusOr<RecordView> ParseRecord(Position key, absl::string_view value) {
  ByteReader in(value);
  const uint8_t format = in.U8();
  if (in.ok() && format > kRecordFormat) {
    return MakeError(ErrorReason::kUnsupportedFormat,
                     absl::StrCat("the commit at position ", key.value, " has format ", format,
                                  ": start the newer nexusd that wrote it"));
  }
  const uint32_t placement_bytes = in.U32();
  const uint32_t placement_crc = in.U32();
  const uint32_t proposal_crc = in.U32();
  const absl::string_view placement = in.Bytes(placement_bytes);
  if (!in.ok() || format == 0) return Damaged(key, "its first bytes");
  std::string place = EncodePosition(key);
  if (format > 1) place.push_back(static_cast<char>(format));
  if (ExtendCrc32c(Crc32c(place), placement) != placement_crc) {
    return Damaged(key, "checksum of its placement");
  }
  if (Crc32c(in.rest()) != proposal_crc) return Damaged(key, "checksum of its content");
  RecordView record;
  NEXUS_RETURN_IF_ERROR(ParsePlacement(key, placement, record));
  NEXUS_RETURN_IF_ERROR(ParseProposal(in.rest(), format, record));
  return record;
}

absl::Status DecodeEvents(const RecordView& record, const EventSelection& selection,
                          std::vector<RecordedEvent>& out) {
  return DecodeInto(record, selection,
                    [&](uint32_t) -> RecordedEvent& { return out.emplace_back(); });
}

absl::StatusOr<std::vector<RecordedEvent>> DecodeEvents(const RecordView& record,
                                                        const EventSelection& selection) {
  std::vector<RecordedEvent> events;
  NEXUS_RETURN_IF_ERROR(DecodeEvents(record, selection, events));
  return events;
}

absl::StatusOr<log::StoredCommit> DecodeCommit(const RecordView& record) {
  log::StoredCommit stored;
  Commit& commit = stored.commit;
  commit.tenant = record.tenant;
  commit.id = record.id;
  commit.stamp = OwnStamp(record);
  commit.proposed = record.recorded;
  for (const RecordStreamView& stream : record.streams) {
    absl::StatusOr<StreamName> name = StreamName::Parse(stream.name);
    if (!name.ok()) return Damaged(record.first, "a stream name");
    commit.streams.push_back({*std::move(name), stream.expected});
  }
  std::vector<uint32_t> indexes;
  std::vector<RecordedEvent> events;
  NEXUS_RETURN_IF_ERROR(DecodeInto(record, {}, [&](uint32_t index) -> RecordedEvent& {
    indexes.push_back(index);
    return events.emplace_back();
  }));
  for (size_t i = 0; i < events.size(); ++i) {
    commit.events.push_back({indexes[i], OwnEvent(events[i])});
  }
  stored.receipt = ReceiptOf(record, commit);
  return stored;
}

// As a record at position 1: what ordering will decide does not matter.
absl::StatusOr<Commit> DecodeProposal(const Commit& bare, const EncodedProposal& proposal) {
  CommitReceipt receipt;
  receipt.first = Position(1);
  receipt.last = Position(bare.events.size());
  for (const CommitStream& stream : bare.streams)
    receipt.streams.push_back({stream.name, {}, {}, 0});
  for (const CommitEvent& entry : bare.events) ++receipt.streams[entry.stream_index].events;
  const std::string bytes = absl::StrCat(EncodeRecordHead(receipt, 1, proposal), proposal.bytes);
  NEXUS_ASSIGN_OR_RETURN(const RecordView record, ParseRecord(receipt.first, bytes));
  NEXUS_ASSIGN_OR_RETURN(log::StoredCommit stored, DecodeCommit(record));
  return std::move(stored.commit);
}

std::optional<uint32_t> FindStreamIndex(const RecordView& record, absl::string_view name) {
  for (size_t i = 0; i < record.streams.size(); ++i) {
    if (record.streams[i].name == name) return static_cast<uint32_t>(i);
  }
  return std::nullopt;
}

}  // namespace nexus::storage
