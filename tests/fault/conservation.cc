#include "fault/conservation.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace nexus::fault {
namespace {

constexpr size_t kShown = 3;

std::string NameOf(const LoggedEvent& event) {
  return absl::StrCat(event.stream, "@", event.revision, " (position ", event.position, ", ",
                      event.id, ")");
}

}  // namespace

void Conservation::Fault(const std::string& kind, const std::string& text) {
  faults_[kind].push_back(text);
}

void Conservation::Accept(const LoggedEvent& event) {
  ids_.insert(event.id);
  events_[event.position].event = event;
}

void Conservation::Arrive(const Arrival& arrival) {
  const auto found = events_.find(arrival.position);
  if (found == events_.end() || found->second.event.id != arrival.id) {
    return Fault("stranger", absl::StrCat("position ", arrival.position, ", event ", arrival.id,
                                          " came, and the log has no such event"));
  }
  Entry& entry = found->second;
  if (entry.copies++ > 0) {
    ++duplicates_;
    return;
  }
  const LoggedEvent& event = entry.event;
  const auto [at, is_new] =
      streams_.try_emplace(event.stream, Stream{arrival.lane, event.revision});
  if (is_new) return;
  Stream& stream = at->second;
  if (stream.lane != arrival.lane) {
    Fault("two lanes", absl::StrCat(NameOf(event), " came in lane ", arrival.lane,
                                    ", its stream before in ", stream.lane));
  } else if (event.revision < stream.latest) {
    Fault("order", absl::StrCat(NameOf(event), " came first after revision ", stream.latest));
  }
  stream.latest = std::max(stream.latest, event.revision);
}

void Conservation::DeadLetter(uint64_t position) {
  const auto found = events_.find(position);
  if (found == events_.end()) {
    return Fault("letter", absl::StrCat("a dead letter names position ", position,
                                        ", where the route matches nothing"));
  }
  if (!found->second.event.poison) {
    Fault("letter", absl::StrCat(NameOf(found->second.event),
                                 " is a dead letter, and nothing is wrong with it"));
  }
  found->second.letter = true;
}

void Conservation::Reach(uint64_t checkpoint, uint64_t head) {
  if (checkpoint > head) {
    Fault("checkpoint", absl::StrCat("the checkpoint ", checkpoint,
                                     " is beyond the log, which "
                                     "ends at ",
                                     head));
  }
  if (checkpoint < told_) {
    Fault("checkpoint", absl::StrCat("the checkpoint went back from ", told_, " to ", checkpoint));
  }
  told_ = checkpoint;
  checkpoint_ = std::max(checkpoint_, checkpoint);
}

absl::Status Conservation::Check(bool drained) const {
  std::map<std::string, std::vector<std::string>> faults = faults_;
  for (const auto& [position, entry] : events_) {
    if (entry.copies > 0 && entry.letter) {
      faults["twice"].push_back(
          absl::StrCat(NameOf(entry.event), " was delivered and is a dead letter"));
    }
    if (entry.done()) continue;
    if (position <= checkpoint_) {
      faults["lost"].push_back(absl::StrCat(NameOf(entry.event), " is neither delivered nor a ",
                                            "dead letter, and the checkpoint is ", checkpoint_));
    } else if (drained) {
      faults["pending"].push_back(absl::StrCat(NameOf(entry.event), " is still to come"));
    }
  }
  for (const std::string& id : acknowledged_) {
    if (ids_.count(id) == 0) faults["gone"].push_back(id + " was acknowledged and is not there");
  }
  if (const BookTotals sums = totals(); sums.DuplicateRate() > duplicate_rate_max_) {
    faults["storm"].push_back(
        absl::StrFormat("%d repetitions of %d deliveries", sums.duplicates, sums.delivered));
  }
  if (faults.empty()) return absl::OkStatus();
  std::string text;
  for (const auto& [kind, lines] : faults) {
    absl::StrAppend(&text, kind, ": ", lines.size(), "\n");
    for (size_t i = 0; i < std::min(lines.size(), kShown); ++i) {
      absl::StrAppend(&text, "  ", lines[i], "\n");
    }
  }
  return absl::DataLossError(text);
}

BookTotals Conservation::totals() const {
  BookTotals sums;
  sums.accepted = events_.size();
  sums.duplicates = duplicates_;
  for (const auto& [position, entry] : events_) {
    sums.delivered += entry.copies > 0 ? 1 : 0;
    sums.dead_lettered += entry.letter ? 1 : 0;
    sums.pending += entry.done() ? 0 : 1;
  }
  return sums;
}

}  // namespace nexus::fault
