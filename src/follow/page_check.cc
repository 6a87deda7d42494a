#include "follow/page_check.h"

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::follow {
namespace {

std::string Where(const std::optional<StreamName>& stream) {
  return stream ? absl::StrCat("stream ", stream->str(), ", revision ") : "the log, position ";
}

}  // namespace

absl::Status CheckPage(const EventBatch& page, const std::optional<StreamName>& stream,
                       uint64_t next) {
  if (page.events.empty()) {
    return MakeError(ErrorReason::kDataLoss,
                     absl::StrCat("nothing to read at ", Where(stream), next,
                                  ", although the head lies beyond it"));
  }
  uint64_t expected = next;
  Position last;
  for (const RecordedEvent& event : page.events) {
    const uint64_t found = stream ? event.revision.value : event.position.value;
    if (found != expected || (stream && event.stream != stream->str())) {
      return MakeError(ErrorReason::kDataLoss,
                       absl::StrCat("a hole in ", Where(stream), expected, ": found ", found,
                                    " of ", event.stream));
    }
    if (event.position <= last || event.position > page.head) {
      return MakeError(ErrorReason::kDataLoss,
                       absl::StrCat("position ", event.position.value, " is out of place in ",
                                    Where(stream), expected, ", head ", page.head.value));
    }
    last = event.position;
    ++expected;
  }
  return absl::OkStatus();
}

absl::Status CheckChosenPage(const EventBatch& page, uint64_t next, uint64_t passed) {
  bool fits = passed >= next && passed <= page.head.value;
  uint64_t low = next;
  for (const RecordedEvent& event : page.events) {
    const uint64_t at = event.position.value;
    fits = fits && at >= low && at <= passed;
    low = at + 1;
  }
  if (fits) return absl::OkStatus();
  return MakeError(ErrorReason::kDataLoss,
                   absl::StrCat("a filtered page of positions ", next, " to ", passed,
                                " does not fit, head ", page.head.value));
}

}  // namespace nexus::follow
