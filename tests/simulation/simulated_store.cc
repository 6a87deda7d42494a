#include "simulation/simulated_store.h"

#include <utility>

namespace nexus::simulation {
namespace {

size_t EventsOf(const StoredGroup& group) {
  size_t events = 0;
  for (const StoredCommitPtr& stored : group) events += stored->commit.events.size();
  return events;
}

// The first `events` events of `group`: whole commits, and perhaps a part of one.
StoredGroup Tear(const StoredGroup& group, size_t events) {
  StoredGroup part;
  for (const StoredCommitPtr& stored : group) {
    if (events == 0) break;
    log::StoredCommit commit = *stored;
    if (events < commit.commit.events.size()) {
      commit.commit.events.resize(events);
      commit.receipt.last = Position(commit.receipt.first.value + events - 1);
    }
    events -= commit.commit.events.size();
    part.push_back(std::make_shared<const log::StoredCommit>(std::move(commit)));
  }
  return part;
}

}  // namespace

absl::Status SimulatedStore::Write(StoredGroup group) {
  if (!sound_ && chance_.Buggify("write finds no space")) {
    return absl::ResourceExhaustedError("no space left on device");
  }
  live_.push_back({std::move(group), false});
  return absl::OkStatus();
}

absl::Status SimulatedStore::Sync() {
  if (!sound_ && chance_.Buggify("sync fails")) {
    // The pages are marked clean: a sync after this one would succeed and promise nothing.
    if (chance_.OneIn(2)) durable_ = live_.size();
    return absl::UnavailableError("input/output error");
  }
  durable_ = live_.size();
  return absl::OkStatus();
}

void SimulatedStore::Kill() {
  // The system writes what the process had written.
  durable_ = live_.size();
}

void SimulatedStore::CutPower() {
  power_was_cut_ = true;
  if (live_.size() == durable_) return;
  const uint64_t fate = chance_.Below(3);
  if (fate == 0) {
    chance_.Reached("power cut keeps what was not synced");
    durable_ = live_.size();
  } else if (fate == 1 && EventsOf(live_[durable_].group) > 1) {
    chance_.Reached("power cut tears a group");
    live_.resize(durable_ + 1);
    Record& last = live_.back();
    last.group = Tear(last.group, chance_.Between(1, EventsOf(last.group) - 1));
    last.torn = true;
    durable_ = live_.size();
  } else {
    chance_.Reached("power cut drops what was not synced");
    live_.resize(durable_);
  }
}

StoredGroup SimulatedStore::Recover() {
  if (!live_.empty() && live_.back().torn && planted_ != Planted::kKeepTornGroup) {
    chance_.Reached("a torn group is found at the start");
    live_.pop_back();
  }
  if (planted_ == Planted::kReusePositions && power_was_cut_ && !live_.empty()) live_.pop_back();
  power_was_cut_ = false;
  durable_ = live_.size();
  StoredGroup commits;
  for (Record& record : live_) {
    record.torn = false;
    commits.insert(commits.end(), record.group.begin(), record.group.end());
  }
  return commits;
}

}  // namespace nexus::simulation
