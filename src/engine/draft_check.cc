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
    for (size_t i = 0; i < draft.streams.size(); ++i) TakeStream(i, draft.streams[i]);
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
  // Before anything is looked at one by one: a flood of items must be cheap to refuse. Makes room
  // for what is not refused, so that nothing moves later.
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
    if (findings_.any()) return findings_.ToStatus();
    commit_.streams.reserve(draft.streams.size());
    commit_.events.reserve(events);
    return absl::OkStatus();
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

  void TakeStream(size_t index, StreamDraft& draft) {
    CommitStream& stream = commit_.streams.emplace_back();
    absl::StatusOr<StreamName> name = StreamName::Take(std::move(draft.stream));
    if (!name.ok()) {
      findings_.Add(ReasonOf(name.status()), Field{.stream = index, .name = "stream"},
                    std::string(name.status().message()));
    } else {
      if (name->is_system()) {
        findings_.Add(ErrorReason::kReservedName, Field{.stream = index, .name = "stream"},
                      "streams that begin with '$' belong to the server");
      }
      commit_bytes_ += name->str().size();
      stream.name = *std::move(name);
      if (!IsNewName(stream.name.str())) {
        findings_.Add(ErrorReason::kMalformedRequest, Field{.stream = index, .name = "stream"},
                      "each stream appears once in a commit; put its events together");
      }
    }
    if (!draft.expected.has_value()) {
      findings_.Add(ErrorReason::kMalformedRequest,
                    Field{.stream = index, .name = "expected_revision"},
                    "must be set: any, no_stream, stream_exists or an exact revision");
    } else {
      stream.expected = *draft.expected;
    }
    for (size_t i = 0; i < draft.events.size(); ++i) {
      TakeEvent(Field{.stream = index, .event = i}, draft.events[i]);
    }
  }

  // Most commits name one stream: they need no table. The names stay where they are, there is room
  // for all of them.
  bool IsNewName(absl::string_view name) {
    const size_t before = commit_.streams.size() - 1;
    if (before == 0) return true;
    if (names_.empty()) {
      for (size_t i = 0; i < before; ++i) names_.insert(commit_.streams[i].name.str());
    }
    return names_.insert(name).second;
  }

  void TakeEvent(const Field& at, EventDraft& draft) {
    CommitEvent& entry = commit_.events.emplace_back();
    entry.stream_index = static_cast<uint32_t>(at.stream);
    Event& event = entry.event;
    TakeEventId(at, draft.event_id, event);
    CheckType(at, draft.type);
    CheckData(at, draft);
    TakeTags(at, std::move(draft.tags), event);
    TakeMetadata(at, std::move(draft.metadata), event);
    AddServerMetadata(std::move(draft.server_metadata), event);
    CheckRouting(at, draft.routing);
    TakeContext(at, draft, event);
    event.type = std::move(draft.type);
    event.schema_version = draft.schema_version;
    event.content_type = std::move(draft.content_type);  // empty: the schema's, at the door
    event.data = std::move(draft.data);
    event.routing = draft.routing;
    commit_bytes_ += event.data.size() + event.type.size();
  }

  void TakeEventId(const Field& at, const std::string& text, Event& event) {
    if (text.empty()) {
      event.id = DeriveEventId(commit_.id, static_cast<uint32_t>(commit_.events.size() - 1));
    } else if (const absl::StatusOr<EventId> id = EventId::Parse(text); id.ok() && !id->IsNil()) {
      event.id = *id;
    } else {
      findings_.Add(ErrorReason::kMalformedId, Named(at, "event_id"),
                    "must be a UUID (8-4-4-4-12 hexadecimal digits), not all zero");
      return;
    }
    if (!IsNewId(event.id, !text.empty())) {
      findings_.Add(ErrorReason::kDuplicateEventId, Named(at, "event_id"),
                    absl::StrCat("the id ", event.id.ToString(), " is used twice in the commit"));
    }
  }

  // Derived ids differ from each other: there is no table before the first id that the client made.
  bool IsNewId(const EventId& id, bool given) {
    if (!given && event_ids_.empty()) return true;
    if (event_ids_.empty()) {
      event_ids_.reserve(commit_.events.capacity());
      for (const CommitEvent& entry : commit_.events) {
        if (&entry != &commit_.events.back() && !entry.event.id.IsNil()) {
          event_ids_.insert(entry.event.id);
        }
      }
    }
    return event_ids_.insert(id).second;
  }

  void CheckType(const Field& at, const std::string& type) {
    if (type.empty()) {
      findings_.Add(ErrorReason::kMalformedName, Named(at, "type"), "must not be empty");
      return;
    }
    if (!CheckText(at, "type", type, limits_.type_bytes_max)) return;
    if (type[0] == '$') {
      findings_.Add(ErrorReason::kReservedName, Named(at, "type"),
                    "types that begin with '$' belong to the server");
    }
  }

  void CheckData(const Field& at, const EventDraft& draft) {
    if (draft.data.size() > limits_.event_bytes_max) {
      findings_.Add(ErrorReason::kLimitExceeded, Named(at, "data"),
                    absl::StrCat("an event holds at most ", limits_.event_bytes_max,
                                 " bytes; this one has ", draft.data.size()));
    }
    CheckText(at, "content_type", draft.content_type, limits_.type_bytes_max);
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

  static void AddServerMetadata(std::vector<std::pair<std::string, std::string>> more,
                                Event& event) {
    for (auto& pair : more) event.metadata.push_back(std::move(pair));
    if (!more.empty()) std::sort(event.metadata.begin(), event.metadata.end());
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
    event.correlation_id =
        !draft.correlation_id.empty() ? std::move(draft.correlation_id) : CommitCorrelation();
    event.causation_id = std::move(draft.causation_id);
    const bool own_trace = !draft.traceparent.empty();
    event.traceparent = own_trace ? std::move(draft.traceparent) : caller_.traceparent;
    event.tracestate = own_trace ? std::move(draft.tracestate) : caller_.tracestate;
    const size_t max = limits_.id_text_bytes_max;
    CheckText(at, "correlation_id", event.correlation_id, max);
    CheckText(at, "causation_id", event.causation_id, max);
    if (own_trace) CheckTrace(at, event);
  }

  // What ties the commit's events together unless they say so themselves.
  const std::string& CommitCorrelation() {
    if (!caller_.correlation_id.empty()) return caller_.correlation_id;
    if (commit_id_text_.empty()) commit_id_text_ = commit_.id.ToString();
    return commit_id_text_;
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

  // As below, for the field `name` of the event `at`.
  bool CheckText(const Field& at, absl::string_view name, absl::string_view text,
                 size_t bytes_max) {
    if (text.size() <= bytes_max && IsPlainAscii(text)) return true;
    return CheckText(Named(at, name), text, bytes_max);
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
  std::string commit_id_text_;
  absl::flat_hash_set<absl::string_view> names_;  // from the second stream on
  absl::flat_hash_set<EventId> event_ids_;        // from the first id that the client made on
};

}  // namespace

absl::StatusOr<Commit> CheckDraft(CommitDraft draft, const Caller& caller, const Limits& limits,
                                  IdSource& ids) {
  return DraftChecker(caller, limits, ids).Check(std::move(draft));
}

}  // namespace nexus::engine
