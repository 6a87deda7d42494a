#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "history/check_parts.h"
#include "history/names.h"

namespace nexus::history {
namespace {

// What the calls say about one commit of the log.
struct Effect {
  const AppendCall* stored = nullptr;   // it was told "stored now"
  const AppendCall* unknown = nullptr;  // the first of those without an answer
  const AppendCall* repeated = nullptr;
  const AppendCall* refused = nullptr;
  Tick repeated_returned = kNeverReturned;  // the first answer "stored before"
  Tick unknown_until = 0;                   // the last moment that one without an answer may act
  int unknowns = 0;
};

class CommitResolver {
 public:
  explicit CommitResolver(CheckState& state)
      : state_(state), log_(state.log), effects_(log_.commits().size()) {}

  void Run() {
    CheckDisjoint();
    for (const AppendCall& call : state_.history.calls.appends) Note(call);
    for (size_t i = 0; i < effects_.size(); ++i) Resolve(effects_[i], log_.commits()[i]);
  }

 private:
  // Whatever the log says now: no two commits were told the same positions.
  void CheckDisjoint() {
    std::vector<const AppendCall*> stored;
    for (const AppendCall& call : state_.history.calls.appends) {
      if (call.outcome == Outcome::kStored && !call.receipt.repeated) stored.push_back(&call);
    }
    state_.steps.Sort(stored, [](const AppendCall* a, const AppendCall* b) {
      return a->receipt.first < b->receipt.first;
    });
    for (size_t i = 1; i < stored.size(); ++i) {
      if (stored[i]->receipt.first > stored[i - 1]->receipt.last) continue;
      if (stored[i]->receipt.id == stored[i - 1]->receipt.id) continue;  // rule (e) has words
      state_.Found('a', absl::StrCat(NameOf(*stored[i]), " and ", NameOf(*stored[i - 1]),
                                     " were both told position ", stored[i]->receipt.first.value));
    }
  }

  void Note(const AppendCall& call) {
    state_.steps.Take(call.events.size());
    if (call.outcome == Outcome::kStored) return NoteStored(call);
    const LoggedCommit* commit = log_.Find(call.commit);
    if (commit == nullptr) return;
    Effect& effect = EffectOf(*commit);
    if (call.outcome == Outcome::kRefused) {
      effect.refused = &call;
      return;
    }
    ++effect.unknowns;
    if (effect.unknown == nullptr || call.invoked < effect.unknown->invoked) effect.unknown = &call;
    effect.unknown_until = std::max(effect.unknown_until, EndOf(call));
  }

  void NoteStored(const AppendCall& call) {
    const LoggedCommit* commit = log_.Find(call.receipt.id);
    if (commit == nullptr) {
      state_.Found('g', absl::StrCat(NameOf(call), " was acknowledged at position ",
                                     call.receipt.first.value, " and is gone"));
      return;
    }
    if (!SameAsReceipt(call, *commit)) return;
    Effect& effect = EffectOf(*commit);
    if (call.receipt.repeated) {
      effect.repeated = &call;
      effect.repeated_returned = std::min(effect.repeated_returned, call.returned);
      return;
    }
    if (effect.stored != nullptr) {
      state_.Found('e', absl::StrCat(NameOf(call), " and ", NameOf(*effect.stored),
                                     " were both told that they stored the same commit"));
    }
    if (call.receipt.id != call.commit) {
      state_.Found(
          'e', absl::StrCat(NameOf(call), " was told that it stored ", call.receipt.id.ToString()));
    }
    effect.stored = &call;
  }

  bool SameAsReceipt(const AppendCall& call, const LoggedCommit& commit) {
    if (call.receipt.first.value != commit.first || call.receipt.last.value != commit.last) {
      state_.Found('a', absl::StrCat(NameOf(call), " is at ", commit.first, " to ", commit.last,
                                     ", its receipt says ", call.receipt.first.value, " to ",
                                     call.receipt.last.value));
      return false;
    }
    if (!SameContent(call, commit)) return false;
    std::vector<uint32_t> seen(call.receipt.streams.size(), 0);
    for (size_t i = 0; i < call.events.size(); ++i) {
      const LoggedEvent& event = log_.at(commit.first + i);
      const size_t index = StreamIndex(call.receipt, event.stream);
      if (index < seen.size() &&
          call.receipt.streams[index].first.value + seen[index]++ == event.revision) {
        continue;
      }
      state_.Found('a', absl::StrCat(NameOf(call), " has revision ", event.revision, " of ",
                                     event.stream, ", its receipt says another"));
      return false;
    }
    return true;
  }

  static size_t StreamIndex(const CommitReceipt& receipt, const std::string& stream) {
    size_t index = 0;
    while (index < receipt.streams.size() && receipt.streams[index].stream.str() != stream) ++index;
    return index;
  }

  bool SameContent(const AppendCall& call, const LoggedCommit& commit) {
    const uint64_t count = commit.last - commit.first + 1;
    if (count != call.events.size()) {
      state_.Found('e', absl::StrCat(NameOf(call), " is there with ", count, " of its ",
                                     call.events.size(), " events"));
      return false;
    }
    for (size_t i = 0; i < call.events.size(); ++i) {
      if (log_.at(commit.first + i).digest == call.events[i].digest) continue;
      state_.Found('e', absl::StrCat(NameOf(call), " is there with other content at position ",
                                     commit.first + i));
      return false;
    }
    return true;
  }

  // A call without an answer can act until the crash after it, or for ever.
  Tick EndOf(const AppendCall& call) {
    const std::vector<Tick>& crashes = state_.history.crashes;
    const size_t at =
        state_.steps.Find(crashes, [&call](Tick crash) { return crash < call.invoked; });
    return at == crashes.size() ? kNeverReturned : crashes[at];
  }

  void Resolve(const Effect& effect, LoggedCommit& commit) {
    if (effect.stored != nullptr) {
      commit.call = effect.stored;
      commit.invoked = effect.stored->invoked;
      commit.returned = std::min(effect.stored->returned, effect.repeated_returned);
      return;
    }
    if (effect.unknown != nullptr) {
      if (!SameContent(*effect.unknown, commit)) return;
      commit.call = effect.unknown;
      commit.invoked = effect.unknown->invoked;
      commit.returned = std::min(effect.unknown_until, effect.repeated_returned);
      return;
    }
    if (effect.repeated != nullptr) {
      state_.Found('e', absl::StrCat(NameOf(*effect.repeated),
                                     " was told that it was stored before, and nobody did that"));
    } else if (effect.refused != nullptr) {
      state_.Found('e', absl::StrCat(NameOf(*effect.refused), " was refused (",
                                     ReasonName(effect.refused->reason), ") and is there"));
    } else if (!OfTheServer(commit)) {
      state_.Found('e', absl::StrCat("commit ", commit.id.ToString(), " is there at position ",
                                     commit.first, " and nobody sent it"));
    }
  }

  bool OfTheServer(const LoggedCommit& commit) const {
    for (uint64_t position = commit.first; position <= commit.last; ++position) {
      if (!absl::StartsWith(log_.at(position).stream, "$")) return false;
    }
    return true;
  }

  Effect& EffectOf(const LoggedCommit& commit) {
    return effects_[static_cast<size_t>(&commit - log_.commits().data())];
  }

  CheckState& state_;
  FinalLog& log_;
  std::vector<Effect> effects_;  // of each commit of the log
};

}  // namespace

void ResolveCommits(CheckState& state) { CommitResolver(state).Run(); }

}  // namespace nexus::history
