#include "temporal/temporal_queries.h"

#include <array>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/denial_record.h"
#include "nexus/core/audit_streams.h"
#include "nexus/core/errors.h"
#include "nexus/core/text.h"
#include "temporal/state_diff.h"

namespace nexus::temporal {
namespace {

constexpr std::array kBuckets = {.001, .0025, .005, .01, .025, .05, .1,
                                 .25,  .5,    1.0,  2.5, 5.0,  10., 30.};

std::optional<Timestamp> TimeOf(const PastPoint& point) {
  if (point.kind != PastPoint::Kind::kTime) return std::nullopt;
  return point.time;
}

absl::Status CheckQuery(const PastQuery& query, const Limits& limits, JsonReader& json) {
  const absl::StatusOr<StreamName> stream = StreamName::Parse(query.stream);
  if (!stream.ok()) return stream.status();
  if (query.pointer.size() > limits.metadata_bytes_max) {
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("pointer: it has at most ", limits.metadata_bytes_max, " bytes"));
  }
  if (FindInvalidUtf8(query.pointer).has_value()) {
    return MakeError(ErrorReason::kInvalidUtf8, "pointer: it is not UTF-8");
  }
  if (query.kind == QueryKind::kDiff && !query.from.has_value()) {
    return MakeError(ErrorReason::kMalformedRequest, "from: a diff needs two points");
  }
  return ValueAt("null", query.pointer, json).status();  // whether it is a pointer
}

AuditRecord RecordOf(const PastQuery& query, const engine::Caller& caller) {
  AuditRecord record;
  record.type = std::string(kTemporalQueryType);
  record.client = engine::ClientOf(caller);
  record.action = QueryName(query.kind);
  record.subject = query.stream;
  if (query.from.has_value()) record.details.emplace_back("from", PointText(*query.from));
  record.details.emplace_back("to", PointText(query.to));
  if (!query.pointer.empty()) record.details.emplace_back("pointer", query.pointer);
  if (!query.continuation.empty()) record.details.emplace_back("continued", "true");
  record.correlation_id = caller.correlation_id;
  return record;
}

}  // namespace

TemporalQueries::TemporalQueries(const TemporalQueriesParts& parts,
                                 const TemporalWorkerOptions& options)
    : parts_(parts),
      continuations_(parts.secrets),
      seconds_(parts.engine.metrics().GetHistogram(
          "nexus_temporal_query_duration_seconds",
          "Time of a query of the past, from its coming to its answer.", {}, kBuckets)),
      events_(parts.engine.metrics().GetCounter("nexus_temporal_events_total",
                                                "Events folded for queries of the past.", {})),
      worker_({parts.reader, parts.engine.evolution(), parts.engine.clock(), parts.scripts,
               parts.json, continuations_, parts.domains, parts.snapshots},
              options) {}

void TemporalQueries::Ask(PastQuery query, engine::Caller caller, Done done) {
  done = Watched(query, caller, std::move(done));
  if (absl::Status fault = CheckQuery(query, parts_.engine.limits(), parts_.json); !fault.ok()) {
    return done(std::move(fault));
  }
  const char* const call = QueryName(query.kind);
  std::string stream = query.stream;
  const auto from_time = query.from.has_value() ? TimeOf(*query.from) : std::nullopt;
  const auto to_time = TimeOf(query.to);
  TemporalCall waiting{
      std::move(query), caller.principal.name, {}, caller.deadline, std::move(done)};
  parts_.engine.AdmitQuery(
      call, std::move(stream), from_time, to_time, std::move(caller),
      [this, waiting = std::move(waiting)](absl::StatusOr<index::Visible> visible) mutable {
        if (!visible.ok()) return waiting.done(visible.status());
        waiting.visible = *std::move(visible);
        worker_.Submit(std::move(waiting));
      });
}

// Counts it, and writes it down with what became of it. What rules refuse was written down as a
// refusal, but for what comes out in the middle of the events.
TemporalQueries::Done TemporalQueries::Watched(const PastQuery& query, const engine::Caller& caller,
                                               Done done) {
  const absl::Duration begun = parts_.engine.clock().Monotonic();
  return [this, begun, kind = query.kind, record = RecordOf(query, caller),
          done = std::move(done)](absl::StatusOr<PastAnswer> answer) mutable {
    const absl::string_view result =
        answer.ok() ? absl::string_view("OK") : ReasonName(ReasonOf(answer.status()));
    parts_.engine.metrics()
        .GetCounter("nexus_temporal_queries_total",
                    "Queries of the past answered, by kind and result.",
                    {{"kind", QueryName(kind)}, {"result", std::string(result)}})
        .Add(1);
    seconds_.Observe(absl::ToDoubleSeconds(parts_.engine.clock().Monotonic() - begun));
    if (answer.ok()) {
      events_.Add(static_cast<double>(answer->fold.events_read));
      record.details.emplace_back("events", absl::StrCat(answer->fold.events_read));
      record.details.emplace_back("position", absl::StrCat(answer->position.value));
    }
    record.outcome = std::string(result);
    if (AuditLedger* const ledger = parts_.engine.ledger()) ledger->Record(std::move(record));
    done(std::move(answer));
  };
}

}  // namespace nexus::temporal
