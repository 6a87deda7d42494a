#include "engine/draft_check.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/filter_check.h"
#include "nexus/core/errors.h"
#include "nexus/core/text.h"
#include "nexus/core/trace_context.h"

namespace nexus::engine {
namespace {

constexpr size_t kViolationsMax = 100;
constexpr size_t kConditionsMax = 16;

// A place in the request. Its text is made only when something is wrong there: good events, the
// many, pay for no string.
struct Field {
  static constexpr size_t kNone = SIZE_MAX;

  size_t stream = kNone;
  size_t event = kNone;
  absl::string_view name = {};  // "type", "tags", "metadata"
  size_t item = kNone;          // within a list
  absl::string_view key = {};   // within a map

  std::string ToString() const {
    std::string path;
    if (stream != kNone) absl::StrAppend(&path, "streams[", stream, "].");
    if (event != kNone) absl::StrAppend(&path, "events[", event, "].");
    absl::StrAppend(&path, name);
    if (item != kNone) absl::StrAppend(&path, "[", item, "]");
    if (!key.empty()) absl::StrAppend(&path, "[\"", key, "\"]");
    return path;
  }
};

// Collects what is wrong; the first reason names the error.
class Findings {
 public:
  void Add(ErrorReason reason, const Field& place, std::string message) {
    Add(reason, place.ToString(), std::move(message));
  }
  void Add(ErrorReason reason, std::string field, std::string message) {
    if (details_.reason == ErrorReason::kUnspecified) {
      details_.reason = reason;
      first_ = absl::StrCat(field, ": ", message);
    }
    if (details_.violations.size() >= kViolationsMax) return;
    Violation violation;
    violation.field = std::move(field);
    violation.message = std::move(message);
    details_.violations.push_back(std::move(violation));
  }

  bool any() const { return details_.reason != ErrorReason::kUnspecified; }
  absl::Status ToStatus() const { return MakeError(first_, details_); }

 private:
  ErrorDetails details_;
  std::string first_;
};

class DraftChecker {
 public:
  DraftChecker(const Caller& caller, const Limits& limits, IdSource& ids)
      : caller_(caller), limits_(limits), ids_(ids) {}

  absl::StatusOr<Commit> Check(CommitDraft draft) {
    if (absl::Status sizes = CheckCounts(draft); !sizes.ok()) return sizes;
    TakeCommitId(draft);
    for (size_t i = 0; i < draft.streams.size(); ++i) TakeStream(i, std::move(draft.streams[i]));
    TakeConditions(std::move(draft.conditions));
    if (commit_bytes_ > limits_.commit_bytes_max) {
      findings_.Add(ErrorReason::kLimitExceeded, Field{.name = "streams"},
                    absl::StrCat("a commit holds at most ", limits_.commit_bytes_max,
                                 " bytes; this one has ", commit_bytes_));
    }
    if (findings_.any()) return findings_.ToStatus();
    return std::move(commit_);
  }

 private:
  // Before anything is looked at one by one: a flood of items must be cheap to refuse.
  absl::Status CheckCounts(const CommitDraft& draft) {
    size_t events = 0;
    for (const StreamDraft& stream : draft.streams) events += stream.events.size();
    if (events == 0) {
      return MakeError(ErrorReason::kEmptyCommit, "a commit needs at least one event");
    }
    if (events > limits_.commit_events_max) {
      findings_.Add(ErrorReason::kLimitExceeded, Field{.name = "streams"},
                    absl::StrCat("a commit holds at most ", limits_.commit_events_max,
                                 " events; this one has ", events));
    }
    if (draft.streams.size() > limits_.commit_streams_max) {
      findings_.Add(ErrorReason::kLimitExceeded, Field{.name = "streams"},
                    absl::StrCat("a commit names at most ", limits_.commit_streams_max,
                                 " streams; this one names ", draft.streams.size()));
    }
    if (draft.conditions.size() > kConditionsMax) {
      findings_.Add(ErrorReason::kLimitExceeded, Field{.name = "conditions"},
                    absl::StrCat("a commit has at most ", kConditionsMax,
                                 " append conditions; this one has ", draft.conditions.size()));
    }
    return findings_.any() ? findings_.ToStatus() : absl::OkStatus();
  }

  void TakeConditions(std::vector<ConditionDraft> drafts) {
    for (size_t i = 0; i < drafts.size(); ++i) {
      CheckIndexableFilter(drafts[i].fail_if_match,
                           absl::StrCat("conditions[", i, "].fail_if_match"),
                           [this](ErrorReason reason, std::string field, std::string message) {
                             findings_.Add(reason, std::move(field), std::move(message));
                           });
      commit_.conditions.push_back({std::move(drafts[i].fail_if_match), drafts[i].after});
    }
  }

  void TakeCommitId(const CommitDraft& draft) {
    if (draft.commit_id.empty()) {
      commit_.id = CommitId{ids_.NewUuid()};
      return;
    }
    const absl::StatusOr<CommitId> id = CommitId::Parse(draft.commit_id);
    if (!id.ok() || id->IsNil()) {
      findings_.Add(ErrorReason::kMalformedId, Field{.name = "commit_id"},
                    "must be a UUID (8-4-4-4-12 hexadecimal digits), not all zero");
      return;
    }
    commit_.id = *id;
  }

  void TakeStream(size_t index, StreamDraft draft) {
    CommitStream stream;
    absl::StatusOr<StreamName> name = StreamName::Parse(draft.stream);
    if (!name.ok()) {
      findings_.Add(ReasonOf(name.status()), Field{.stream = index, .name = "stream"},
                    std::string(name.status().message()));
    } else {
      if (name->is_system()) {
        findings_.Add(ErrorReason::kReservedName, Field{.stream = index, .name = "stream"},
                      "streams that begin with '$' belong to the server");
      }
      if (!names_.insert(name->str()).second) {
        findings_.Add(ErrorReason::kMalformedRequest, Field{.stream = index, .name = "stream"},
                      "each stream appears once in a commit; put its events together");
      }
      commit_bytes_ += name->str().size();
      stream.name = *std::move(name);
    }
    if (!draft.expected.has_value()) {
      findings_.Add(ErrorReason::kMalformedRequest,
                    Field{.stream = index, .name = "expected_revision"},
                    "must be set: any, no_stream, stream_exists or an exact revision");
    } else {
      stream.expected = *draft.expected;
    }
    commit_.streams.push_back(std::move(stream));
    for (size_t i = 0; i < draft.events.size(); ++i) {
      TakeEvent(Field{.stream = index, .event = i}, std::move(draft.events[i]));
    }
  }

  void TakeEvent(const Field& at, EventDraft draft) {
    CommitEvent entry;
    entry.stream_index = static_cast<uint32_t>(at.stream);
    Event& event = entry.event;
    TakeEventId(at, draft.event_id, event);
    CheckType(at, draft.type);
    CheckData(at, draft);
    TakeTags(at, std::move(draft.tags), event);
    TakeMetadata(at, std::move(draft.metadata), event);
    CheckRouting(at, draft.routing);
    TakeContext(at, draft, event);
    event.type = std::move(draft.type);
    event.schema_version = draft.schema_version;
    event.content_type =
        draft.content_type.empty() ? std::string(kJsonContentType) : std::move(draft.content_type);
    event.data = std::move(draft.data);
    event.routing = draft.routing;
    commit_bytes_ += event.data.size() + event.type.size();
    commit_.events.push_back(std::move(entry));
  }

  void TakeEventId(const Field& at, const std::string& text, Event& event) {
    if (text.empty()) {
      event.id = DeriveEventId(commit_.id, static_cast<uint32_t>(commit_.events.size()));
    } else if (const absl::StatusOr<EventId> id = EventId::Parse(text); id.ok() && !id->IsNil()) {
      event.id = *id;
    } else {
      findings_.Add(ErrorReason::kMalformedId, Named(at, "event_id"),
                    "must be a UUID (8-4-4-4-12 hexadecimal digits), not all zero");
      return;
    }
    if (!event_ids_.insert(event.id).second) {
      findings_.Add(ErrorReason::kDuplicateEventId, Named(at, "event_id"),
                    absl::StrCat("the id ", event.id.ToString(), " is used twice in the commit"));
    }
  }

  void CheckType(const Field& at, const std::string& type) {
    const Field field = Named(at, "type");
    if (type.empty()) {
      findings_.Add(ErrorReason::kMalformedName, field, "must not be empty");
      return;
    }
    if (!CheckText(field, type, limits_.type_bytes_max)) return;
    if (type[0] == '$') {
      findings_.Add(ErrorReason::kReservedName, field,
                    "types that begin with '$' belong to the server");
    }
  }

  void CheckData(const Field& at, const EventDraft& draft) {
    if (draft.data.size() > limits_.event_bytes_max) {
      findings_.Add(ErrorReason::kLimitExceeded, Named(at, "data"),
                    absl::StrCat("an event holds at most ", limits_.event_bytes_max,
                                 " bytes; this one has ", draft.data.size()));
    }
    CheckText(Named(at, "content_type"), draft.content_type, limits_.type_bytes_max);
  }

  void TakeTags(const Field& at, std::vector<std::string> tags, Event& event) {
    if (tags.size() > limits_.tags_max) {
      findings_.Add(ErrorReason::kLimitExceeded, Named(at, "tags"),
                    absl::StrCat("an event has at most ", limits_.tags_max, " tags"));
      return;
    }
    for (size_t i = 0; i < tags.size(); ++i) {
      Field field = Named(at, "tags");
      field.item = i;
      if (tags[i].empty()) findings_.Add(ErrorReason::kMalformedName, field, "must not be empty");
      CheckText(field, tags[i], limits_.tag_bytes_max);
      commit_bytes_ += tags[i].size();
    }
    std::sort(tags.begin(), tags.end());
    tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
    event.tags = std::move(tags);
  }

  void TakeMetadata(const Field& at, std::vector<std::pair<std::string, std::string>> metadata,
                    Event& event) {
    size_t bytes = 0;
    for (const auto& [key, value] : metadata) {
      Field field = Named(at, "metadata");
      field.key = key;
      if (key.empty()) findings_.Add(ErrorReason::kMalformedName, field, "a key must not be empty");
      if (absl::StartsWith(key, "$")) {
        findings_.Add(ErrorReason::kReservedName, field,
                      "keys that begin with '$' belong to the server");
      }
      CheckText(field, key, limits_.type_bytes_max);
      if (const auto byte = FindInvalidUtf8(value)) {
        findings_.Add(ErrorReason::kInvalidUtf8, field,
                      absl::StrCat("the value is not UTF-8 at byte ", *byte));
      }
      bytes += key.size() + value.size();
    }
    if (bytes > limits_.metadata_bytes_max) {
      findings_.Add(ErrorReason::kLimitExceeded, Named(at, "metadata"),
                    absl::StrCat("metadata of an event has at most ", limits_.metadata_bytes_max,
                                 " bytes; this has ", bytes));
    }
    commit_bytes_ += bytes;
    std::sort(metadata.begin(), metadata.end());
    event.metadata = std::move(metadata);
  }

  void CheckRouting(const Field& at, const RoutingHints& routing) {
    if (!(routing.business_impact >= 0 && routing.business_impact <= 1)) {
      findings_.Add(ErrorReason::kMalformedRequest, Named(at, "routing.business_impact"),
                    "must be from 0 to 1");
    }
    if (routing.criticality > Criticality::kHigh) {
      findings_.Add(ErrorReason::kMalformedRequest, Named(at, "routing.criticality"),
                    "is not a value of nexus.v1.Criticality");
    }
  }

  void TakeContext(const Field& at, EventDraft& draft, Event& event) {
    event.correlation_id = !draft.correlation_id.empty()     ? std::move(draft.correlation_id)
                           : !caller_.correlation_id.empty() ? caller_.correlation_id
                                                             : commit_.id.ToString();
    event.causation_id = std::move(draft.causation_id);
    const bool own_trace = !draft.traceparent.empty();
    event.traceparent = own_trace ? std::move(draft.traceparent) : caller_.traceparent;
    event.tracestate = own_trace ? std::move(draft.tracestate) : caller_.tracestate;
    const size_t max = limits_.id_text_bytes_max;
    CheckText(Named(at, "correlation_id"), event.correlation_id, max);
    CheckText(Named(at, "causation_id"), event.causation_id, max);
    if (own_trace) CheckTrace(at, event);
  }

  // The caller's own trace context was checked when the call came in.
  void CheckTrace(const Field& at, const Event& event) {
    if (const absl::Status status = CheckTraceparent(event.traceparent); !status.ok()) {
      findings_.Add(ErrorReason::kMalformedRequest, Named(at, "traceparent"),
                    std::string(status.message()));
    }
    if (const absl::Status status = CheckTracestate(event.tracestate); !status.ok()) {
      findings_.Add(ErrorReason::kMalformedRequest, Named(at, "tracestate"),
                    std::string(status.message()));
    }
  }

  static Field Named(Field at, absl::string_view name) {
    at.name = name;
    return at;
  }

  // One line of UTF-8 within its limit; says the first thing that is wrong.
  bool CheckText(const Field& field, absl::string_view text, size_t bytes_max) {
    if (text.size() > bytes_max) {
      findings_.Add(ErrorReason::kLimitExceeded, field,
                    absl::StrCat("has at most ", bytes_max, " bytes; this has ", text.size()));
      return false;
    }
    if (const auto byte = FindInvalidUtf8(text)) {
      findings_.Add(ErrorReason::kInvalidUtf8, field, absl::StrCat("is not UTF-8 at byte ", *byte));
      return false;
    }
    if (const auto byte = FindControlCharacter(text)) {
      findings_.Add(ErrorReason::kMalformedName, field,
                    absl::StrCat("has a control character at byte ", *byte));
      return false;
    }
    return true;
  }

  const Caller& caller_;
  const Limits& limits_;
  IdSource& ids_;

  Commit commit_;
  Findings findings_;
  size_t commit_bytes_ = 0;
  absl::flat_hash_set<std::string> names_;
  absl::flat_hash_set<EventId> event_ids_;
};

}  // namespace

absl::StatusOr<Commit> CheckDraft(CommitDraft draft, const Caller& caller, const Limits& limits,
                                  IdSource& ids) {
  return DraftChecker(caller, limits, ids).Check(std::move(draft));
}

}  // namespace nexus::engine
