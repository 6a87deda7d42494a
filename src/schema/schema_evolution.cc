#include "schema/schema_evolution.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/media_type.h"
#include "nexus/core/status_macros.h"

namespace nexus::schema {
namespace {

// For who got no thread to run steps on.
class NoRunner : public UpcastRunner {
 public:
  explicit NoRunner(absl::Status why) : why_(std::move(why)) {}
  void Begin(size_t) override {}
  absl::StatusOr<std::string> Run(const DeclaredStep&, const RecordedEvent&) override {
    return why_;
  }

 private:
  const absl::Status why_;
};

}  // namespace

// One page on its way. Events of one type and version go the same one.
class SchemaEvolution::Batch {
 public:
  Batch(const SchemaLanguages& languages, const WayMap& map, const SchemaView& view,
        EventBatch& events)
      : languages_(languages), events_(events) {
    ways_of_.reserve(events.events.size());
    for (const RecordedEvent& event : events.events) {
      const auto [known, is_new] =
          ways_.try_emplace(std::pair(event.type, event.schema_version), std::nullopt);
      if (is_new) known->second = map.WayOf(view, event.type, event.schema_version);
      const bool needs = known->second.has_value() && known->second->is_declared;
      has_declared_ = has_declared_ || needs;
      ways_of_.emplace_back(event.type, event.schema_version);
    }
  }

  bool has_declared() const { return has_declared_; }
  uint64_t evolved() const { return evolved_; }
  uint64_t gaps() const { return gaps_; }

  absl::Status Go(UpcastRunner& runner) {
    runner.Begin(events_.events.size());
    absl::Status first;
    for (size_t i = 0; i < events_.events.size(); ++i) {
      const std::optional<EventWay>& way = ways_.at(ways_of_[i]);
      if (!way.has_value()) continue;
      RecordedEvent& event = events_.events[i];
      absl::Status put = Put(event, *way, runner);
      if (put.ok()) continue;
      ++gaps_;
      event.gap_version = way->version;
      event.gap_reason = Keep(std::string(put.message()));
      if (first.ok() && way->is_declared) first = Told(event, std::move(put));
    }
    return first;
  }

 private:
  static absl::Status Told(const RecordedEvent& event, const absl::Status& why) {
    const bool will_pass = ReasonOf(why) == ErrorReason::kOverloaded;
    return MakeError(
        will_pass ? ErrorReason::kOverloaded : ErrorReason::kDomainCodeFailed,
        absl::StrCat("revision ", event.revision.value, " of ", event.stream, " (", event.type,
                     " version ", event.schema_version, ", position ", event.position.value,
                     ") cannot be given as version ", event.gap_version, ": ", why.message()));
  }

  absl::string_view Keep(std::string text) {
    if (made_ == nullptr) {
      events_.backing.push_back(made_ = std::make_shared<std::deque<std::string>>());
    }
    return made_->emplace_back(std::move(text));
  }

  absl::Status Put(RecordedEvent& event, const EventWay& way, UpcastRunner& runner) {
    NEXUS_ASSIGN_OR_RETURN(std::string data, DataOf(event, way, runner));
    ++evolved_;
    event.data_version = way.version;
    if (data != event.data) event.data = Keep(std::move(data));
    if (way.type == event.type) return absl::OkStatus();
    const std::pair entry(kStoredTypeKey, event.type);
    event.metadata.insert(std::lower_bound(event.metadata.begin(), event.metadata.end(), entry),
                          entry);
    event.type = Keep(way.type);
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> DataOf(const RecordedEvent& stored, const EventWay& way,
                                     UpcastRunner& runner) const {
    if (!way.fault.ok()) return way.fault;
    std::string data(stored.data);
    RecordedEvent now;  // what a declared step is given
    if (way.is_declared) now = stored;
    for (const WayStep& step : way.steps) {
      if (step.declared == nullptr) {
        NEXUS_ASSIGN_OR_RETURN(data, Derive(*step.from, *step.to, data));
        continue;
      }
      if (!IsJsonMediaType(stored.content_type)) {
        return MakeError(ErrorReason::kUnimplemented,
                         absl::StrCat("an upcaster takes JSON, not ", stored.content_type));
      }
      now.type = step.declared->type;
      now.data = data;
      NEXUS_ASSIGN_OR_RETURN(data, runner.Run(*step.declared, now));
    }
    return Checked(std::move(data), way, stored);
  }

  static absl::StatusOr<std::string> Checked(std::string data, const EventWay& way,
                                             const RecordedEvent& stored) {
    NEXUS_ASSIGN_OR_RETURN(const std::vector<Violation> violations,
                           way.target->compiled->Validate(data, 1));
    if (violations.empty()) return data;
    return MakeError(ErrorReason::kSchemaViolation,
                     absl::StrCat("the data do not fit version ", way.version,
                                  way.type == stored.type ? "" : absl::StrCat(" of ", way.type),
                                  ": at \"", violations[0].pointer, "\": ", violations[0].message));
  }

  absl::StatusOr<std::string> Derive(const SchemaRecord& from, const SchemaRecord& to,
                                     absl::string_view data) const {
    if (from.format != to.format) {
      return MakeError(
          ErrorReason::kSchemaViolation,
          absl::StrCat("versions ", from.version, " and ", to.version, " have different formats"));
    }
    NEXUS_ASSIGN_OR_RETURN(const SchemaLanguage language, languages_.Find(from.format));
    if (language.evolver == nullptr) {
      return MakeError(ErrorReason::kUnimplemented,
                       absl::StrCat("no step is derived for ", SchemaFormatName(from.format)));
    }
    NEXUS_ASSIGN_OR_RETURN(const CompiledSchema* old_schema, from.compiled->Get());
    NEXUS_ASSIGN_OR_RETURN(const CompiledSchema* new_schema, to.compiled->Get());
    return language.evolver->Evolve(data, *old_schema, *new_schema);
  }

  using Stored = std::pair<absl::string_view, uint32_t>;

  const SchemaLanguages& languages_;
  EventBatch& events_;
  absl::flat_hash_map<Stored, std::optional<EventWay>> ways_;
  std::vector<Stored> ways_of_;  // by event: its type changes on the way
  bool has_declared_ = false;
  uint64_t evolved_ = 0;
  uint64_t gaps_ = 0;
  std::shared_ptr<std::deque<std::string>> made_;  // shared with the batch, which outlives this
};

SchemaEvolution::SchemaEvolution(const SchemaEvolutionParts& parts)
    : parts_(parts),
      evolved_(parts.metrics.GetCounter("nexus_schema_evolutions_total",
                                        "Events that were given in another version than stored.",
                                        {})),
      gaps_(parts.metrics.GetCounter(
          "nexus_schema_evolution_gaps_total",
          "Events that could not be given in the asked version and were given as stored.", {})) {}

absl::Status SchemaEvolution::Apply(const SchemaView& view, EventBatch& batch,
                                    UpcastRunner* runner) const {
  const std::shared_ptr<const DeclaredSteps> declared =
      parts_.upcaster == nullptr ? nullptr : parts_.upcaster->Steps();
  const WayMap map{parts_.catalog, {}, declared.get()};
  Batch going(parts_.languages, map, view, batch);
  absl::Status outcome;
  if (!going.has_declared()) {
    NoRunner none{absl::InternalError("no step is declared")};
    outcome = going.Go(none);
  } else if (runner != nullptr) {
    outcome = going.Go(*runner);
  } else {
    const absl::Status ran =
        parts_.upcaster->With([&](UpcastRunner& theirs) { outcome = going.Go(theirs); });
    if (!ran.ok()) {
      NoRunner none{ran};
      outcome = going.Go(none);
    }
  }
  if (going.evolved() > 0) evolved_.Add(static_cast<double>(going.evolved()));
  if (going.gaps() > 0) gaps_.Add(static_cast<double>(going.gaps()));
  return outcome;
}

absl::Status SchemaEvolution::Try(const SchemaView& view, const DeclaredSteps& declared,
                                  absl::Span<const SchemaRecordPtr> planned, EventBatch& batch,
                                  UpcastRunner& runner) const {
  const WayMap map{parts_.catalog, planned, &declared};
  return Batch(parts_.languages, map, view, batch).Go(runner);
}

}  // namespace nexus::schema
