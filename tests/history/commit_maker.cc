#include "history/commit_maker.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace nexus::history {
namespace {

constexpr size_t kSentKept = 16;
constexpr int kTypes = 3;

CommitId IdOf(uint64_t high, uint64_t low) {
  CommitId id;
  for (int i = 0; i < 8; ++i) {
    id.bytes[7 - i] = static_cast<uint8_t>(high >> (8 * i));
    id.bytes[15 - i] = static_cast<uint8_t>(low >> (8 * i));
  }
  return id;
}

}  // namespace

Commit CommitMaker::Next() {
  if (!sent_.empty() && random_.OneIn(mix_.repeat_one_in)) {
    Commit old = sent_[random_.Below(sent_.size())];
    // The same events make the same commit, whatever it is called.
    if (mix_.taken_ids && random_.OneIn(4)) old.id = IdOf(client_ + 1, ++made_);
    return old;
  }
  Commit commit = NewCommit();
  if (sent_.size() < kSentKept) {
    sent_.push_back(commit);
  } else if (random_.OneIn(8)) {
    sent_[random_.Below(kSentKept)] = commit;
  }
  return commit;
}

Commit CommitMaker::NewCommit() {
  Commit commit;
  commit.id = IdOf(client_ + 1, ++made_);
  commit.stamp = {"alice", "d", "p", 1};
  commit.proposed = Timestamp{static_cast<int64_t>(1'000'000 + random_.Below(1'000))};
  const uint64_t kind = random_.Below(8);  // 0-4: one hot stream, 5-6: two, 7: its own
  if (kind == 7) {
    commit.streams.push_back({StreamName::Literal(OwnStream()), Expect(OwnStream())});
  } else {
    const uint64_t first = random_.Below(static_cast<uint64_t>(mix_.hot_streams));
    const int count = kind >= 5 && mix_.hot_streams > 1 ? 2 : 1;
    for (int i = 0; i < count; ++i) {
      const uint64_t number =
          (first + static_cast<uint64_t>(i)) % static_cast<uint64_t>(mix_.hot_streams);
      const std::string name = absl::StrCat("hot-", number);
      commit.streams.push_back({StreamName::Literal(name), Expect(name)});
    }
  }
  for (uint32_t i = 0; i < commit.streams.size(); ++i) {
    // Of two streams one may be checked only.
    if (i == 0 || !random_.OneIn(3)) AddEvents(commit, i);
  }
  if (mix_.taken_ids && !sent_.empty() && random_.OneIn(60)) {
    const Commit& old = sent_[random_.Below(sent_.size())];
    commit.events[0].event.id = old.events[0].event.id;
  }
  if (mix_.conditions && random_.OneIn(4)) AddConditions(commit);
  return commit;
}

void CommitMaker::AddEvents(Commit& commit, uint32_t stream_index) {
  const uint64_t count = 1 + random_.Below(static_cast<uint64_t>(mix_.events_max));
  for (uint64_t i = 0; i < count; ++i) {
    CommitEvent entry;
    entry.stream_index = stream_index;
    entry.event.id = DeriveEventId(commit.id, static_cast<uint32_t>(commit.events.size()));
    entry.event.type = absl::StrCat("type-", random_.Below(kTypes));
    entry.event.content_type = std::string(kJsonContentType);
    entry.event.data = absl::StrCat("{\"n\":", made_, Filler(), "}");
    entry.event.tags = {absl::StrCat("tag-", random_.Below(static_cast<uint64_t>(mix_.tags)))};
    commit.events.push_back(std::move(entry));
  }
}

std::string CommitMaker::Filler() {
  if (mix_.filler_bytes_max == 0) return "";
  return absl::StrCat(",\"filler\":\"", std::string(random_.Below(mix_.filler_bytes_max), 'x'),
                      "\"");
}

std::vector<std::string> CommitMaker::Types() {
  std::vector<std::string> types;
  for (int i = 0; i < kTypes; ++i) types.push_back(absl::StrCat("type-", i));
  return types;
}

void CommitMaker::AddConditions(Commit& commit) {
  const uint64_t count = 1 + random_.Below(2);
  for (uint64_t i = 0; i < count; ++i) {
    AppendCondition condition;
    FilterItem item;
    item.tags = {absl::StrCat("tag-", random_.Below(static_cast<uint64_t>(mix_.tags)))};
    if (random_.OneIn(2)) item.types = {absl::StrCat("type-", random_.Below(kTypes))};
    condition.fail_if_match.items.push_back(std::move(item));
    // Mostly the end as it was last seen: then it holds unless somebody was faster.
    condition.after = Position(head_ - std::min<uint64_t>(head_, random_.Below(4)));
    condition.checked = condition.after;
    commit.conditions.push_back(std::move(condition));
  }
}

ExpectedRevision CommitMaker::Expect(const std::string& stream) {
  const uint64_t draw = random_.Below(8);
  const auto known = last_revision_.find(stream);
  if (draw == 0 || random_.OneIn(mix_.any_one_in)) return ExpectedRevision::Any();
  if (draw == 1) {
    return random_.OneIn(2) ? ExpectedRevision::StreamExists() : ExpectedRevision::NoStream();
  }
  if (known == last_revision_.end()) return ExpectedRevision::NoStream();
  return ExpectedRevision::Exactly(known->second);
}

void CommitMaker::Learn(const AppendCall& answered) {
  if (answered.outcome == Outcome::kStored) {
    head_ = std::max(head_, answered.receipt.last.value);
    for (const StreamOutcome& outcome : answered.receipt.streams) {
      if (outcome.events > 0) Saw(outcome.stream.str(), outcome.last.value, 0);
    }
    return;
  }
  for (const FailedExpectation& failed : answered.failed_expectations) {
    if (failed.actual.has_value()) Saw(failed.stream, failed.actual->value, 0);
  }
  for (const FailedCondition& failed : answered.failed_conditions) {
    head_ = std::max(head_, failed.position.value);
  }
}

void CommitMaker::Saw(const std::string& stream, uint64_t revision, uint64_t position) {
  const auto [it, added] = last_revision_.try_emplace(stream, revision);
  if (!added) it->second = std::max(it->second, revision);
  head_ = std::max(head_, position);
}

std::string CommitMaker::AnyStream() {
  const uint64_t draw = random_.Below(static_cast<uint64_t>(mix_.hot_streams) + 1);
  if (draw == static_cast<uint64_t>(mix_.hot_streams)) return OwnStream();
  return absl::StrCat("hot-", draw);
}

std::string CommitMaker::OwnStream() const { return absl::StrCat("own-", client_); }

}  // namespace nexus::history
