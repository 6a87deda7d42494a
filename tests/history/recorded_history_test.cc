// What sixteen threads do to a log at once has one order that explains every answer.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/synchronization/notification.h"
#include "fake/recording_metrics.h"
#include "fake/thread_executor.h"
#include "follow/head_signal.h"
#include "follow/log_follower.h"
#include "history/check.h"
#include "history/log_client.h"
#include "storage/memory/memory_log.h"
#include "storage/rocksdb/rocks_log.h"
#include "storage/temporary_folder.h"

namespace nexus::history {
namespace {

using ::testing::IsEmpty;

constexpr int kThreads = 16;
constexpr int kRounds = 4;

// Fewer under a sanitizer.
int Operations() {
  int operations = 200'000;
  if (const char* text = getenv("NEXUS_HISTORY_OPERATIONS"); text != nullptr) {
    EXPECT_TRUE(absl::SimpleAtoi(text, &operations)) << text;
  }
  return operations;
}

// A log that can be closed and opened again.
class Home {
 public:
  virtual ~Home() = default;
  virtual void Open() = 0;
  virtual LogBackend& log() = 0;
  virtual EventReader& reader() = 0;
};

class MemoryHome : public Home {
 public:
  void Open() override {}
  LogBackend& log() override { return log_; }
  EventReader& reader() override { return log_; }

 private:
  storage::MemoryLog log_;
};

class RocksHome : public Home {
 public:
  void Open() override {
    log_.reset();
    storage::RocksLogOptions options(folder_.path(), metrics_);
    options.disk_space = [] { return storage::DiskSpace{1u << 30, 1u << 30}; };
    options.cached_streams_max = 8;
    options.memtable_bytes = 4 << 20;
    log_ = storage::RocksLog::Open(options).value();
  }
  LogBackend& log() override { return *log_; }
  EventReader& reader() override { return *log_; }

 private:
  storage::TemporaryFolder folder_;
  fake::RecordingMetrics metrics_;
  std::unique_ptr<storage::RocksLog> log_;
};

// Follows the whole log, or a stream, from where it stands to the head that it is told to reach.
class Follower {
 public:
  Follower(uint32_t number, std::string stream, Ticks& ticks)
      : number_(number), stream_(std::move(stream)), ticks_(ticks) {}

  void Start(EventReader& reader, follow::HeadSignal& signal, Executor& executor) {
    Session& session = journal_.sessions.emplace_back();
    session.client = number_;
    session.stream = stream_;
    session.next = stream_.empty() ? next_ + 1 : next_;
    follow::FollowOptions options;
    if (!stream_.empty()) options.stream = StreamName::Literal(stream_);
    options.next = session.next;
    options.limits.events_max = 64;
    wanted_ = UINT64_MAX;
    ended_ = std::make_unique<absl::Notification>();
    follower_ = std::make_unique<follow::LogFollower>(reader, signal, executor, options);
    Ask();
  }
  // Call when nobody appends any more.
  void Finish(EventReader& reader) {
    wanted_ = reader.Head().value;
    if (!stream_.empty()) {
      wanted_ = reader.GetStream(StreamName::Literal(stream_)).value().last_revision.value + 1;
    }
    ended_->WaitForNotification();
    follower_.reset();
  }
  Journal TakeJournal() { return std::move(journal_); }

 private:
  void Ask() {
    follower_->Next(absl::Milliseconds(20), [this](absl::StatusOr<follow::FollowStep> step) {
      ASSERT_TRUE(step.ok()) << step.status();
      if (step->batch) Note(*step->batch);
      if (next_ >= wanted_) {
        ended_->Notify();
        return;
      }
      Ask();
    });
  }
  void Note(const EventBatch& page) {
    Delivery delivery;
    delivery.head = page.head.value;
    for (const RecordedEvent& event : page.events) delivery.events.push_back(Seen(event));
    next_ += page.events.size();
    delivery.checkpoint = stream_.empty() ? next_ : next_ - 1;
    delivery.at = ticks_.Next();
    journal_.sessions.back().deliveries.push_back(std::move(delivery));
  }

  const uint32_t number_;
  const std::string stream_;
  Ticks& ticks_;
  uint64_t next_ = 0;  // events seen
  std::atomic<uint64_t> wanted_{0};
  std::unique_ptr<absl::Notification> ended_;
  std::unique_ptr<follow::LogFollower> follower_;
  Journal journal_;
};

class Recording {
 public:
  explicit Recording(std::unique_ptr<Home> home) : home_(std::move(home)) {
    for (uint32_t i = 0; i < kThreads; ++i) {
      clients_.push_back(std::make_unique<LogClient>(i, 1 + i, Mix(), ticks_));
    }
    followers_.push_back(std::make_unique<Follower>(100, "", ticks_));
    followers_.push_back(std::make_unique<Follower>(101, "hot-1", ticks_));
  }

  History Run() {
    for (int round = 0; round < kRounds; ++round) Round();
    History history;
    for (const auto& client : clients_) {
      EXPECT_EQ(client->failed_reads(), 0);
      history.Add(client->TakeJournal());
    }
    for (const auto& follower : followers_) history.Add(follower->TakeJournal());
    history.log = ReadLog(home_->reader()).value();
    return history;
  }

 private:
  static CommitMix Mix() { return {}; }

  void Round() {
    home_->Open();
    fake::ThreadExecutor executor;
    follow::HeadSignal signal(executor, home_->reader().Head());
    home_->log().SetHeadListener([&signal](Position head) { signal.Publish(head); });
    for (const auto& follower : followers_) follower->Start(home_->reader(), signal, executor);
    std::vector<std::thread> threads;
    for (const auto& client : clients_) {
      threads.emplace_back([this, &client] {
        client->Run(home_->log(), home_->reader(), Operations() / kThreads / kRounds);
      });
    }
    for (std::thread& thread : threads) thread.join();
    signal.Publish(home_->reader().Head());
    for (const auto& follower : followers_) follower->Finish(home_->reader());
    home_->log().SetHeadListener([](Position) {});
  }

  const std::unique_ptr<Home> home_;
  Ticks ticks_;
  std::vector<std::unique_ptr<LogClient>> clients_;
  std::vector<std::unique_ptr<Follower>> followers_;
};

// How many appends ended in each way; reads and deliveries too. A history without one of them
// would prove less than it seems to.
void ExpectAllOfIt(const History& history) {
  size_t stored = 0, repeated = 0, multi = 0, delivered = 0;
  std::map<ErrorReason, size_t> refused;
  for (const AppendCall& call : history.calls.appends) {
    if (call.outcome == Outcome::kRefused) ++refused[call.reason];
    if (call.outcome != Outcome::kStored) continue;
    ++(call.receipt.repeated ? repeated : stored);
    if (call.streams.size() > 1) ++multi;
  }
  for (const Session& session : history.calls.sessions) {
    for (const Delivery& delivery : session.deliveries) delivered += delivery.events.size();
  }
  const size_t calls = history.calls.appends.size();
  EXPECT_GT(stored, calls / 5);
  EXPECT_GT(repeated, calls / 100);
  EXPECT_GT(multi, calls / 50);
  EXPECT_GT(refused[ErrorReason::kRevisionConflict], calls / 10);
  EXPECT_GT(refused[ErrorReason::kAppendConditionFailed], calls / 500);
  EXPECT_GT(refused[ErrorReason::kEventIdTaken], calls / 5'000);
  EXPECT_GT(history.calls.reads.size(), calls / 2);
  EXPECT_GT(delivered, history.log.size());
}

struct Kind {
  std::string name;
  std::unique_ptr<Home> (*make)();
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

class RecordedHistory : public ::testing::TestWithParam<Kind> {};

TEST_P(RecordedHistory, OfConcurrentClientsHasOneOrderThatExplainsEveryAnswer) {
  const History history = Recording(GetParam().make()).Run();
  EXPECT_THAT(Check(history).ToString(), IsEmpty());
  ExpectAllOfIt(history);
}

INSTANTIATE_TEST_SUITE_P(
    Logs, RecordedHistory,
    ::testing::Values(
        Kind{"memory", [] { return std::unique_ptr<Home>(std::make_unique<MemoryHome>()); }},
        Kind{"rocksdb", [] { return std::unique_ptr<Home>(std::make_unique<RocksHome>()); }}),
    [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace nexus::history
