#include "nexus/core/commit.h"

#include "absl/strings/str_cat.h"

namespace nexus {
namespace {

// `a` is the candidate.
bool SameEvent(const Event& a, const Event& b) {
  // A content type that the client left out is filled in at the door, unless it is refused there.
  return a.id == b.id && a.type == b.type &&
         (a.content_type.empty() || a.content_type == b.content_type) && a.data == b.data &&
         a.tags == b.tags && a.metadata == b.metadata && a.routing == b.routing &&
         a.causation_id == b.causation_id;
}

}  // namespace

bool ExpectedRevision::Holds(std::optional<Revision> last) const {
  switch (kind) {
    case Kind::kAny:
      return true;
    case Kind::kNoStream:
      return !last.has_value();
    case Kind::kStreamExists:
      return last.has_value();
    case Kind::kExact:
      return last == exact;
  }
  return false;
}

std::string ExpectedRevision::ToString() const {
  switch (kind) {
    case Kind::kAny:
      return "any";
    case Kind::kNoStream:
      return "no_stream";
    case Kind::kStreamExists:
      return "stream_exists";
    case Kind::kExact:
      return absl::StrCat(exact.value);
  }
  return "unknown";
}

bool SameContent(const Commit& candidate, const Commit& stored) {
  if (candidate.streams.size() != stored.streams.size()) return false;
  if (candidate.events.size() != stored.events.size()) return false;
  for (size_t i = 0; i < stored.streams.size(); ++i) {
    if (candidate.streams[i].name != stored.streams[i].name) return false;
  }
  for (size_t i = 0; i < stored.events.size(); ++i) {
    if (candidate.events[i].stream_index != stored.events[i].stream_index) return false;
    if (!SameEvent(candidate.events[i].event, stored.events[i].event)) return false;
  }
  return true;
}

}  // namespace nexus
