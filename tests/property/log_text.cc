#include "property/log_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "nexus/core/errors.h"

namespace nexus::property {
namespace {

std::string TextOfError(const absl::Status& status) {
  const ErrorDetails details = DetailsOf(status);
  std::string out(ReasonName(details.reason));
  for (const FailedExpectation& failed : details.failed_expectations) {
    absl::StrAppend(&out, " ", failed.stream, " expected ", failed.expected.ToString(), " is ",
                    failed.actual.has_value() ? absl::StrCat(failed.actual->value) : "none");
  }
  for (const FailedCondition& failed : details.failed_conditions) {
    absl::StrAppend(&out, " condition ", failed.index, " by ", failed.position.value);
  }
  for (const TakenEventId& taken : details.taken_event_ids) {
    absl::StrAppend(&out, " ", taken.stream, " has ", taken.id.ToString(), " at ",
                    taken.revision.value);
  }
  return out;
}

void AppendInfo(std::string& out, const StreamInfo& info) {
  absl::StrAppend(&out, info.name, "@", info.last_revision.value, " ", info.first_position.value,
                  "-", info.last_position.value, " ", info.created.micros, "-", info.updated.micros,
                  "\n");
}

}  // namespace

std::string TextOf(const absl::StatusOr<CommitReceipt>& verdict) {
  if (!verdict.ok()) return TextOfError(verdict.status());
  std::string out =
      absl::StrCat(verdict->id.ToString(), " ", verdict->first.value, "-", verdict->last.value,
                   " at ", verdict->recorded.micros, verdict->repeated ? " repeated" : "");
  for (const StreamOutcome& stream : verdict->streams) {
    absl::StrAppend(&out, " ", stream.stream.str(), ":", stream.events, "@", stream.first.value,
                    "-", stream.last.value);
  }
  return out;
}

std::string TextOf(const absl::StatusOr<EventBatch>& page) {
  if (!page.ok()) return TextOfError(page.status());
  std::string out = absl::StrCat("head ", page->head.value, page->end ? " end\n" : "\n");
  for (const RecordedEvent& event : page->events) {
    absl::StrAppend(&out, event.position.value, " ", event.stream, "@", event.revision.value, " ",
                    event.recorded.micros, " ", event.commit_id.ToString(), " ",
                    event.id.ToString(), " ", event.type, " ", event.data, " ");
    absl::StrAppend(&out, absl::StrJoin(event.tags, ","), " ", event.metadata.size(), "\n");
  }
  return out;
}

std::string TextOf(const absl::StatusOr<StreamPage>& page) {
  if (!page.ok()) return TextOfError(page.status());
  std::string out = page->end ? "end\n" : "\n";
  for (const StreamInfo& stream : page->streams) AppendInfo(out, stream);
  return out;
}

std::string TextOf(const absl::StatusOr<StreamInfo>& info) {
  if (!info.ok()) return TextOfError(info.status());
  std::string out;
  AppendInfo(out, *info);
  return out;
}

}  // namespace nexus::property
