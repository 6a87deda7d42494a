#pragma once

// A client of the simulation: appends and reads one after the other, never believes that silence is
// an answer, and sends what it does not know again.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/append_order.h"
#include "history/commit_maker.h"
#include "history/history.h"
#include "simulation/world.h"

namespace nexus::simulation {

class Client {
 public:
  // `through_engine`: with policy and admission; else the log itself.
  Client(uint32_t number, World& world, history::CommitMix mix, int operations,
         bool through_engine);
  ~Client();

  void Start() { Think(); }
  // The process is about to go: nothing of it will be answered.
  void OnCrash();
  // Everything is done and nothing is unknown.
  bool done() const { return left_ == 0 && !busy_ && !retry_.has_value(); }
  int left() const { return left_; }
  history::Journal TakeJournal();

 private:
  void Think();
  void Act();
  void Append();
  void Send(const Commit& commit, uint64_t turn);
  void OnVerdict(uint64_t turn, const absl::StatusOr<CommitReceipt>& verdict);
  void GiveUp(uint64_t turn);
  void Read();
  void OnCursor(uint64_t turn, absl::StatusOr<std::unique_ptr<engine::ReadCursor>> cursor);
  // Several commits at once, which must stand in the order of their calls.
  void Pipeline();
  struct Flight;
  void OnPipelined(Flight& flight, size_t index, const absl::StatusOr<CommitReceipt>& verdict);
  void Finish();

  const uint32_t number_;
  World& world_;
  const bool through_engine_;
  history::CommitMaker maker_;
  int left_;
  bool busy_ = false;
  uint64_t turn_ = 0;  // of the call under way: late answers are told apart
  std::optional<Commit> commit_;
  std::optional<Commit> retry_;
  history::AppendCall append_;
  std::vector<std::shared_ptr<Flight>> flights_;  // pipelines, answered or not
  std::optional<history::ReadCall> read_;
  history::Journal journal_;
};

// A subscriber that goes on where it was, process after process.
class Subscriber {
 public:
  Subscriber(uint32_t number, World& world, std::string stream);

  void Start() { Open(); }
  void OnCrash();
  // It has seen all that there is.
  bool CaughtUp() const;
  uint64_t seen() const { return next_; }
  history::Journal TakeJournal() { return std::move(journal_); }

 private:
  void Open();
  void OpenSoon();
  void OnOpened(uint64_t turn, absl::StatusOr<std::unique_ptr<subscription::Subscription>> opened);
  void Ask();
  void OnMessage(uint64_t turn, absl::StatusOr<subscription::Message> message);

  const uint32_t number_;
  World& world_;
  const std::string stream_;
  uint64_t next_ = 0;  // events passed: of the log, or of the stream
  uint64_t turn_ = 0;
  std::unique_ptr<subscription::Subscription> subscription_;
  history::Journal journal_;
};

}  // namespace nexus::simulation
