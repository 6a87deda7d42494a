// The durable log behaves like the one in memory, whatever is done to both.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "contract/event_log_contract.h"
#include "fake/recording_metrics.h"
#include "property/log_text.h"
#include "storage/memory/memory_log.h"
#include "storage/rocksdb/rocks_log.h"
#include "storage/temporary_folder.h"

namespace nexus::property {
namespace {

// Few, so that commits collide; of several categories, one of the system, one not ASCII.
const std::vector<std::string> kNames = {"a", "order-1", "order-2", "order!", "$sys", "ö-1"};

// What a commit is to do, small enough to be shrunk and printed.
struct Plan {
  uint64_t id = 0;
  int64_t proposed = 0;
  std::vector<std::pair<std::string, ExpectedRevision>> streams;
  std::vector<std::pair<std::string, std::string>> events;  // stream, data

  Commit ToCommit() const {
    contract::CommitOf commit(id);
    for (const auto& [name, expected] : streams) commit.Stream(name, expected);
    for (const auto& [name, data] : events) commit.Event(name, data);
    return commit.At(proposed);
  }
  friend bool operator==(const Plan&, const Plan&) = default;
};

std::string Describe(const Plan& plan) {
  std::string out = absl::StrCat("commit ", plan.id, " time ", plan.proposed);
  for (const auto& [name, expected] : plan.streams) {
    absl::StrAppend(&out, " [", name, " ", expected.ToString(), "]");
  }
  for (const auto& [name, data] : plan.events) absl::StrAppend(&out, " ", name, "=", data);
  return out;
}

// Only what generators need to hit interesting cases; the oracle is the log in memory.
struct Model {
  std::map<std::string, uint64_t> events;  // a stream's number of events
  std::map<uint64_t, Plan> accepted;
  uint64_t head = 0;
  uint64_t ids = 0;

  void Apply(const Plan& plan) {
    ids = std::max(ids, plan.id);
    if (accepted.count(plan.id) > 0) return;
    for (const auto& [name, expected] : plan.streams) {
      std::optional<Revision> last;
      if (events.count(name) > 0) last = Revision(events[name] - 1);
      if (!expected.Holds(last)) return;
    }
    for (const auto& [name, data] : plan.events) ++events[name];
    head += plan.events.size();
    accepted[plan.id] = plan;
  }
};

struct Sut {
  Sut() { Open(); }

  void Open() {
    durable.reset();
    storage::RocksLogOptions options(folder.path(), metrics);
    options.disk_space = [] { return storage::DiskSpace{1u << 30, 1u << 30}; };
    options.group_commits_max = 3;
    options.cached_streams_max = 2;
    options.memtable_bytes = 64 << 10;
    durable = storage::RocksLog::Open(options).value();
  }

  storage::TemporaryFolder folder;
  fake::RecordingMetrics metrics;
  storage::MemoryLog memory;
  std::unique_ptr<storage::RocksLog> durable;
};

ExpectedRevision AnyExpectation(uint64_t events) {
  // Three of four hold for a stream with this many events.
  const int draw = *rc::gen::inRange(0, 8);
  if (draw < 2) return ExpectedRevision::Any();
  if (draw == 6) return ExpectedRevision::StreamExists();
  if (draw == 7) return ExpectedRevision::Exactly(*rc::gen::inRange<uint64_t>(0, events + 2));
  if (events == 0) return ExpectedRevision::NoStream();
  return ExpectedRevision::Exactly(events - 1);
}

Plan AnyPlan(const Model& model) {
  if (!model.accepted.empty() && *rc::gen::inRange(0, 6) == 0) {
    Plan known = (*rc::gen::elementOf(model.accepted)).second;
    if (*rc::gen::arbitrary<bool>()) known.events[0].second += "'";
    return known;
  }
  Plan plan;
  plan.id = model.ids + 1;
  plan.proposed = *rc::gen::inRange<int64_t>(1, 1'000);
  std::vector<std::string> names = *rc::gen::unique<std::vector<std::string>>(
      *rc::gen::inRange<size_t>(1, 4), rc::gen::elementOf(kNames));
  for (const std::string& name : names) {
    const auto it = model.events.find(name);
    plan.streams.emplace_back(name, AnyExpectation(it == model.events.end() ? 0 : it->second));
  }
  const int events = *rc::gen::inRange(1, 9);
  for (int i = 0; i < events; ++i) {
    plan.events.emplace_back(*rc::gen::elementOf(names), absl::StrCat("d", i));
  }
  return plan;
}

using Command = rc::state::Command<Model, Sut>;

struct Append : Command {
  Plan plan;

  explicit Append(const Model& model) : plan(AnyPlan(model)) {}
  void apply(Model& model) const override { model.Apply(plan); }
  void run(const Model&, Sut& sut) const override {
    const Commit commit = plan.ToCommit();
    RC_ASSERT(ReasonOf(sut.durable->FindCommit(commit).status()) ==
              ReasonOf(sut.memory.FindCommit(commit).status()));
    RC_ASSERT(TextOf(contract::ProposeAndWait(*sut.durable, commit)) ==
              TextOf(contract::ProposeAndWait(sut.memory, commit)));
    RC_ASSERT(sut.durable->Head() == sut.memory.Head());
  }
  void show(std::ostream& out) const override { out << Describe(plan); }
};

// Several proposals at once: they share groups, and repeat one another.
struct AppendTogether : Command {
  std::vector<Plan> plans;

  explicit AppendTogether(const Model& model) {
    Model then = model;
    const int count = *rc::gen::inRange(2, 7);
    for (int i = 0; i < count; ++i) {
      plans.push_back(AnyPlan(then));
      then.Apply(plans.back());
    }
  }
  void apply(Model& model) const override {
    for (const Plan& plan : plans) model.Apply(plan);
  }
  void run(const Model&, Sut& sut) const override {
    RC_ASSERT(ProposeAll(*sut.durable) == ProposeAll(sut.memory));
  }
  void show(std::ostream& out) const override {
    for (const Plan& plan : plans) out << Describe(plan) << "; ";
  }

 private:
  std::vector<std::string> ProposeAll(LogBackend& log) const {
    absl::Mutex mutex;
    std::vector<std::string> answers;
    for (const Plan& plan : plans) {
      log.Propose(plan.ToCommit(), [&](absl::StatusOr<CommitReceipt> verdict) {
        absl::MutexLock lock(&mutex);
        answers.push_back(TextOf(verdict));
      });
    }
    const auto complete = [&] { return answers.size() == plans.size(); };
    absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(&complete));
    return answers;
  }
};

Direction AnyDirection() {
  return *rc::gen::arbitrary<bool>() ? Direction::kForward : Direction::kBackward;
}

PageLimits AnyLimits() {
  PageLimits limits;
  limits.events_max = *rc::gen::inRange<size_t>(0, 12);
  limits.bytes_max = *rc::gen::inRange<size_t>(0, 40);
  return limits;
}

struct ReadAll : Command {
  Position from;
  Direction direction = AnyDirection();
  PageLimits limits = AnyLimits();

  explicit ReadAll(const Model& model) : from(*rc::gen::inRange<uint64_t>(0, model.head + 3)) {}
  void run(const Model&, Sut& sut) const override {
    RC_ASSERT(TextOf(sut.durable->ReadAll(from, direction, limits)) ==
              TextOf(sut.memory.ReadAll(from, direction, limits)));
  }
  void show(std::ostream& out) const override { out << "ReadAll from " << from.value; }
};

struct ReadStream : Command {
  StreamName stream = StreamName::Literal(*rc::gen::elementOf(kNames));
  Revision from;
  Direction direction = AnyDirection();
  PageLimits limits = AnyLimits();

  explicit ReadStream(const Model& model) {
    const auto it = model.events.find(stream.str());
    from = Revision(*rc::gen::inRange<uint64_t>(0, it == model.events.end() ? 2 : it->second + 2));
  }
  void run(const Model&, Sut& sut) const override {
    RC_ASSERT(TextOf(sut.durable->ReadStream(stream, from, direction, limits)) ==
              TextOf(sut.memory.ReadStream(stream, from, direction, limits)));
    RC_ASSERT(TextOf(sut.durable->GetStream(stream)) == TextOf(sut.memory.GetStream(stream)));
  }
  void show(std::ostream& out) const override {
    out << "ReadStream " << stream.str() << " from " << from.value;
  }
};

struct ListStreams : Command {
  StreamQuery query;

  ListStreams() {
    query.name_prefix = *rc::gen::element<std::string>("", "", "o", "order-", "$", "x");
    query.category = *rc::gen::element<std::string>("", "", "order", "a", "$sys", "ö");
    query.after = *rc::gen::element<std::string>("", "", "a", "order", "order-1");
    query.include_system = *rc::gen::arbitrary<bool>();
    query.limit = *rc::gen::inRange<size_t>(0, 5);
  }
  void run(const Model&, Sut& sut) const override {
    RC_ASSERT(TextOf(sut.durable->ListStreams(query)) == TextOf(sut.memory.ListStreams(query)));
  }
  void show(std::ostream& out) const override {
    out << "ListStreams '" << query.name_prefix << "' '" << query.category << "'";
  }
};

struct Reopen : Command {
  void run(const Model&, Sut& sut) const override { sut.Open(); }
  void show(std::ostream& out) const override { out << "Reopen"; }
};

TEST(LogStateMachine, DurableLogBehavesLikeTheOneInMemory) {
  const bool held = rc::check("the durable log behaves like the one in memory", [] {
    Model model;
    Sut sut;
    rc::state::check(
        model, sut,
        rc::state::gen::execOneOfWithArgs<Append, Append, AppendTogether, ReadAll, ReadStream,
                                          ReadStream, ListStreams, Reopen>());
    sut.Open();
    const PageLimits everything{1'000'000, 1 << 30};
    RC_ASSERT(TextOf(sut.durable->ReadAll(Position(1), Direction::kForward, everything)) ==
              TextOf(sut.memory.ReadAll(Position(1), Direction::kForward, everything)));
    RC_ASSERT(
        TextOf(sut.durable->ReadAll(Position(UINT64_MAX), Direction::kBackward, everything)) ==
        TextOf(sut.memory.ReadAll(Position(UINT64_MAX), Direction::kBackward, everything)));
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace nexus::property
