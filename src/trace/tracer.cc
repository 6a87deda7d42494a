#include "trace/tracer.h"

#include <array>
#include <cassert>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/admission_gate.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::trace {
namespace {

constexpr PageLimits kOneEvent{.events_max = 1, .bytes_max = 1};

// The first events of a commit have ids that lead back to it (DeriveEventId): each is tried.
constexpr uint32_t kDerivedIdsMax = 64;

std::vector<CommitId> CommitsOfDerivedId(const EventId& event) {
  constexpr uint64_t kRandomBits = (uint64_t{1} << 62) - 1;
  uint64_t low = 0;
  for (size_t i = 8; i < event.bytes.size(); ++i) low = low << 8 | event.bytes[i];
  std::vector<CommitId> commits;
  for (uint32_t index = 0; index < kDerivedIdsMax; ++index) {
    const uint64_t moved = (low - (uint64_t{index} + 1) * (uint64_t{1} << 24)) & kRandomBits;
    CommitId& commit = commits.emplace_back(CommitId{event.bytes});
    const uint64_t half = (low & ~kRandomBits) | moved;
    for (size_t i = 0; i < 8; ++i) {
      commit.bytes[15 - i] = static_cast<uint8_t>(half >> (8 * i));
    }
    assert(DeriveEventId(commit, index) == event);
  }
  return commits;
}

absl::StatusOr<Trace> ReadTrace(engine::ReadCursor& cursor, std::string correlation_id,
                                size_t events_max) {
  Trace trace;
  trace.correlation_id = std::move(correlation_id);
  size_t events = 0;
  for (;;) {
    NEXUS_ASSIGN_OR_RETURN(std::optional<engine::ReadPage> page, cursor.Next());
    if (!page.has_value()) break;
    for (const RecordedEvent& event : page->batch.events) {
      if (events++ == events_max) {
        trace.more = true;
        break;
      }
      for (TraceNode& node : NodesOf(event)) trace.nodes.push_back(std::move(node));
    }
    if (page->last || trace.more) break;
  }
  if (trace.nodes.empty()) {
    return MakeError(
        ErrorReason::kNotFound,
        absl::StrCat("nothing that you may read has the correlation id ", trace.correlation_id,
                     ", and no command or commit has it as its id; an event with an "
                     "id of its own is traced by its position"));
  }
  trace.nodes = OrderByCausation(std::move(trace.nodes));
  return trace;
}

}  // namespace

absl::StatusOr<std::string> Tracer::CorrelationAt(Position position) {
  const std::array<Position, 1> wanted = {position};
  NEXUS_ASSIGN_OR_RETURN(const EventBatch page, parts_.reader.ReadAt(wanted, kOneEvent));
  return std::string(page.events.front().correlation_id);
}

// A commit's id, or that of one of its events if the server made it of the commit's.
absl::StatusOr<std::optional<Position>> Tracer::PositionOf(const std::string& id) {
  const absl::StatusOr<CommitId> uuid = CommitId::Parse(id);
  if (!uuid.ok()) return std::optional<Position>();
  NEXUS_ASSIGN_OR_RETURN(const auto commit, parts_.locator.LocateCommit(*uuid));
  if (commit.has_value()) return std::optional<Position>(commit->first);
  for (const CommitId& candidate : CommitsOfDerivedId(EventId{uuid->bytes})) {
    NEXUS_ASSIGN_OR_RETURN(const auto found, parts_.locator.LocateCommit(candidate));
    if (found.has_value()) return std::optional<Position>(found->first);
  }
  return std::optional<Position>();
}

absl::StatusOr<std::string> Tracer::CorrelationOf(const TraceQuery& query) {
  if (query.position.value == 0) {
    NEXUS_ASSIGN_OR_RETURN(const std::optional<Position> position, PositionOf(query.id));
    if (!position.has_value()) return query.id;
    return CorrelationAt(*position);
  }
  if (query.position <= parts_.reader.Head()) return CorrelationAt(query.position);
  return MakeError(ErrorReason::kPositionBeyondHead,
                   absl::StrCat("the log ends before ", query.position.value));
}

void Tracer::Find(TraceQuery query, engine::Caller caller, Done done) {
  if (query.id.empty() == (query.position.value == 0)) {
    return done(MakeError(ErrorReason::kMalformedRequest, "one of id and position must be set"));
  }
  if (query.id.size() > parts_.engine.limits().id_text_bytes_max) {
    return done(MakeError(ErrorReason::kLimitExceeded, "id is longer than any id"));
  }
  auto shared = std::make_shared<Done>(std::move(done));
  const bool taken = parts_.engine.workers().TrySubmit(
      [this, query = std::move(query), caller = std::move(caller), shared]() mutable {
        absl::StatusOr<std::string> correlation = CorrelationOf(query);
        if (!correlation.ok()) return (*shared)(correlation.status());
        engine::ReadQuery read;
        read.filter.items.emplace_back().correlation_ids = {*correlation};
        read.limit = query.events_max + 1;
        parts_.engine.OpenRead(
            std::move(read), std::move(caller),
            [correlation = *std::move(correlation), shared, events_max = query.events_max](
                absl::StatusOr<std::unique_ptr<engine::ReadCursor>> cursor) mutable {
              if (!cursor.ok()) return (*shared)(cursor.status());
              (*shared)(ReadTrace(**cursor, std::move(correlation), events_max));
            });
      });
  if (!taken) (*shared)(engine::WorkersFull());
}

}  // namespace nexus::trace
