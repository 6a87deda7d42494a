#include "command/event_view.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/media_type.h"
#include "nexus/core/time_text.h"

namespace nexus::command {
namespace {

template <typename Metadata>
void AppendHead(std::string& out, absl::string_view type, absl::string_view data,
                const Metadata& metadata) {
  out.append("{\"type\":");
  AppendJsonString(out, type);
  out.append(",\"data\":");
  out.append(data.data(), data.size());
  bool open = false;
  for (const auto& [key, value] : metadata) {
    if (absl::StartsWith(key, "$")) continue;
    out.append(open ? "," : ",\"metadata\":{");
    open = true;
    AppendJsonString(out, key);
    out.push_back(':');
    AppendJsonString(out, value);
  }
  if (open) out.push_back('}');
}

}  // namespace

std::string OpenEventView(absl::string_view type, absl::string_view data,
                          const std::vector<std::pair<std::string, std::string>>& metadata) {
  std::string view;
  view.reserve(type.size() + data.size() + 200);
  AppendHead(view, type, data, metadata);
  return view;
}

void CloseEventView(std::string& view, const EventId& id, Revision revision, Position position,
                    Timestamp recorded) {
  absl::StrAppend(&view, ",\"id\":\"", id.ToString(), "\",\"revision\":", revision.value,
                  ",\"position\":", position.value, ",\"recorded\":\"");
  AppendTime(view, recorded);
  view.append("\"}");
}

bool AppendEventView(std::string& out, const RecordedEvent& event) {
  if (!IsJsonMediaType(event.content_type)) return false;
  AppendHead(out, event.type, event.data, event.metadata);
  CloseEventView(out, event.id, event.revision, event.position, event.recorded);
  return true;
}

absl::StatusOr<std::string> EventViews(absl::Span<const RecordedEvent> events) {
  std::string views = "[";
  for (const RecordedEvent& event : events) {
    if (views.size() > 1) views.push_back(',');
    if (AppendEventView(views, event)) continue;
    return MakeError(
        ErrorReason::kDomainCodeFailed,
        absl::StrCat("revision ", event.revision.value, " of ", event.stream,
                     " is of the content type ", event.content_type, "; an aggregate folds JSON"));
  }
  views.push_back(']');
  return views;
}

}  // namespace nexus::command
