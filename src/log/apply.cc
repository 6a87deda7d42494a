#include "log/apply.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "log/verdict.h"
#include "nexus/core/errors.h"
#include "nexus/core/planted_fault.h"
#include "nexus/core/status_macros.h"

namespace nexus::log {
namespace {

std::vector<const Commit*> CommitsOf(absl::Span<const Candidate> group) {
  std::vector<const Commit*> commits;
  commits.reserve(group.size());
  for (const Candidate& candidate : group) commits.push_back(candidate.commit);
  return commits;
}

// The state before the group, with the group's accepted commits on top.
class GroupApplier {
 public:
  GroupApplier(const LogTip& tip, LogState& state, absl::Span<const Candidate> group)
      : state_(state), group_(group), before_(tip.head), streams_(state, CommitsOf(group)) {
    result_.tip = tip;
    result_.verdicts.reserve(group.size());
    result_.accepted.reserve(group.size());
    if (group.size() > 1) ids_.reserve(group.size());
  }

  AppliedGroup Run() {
    for (size_t i = 0; i < group_.size(); ++i) result_.verdicts.push_back(Decide(i));
    result_.moved = streams_.TakeMoved();
    return std::move(result_);
  }

 private:
  // In the order of Commit::streams; most commits name one or two.
  using Streams = absl::InlinedVector<GroupStreams::Stream*, 2>;
  using Heads = absl::InlinedVector<StreamHead, 2>;
  using IdKey = std::pair<uint32_t, CommitId>;
  using MaybeReceipt = std::optional<CommitReceipt>;

  // Event ids of a commit that are taken.
  struct TakenIds {
    std::vector<TakenEventId> ids;
    std::optional<size_t> first_commit;            // of the group, that has the first of them
    GroupStreams::Stream* first_stream = nullptr;  // that has it
  };

  absl::StatusOr<CommitReceipt> Decide(size_t index) {
    const Commit& commit = *group_[index].commit;
    NEXUS_ASSIGN_OR_RETURN(MaybeReceipt known, FindKnown(index));
    if (known.has_value()) return *std::move(known);
    NEXUS_ASSIGN_OR_RETURN(const Streams streams, FindStreams(commit));
    NEXUS_ASSIGN_OR_RETURN(TakenIds taken, FindTaken(commit, streams));
    NEXUS_ASSIGN_OR_RETURN(known, FindRepeated(index, taken));
    if (known.has_value()) return *std::move(known);
    Objections objections;
    objections.taken_ids = std::move(taken.ids);
    objections.expectations = FailedExpectations(commit, streams);
    NEXUS_ASSIGN_OR_RETURN(objections.conditions, FailedConditions(commit));
    if (!objections.empty()) return Refusal(std::move(objections));
    return Accept(index, streams);
  }

  // The commit at `index` of the group with its texts.
  absl::StatusOr<const Commit*> Whole(size_t index) {
    const Candidate& candidate = group_[index];
    if (candidate.whole == nullptr) return candidate.commit;
    std::unique_ptr<const Commit>& loaded = whole_[index];
    if (loaded == nullptr) {
      NEXUS_ASSIGN_OR_RETURN(Commit commit, candidate.whole->Load());
      loaded = std::make_unique<const Commit>(std::move(commit));
    }
    return loaded.get();
  }

  absl::StatusOr<MaybeReceipt> FindKnown(size_t index) {
    const Commit& commit = *group_[index].commit;
    if (IsPlanted(PlantedFault::kCommitIdIgnored)) return MaybeReceipt();
    if (const auto it = ids_.find(IdKey(commit.tenant, commit.id)); it != ids_.end()) {
      NEXUS_ASSIGN_OR_RETURN(const Commit* const first, Whole(it->second));
      NEXUS_ASSIGN_OR_RETURN(const Commit* const again, Whole(index));
      return RepeatReceipt(*again, *first, *result_.verdicts[it->second]);
    }
    NEXUS_ASSIGN_OR_RETURN(const std::optional<StoredCommit> stored,
                           state_.FindCommit(commit.tenant, commit.id));
    if (!stored.has_value()) return MaybeReceipt();
    NEXUS_ASSIGN_OR_RETURN(const Commit* const again, Whole(index));
    return RepeatReceipt(*again, stored->commit, stored->receipt);
  }

  absl::StatusOr<Streams> FindStreams(const Commit& commit) {
    Streams streams;
    streams.reserve(commit.streams.size());
    for (const CommitStream& stream : commit.streams) {
      NEXUS_ASSIGN_OR_RETURN(GroupStreams::Stream* const found,
                             streams_.Find(commit.tenant, stream.name.str()));
      streams.push_back(found);
    }
    return streams;
  }

  absl::StatusOr<TakenIds> FindTaken(const Commit& commit, const Streams& streams) {
    TakenIds taken;
    if (IsPlanted(PlantedFault::kEventIdsIgnored)) return taken;
    for (const CommitEvent& entry : commit.events) {
      GroupStreams::Stream& stream = *streams[entry.stream_index];
      if (GroupStreams::IsNew(stream, entry.event.id)) continue;
      NEXUS_ASSIGN_OR_RETURN(const std::optional<GroupStreams::FoundId> found,
                             streams_.FindId(stream, entry.event.id));
      if (!found.has_value()) continue;
      if (taken.ids.empty()) {
        taken.first_commit = found->commit;
        taken.first_stream = &stream;
      }
      taken.ids.push_back({stream.name, entry.event.id, found->revision});
    }
    return taken;
  }

  // The first receipt of the commit that has all these events, if it is the same.
  absl::StatusOr<MaybeReceipt> FindRepeated(size_t index, const TakenIds& taken) {
    if (taken.ids.size() != group_[index].commit->events.size()) return MaybeReceipt();
    NEXUS_ASSIGN_OR_RETURN(const Commit* const again, Whole(index));
    if (taken.first_commit.has_value()) {
      NEXUS_ASSIGN_OR_RETURN(const Commit* const first, Whole(*taken.first_commit));
      return RepeatIfSame(*again, *first, *result_.verdicts[*taken.first_commit]);
    }
    const GroupStreams::Stream& stream = *taken.first_stream;
    NEXUS_ASSIGN_OR_RETURN(
        const StoredCommit stored,
        state_.CommitOf({stream.tenant, stream.name, *stream.stored}, taken.ids.front().revision));
    return RepeatIfSame(*again, stored.commit, stored.receipt);
  }

  static MaybeReceipt RepeatIfSame(const Commit& commit, const Commit& stored,
                                   const CommitReceipt& first) {
    if (!SameContent(commit, stored)) return MaybeReceipt();
    MaybeReceipt receipt(first);
    receipt->repeated = true;
    return receipt;
  }

  static std::vector<FailedExpectation> FailedExpectations(const Commit& commit,
                                                           const Streams& streams) {
    std::vector<FailedExpectation> failed;
    for (size_t i = 0; i < streams.size(); ++i) {
      std::optional<Revision> last;
      const bool stale = IsPlanted(PlantedFault::kStaleHead);
      const std::optional<StreamHead>& head = stale ? streams[i]->stored : streams[i]->head;
      if (head.has_value()) last = head->last_revision;
      const CommitStream& stream = commit.streams[i];
      if (stream.expected.Holds(last)) continue;
      failed.push_back({stream.name.str(), stream.expected, last});
    }
    return failed;
  }

  absl::StatusOr<std::vector<FailedCondition>> FailedConditions(const Commit& commit) {
    std::vector<FailedCondition> failed;
    for (size_t i = 0; i < commit.conditions.size(); ++i) {
      const AppendCondition& condition = commit.conditions[i];
      std::optional<Position> match = condition.found;
      if (!match.has_value()) {
        NEXUS_ASSIGN_OR_RETURN(match, FirstMatch(commit.tenant, condition));
      }
      if (match.has_value()) failed.push_back({static_cast<uint32_t>(i), *match});
    }
    return failed;
  }

  // In what nobody has looked at yet: the end of the log, then this group.
  absl::StatusOr<std::optional<Position>> FirstMatch(uint32_t tenant,
                                                     const AppendCondition& condition) {
    const Position after = std::max(condition.after, condition.checked);
    if (after < before_) {
      NEXUS_ASSIGN_OR_RETURN(std::optional<Position> match,
                             state_.FirstMatch(tenant, condition.fail_if_match, after));
      if (match.has_value()) return match;
    }
    if (result_.accepted.empty()) return std::optional<Position>();
    if (IsPlanted(PlantedFault::kConditionSkipsGroup)) return std::optional<Position>();
    const FilterProbe probe(condition.fail_if_match);
    for (const AcceptedCommit& accepted : result_.accepted) {
      const Position first = result_.verdicts[accepted.index]->first;
      const CommitTraits& traits = *group_[accepted.index].traits;
      if (traits.tenant() != tenant) continue;
      const size_t from = after >= first ? after.value - first.value + 1 : 0;
      const std::optional<size_t> at = traits.FirstMatch(probe, from, traits.events());
      if (at.has_value()) return std::optional<Position>(first.Plus(*at));
    }
    return std::optional<Position>();
  }

  CommitReceipt Accept(size_t index, const Streams& streams) {
    const Commit& commit = *group_[index].commit;
    CommitReceipt receipt;
    receipt.id = commit.id;
    Position before = result_.tip.head;
    if (IsPlanted(PlantedFault::kPositionTwice) && before.value % 7 == 6) before.value -= 1;
    receipt.first = before.Next();
    receipt.last = before.Plus(commit.events.size());
    receipt.recorded = std::max(result_.tip.last_recorded, commit.proposed);
    receipt.streams.reserve(commit.streams.size());
    for (const CommitStream& stream : commit.streams) {
      receipt.streams.push_back({stream.name, Revision(), Revision(), 0});
    }
    const Heads heads = Extend(commit, streams, receipt);
    AcceptedCommit accepted;
    accepted.index = index;
    accepted.stream_numbers.resize(commit.streams.size());
    for (size_t i = 0; i < heads.size(); ++i) {
      if (receipt.streams[i].events == 0) continue;
      accepted.stream_numbers[i] = heads[i].first_position;
      streams_.Move(*streams[i], heads[i],
                    {index, static_cast<uint32_t>(i), receipt.streams[i].first});
    }
    result_.tip = {receipt.last, receipt.recorded};
    result_.accepted.push_back(std::move(accepted));
    if (group_.size() > 1) ids_.emplace(IdKey(commit.tenant, commit.id), index);
    return receipt;
  }

  // The heads of the commit's streams behind its events; fills the outcomes of `receipt` and the
  // rows of events that need one.
  Heads Extend(const Commit& commit, const Streams& streams, CommitReceipt& receipt) {
    Heads heads;
    heads.reserve(streams.size());
    for (const GroupStreams::Stream* stream : streams) {
      heads.push_back(stream->head.value_or(StreamHead()));
    }
    Position position = receipt.first;
    for (const CommitEvent& entry : commit.events) {
      StreamHead& head = heads[entry.stream_index];
      StreamOutcome& outcome = receipt.streams[entry.stream_index];
      const bool begins = head.first_position.value == 0;
      if (begins) {
        head.first_position = position;
        head.created = receipt.recorded;
      } else {
        head.last_revision = head.last_revision.Next();
        const bool gap = IsPlanted(PlantedFault::kRevisionGap) && position.value % 7 == 0;
        if (gap) head.last_revision = head.last_revision.Next();
      }
      head.last_position = position;
      head.updated = receipt.recorded;
      if (outcome.events++ == 0) outcome.first = head.last_revision;
      outcome.last = head.last_revision;
      if (!head.TakeId(entry.event.id, head.last_revision)) {
        result_.id_rows.push_back({head.first_position, entry.event.id, head.last_revision});
      }
      position = position.Next();
    }
    return heads;
  }

  LogState& state_;
  const absl::Span<const Candidate> group_;
  const Position before_;  // where the log ended before the group
  GroupStreams streams_;
  AppliedGroup result_;
  absl::flat_hash_map<IdKey, size_t> ids_;  // accepted in this group -> index
  absl::flat_hash_map<size_t, std::unique_ptr<const Commit>> whole_;  // those that were loaded
};

}  // namespace

AppliedGroup Apply(const LogTip& tip, LogState& state, absl::Span<const Candidate> group) {
  return GroupApplier(tip, state, group).Run();
}

}  // namespace nexus::log
