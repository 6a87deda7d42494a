// The durable log behaves like the one in memory, whatever is done to both.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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

// Few as well: conditions are to meet them.
const std::vector<std::string> kTypes = {"placed", "paid", "sent"};
const std::vector<std::string> kTags = {"eu", "us", "vip"};

struct PlannedEvent {
  std::string stream;
  std::string data;
  // Distinct within the commit; 0: made from the commit's id.
  uint32_t id = 0;
  std::string type;
  std::vector<std::string> tags;

  friend bool operator==(const PlannedEvent&, const PlannedEvent&) = default;
};

// What a commit is to do, small enough to be shrunk and printed.
struct Plan {
  uint64_t id = 0;
  int64_t proposed = 0;
  std::vector<std::pair<std::string, ExpectedRevision>> streams;
  std::vector<PlannedEvent> events;
  std::vector<AppendCondition> conditions;

  Commit ToCommit() const {
    contract::CommitOf builder(id);
    for (const auto& [name, expected] : streams) builder.Stream(name, expected);
    for (const PlannedEvent& event : events) builder.Event(event.stream, event.data);
    Commit commit = builder.At(proposed);
    for (size_t i = 0; i < events.size(); ++i) {
      Event& event = commit.events[i].event;
      if (events[i].id != 0) event.id = EventIdOf(events[i].id);
      event.type = events[i].type;
      event.tags = events[i].tags;
    }
    commit.conditions = conditions;
    return commit;
  }
  friend bool operator==(const Plan&, const Plan&) = default;

 private:
  static EventId EventIdOf(uint32_t number) {
    EventId id;
    for (int i = 0; i < 4; ++i) id.bytes[i] = static_cast<uint8_t>(number >> (24 - 8 * i));
    return id;
  }
};

std::string Describe(const Plan& plan) {
  std::string out = absl::StrCat("commit ", plan.id, " time ", plan.proposed);
  for (const auto& [name, expected] : plan.streams) {
    absl::StrAppend(&out, " [", name, " ", expected.ToString(), "]");
  }
  for (const PlannedEvent& event : plan.events) {
    absl::StrAppend(&out, " ", event.stream, "=", event.data, "#", event.id, ":", event.type, "{",
                    absl::StrJoin(event.tags, ","), "}");
  }
  for (const AppendCondition& condition : plan.conditions) {
    absl::StrAppend(&out, " unless after ", condition.after.value, " checked ",
                    condition.checked.value);
    for (const FilterItem& item : condition.fail_if_match.items) {
      absl::StrAppend(&out, " (", absl::StrJoin(item.types, ","), "|",
                      absl::StrJoin(item.tags, ","), "|", absl::StrJoin(item.categories, ","), ")");
    }
  }
  return out;
}

// Only what generators need to hit interesting cases; the oracle is the log in memory.
struct Model {
  std::map<std::string, uint64_t> events;  // a stream's number of events
  std::map<uint64_t, Plan> accepted;
  uint64_t head = 0;
  uint64_t ids = 0;
  uint32_t greatest = 0;  // number of an event id

  // About right: whether ids and conditions let a commit pass is for the logs to say.
  void Apply(const Plan& plan) {
    ids = std::max(ids, plan.id);
    if (accepted.count(plan.id) > 0) return;
    for (const auto& [name, expected] : plan.streams) {
      std::optional<Revision> last;
      if (events.count(name) > 0) last = Revision(events[name] - 1);
      if (!expected.Holds(last)) return;
    }
    for (const PlannedEvent& event : plan.events) {
      ++events[event.stream];
      greatest = std::max(greatest, event.id);
    }
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
    options.recent_events_max = 24;
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

// Ascending as a rule, so that the sorted beginning of a stream has some length; then not.
uint32_t AnyEventId(uint32_t& greatest) {
  const int draw = *rc::gen::inRange(0, 20);
  if (draw < 15 || greatest == 0) return greatest += *rc::gen::inRange<uint32_t>(1, 4);
  return *rc::gen::inRange<uint32_t>(1, greatest + 1);
}

std::vector<std::string> AnyTags() {
  std::vector<std::string> tags;
  for (const std::string& tag : kTags) {
    if (*rc::gen::inRange(0, 3) == 0) tags.push_back(tag);
  }
  return tags;
}

AppendCondition AnyCondition(uint64_t head) {
  AppendCondition condition;
  const int items = *rc::gen::inRange(0, 3);
  for (int i = 0; i < items; ++i) {
    FilterItem& item = condition.fail_if_match.items.emplace_back();
    if (*rc::gen::arbitrary<bool>()) item.types = {*rc::gen::elementOf(kTypes)};
    if (*rc::gen::arbitrary<bool>()) item.tags = AnyTags();
    if (*rc::gen::inRange(0, 3) == 0) item.categories = {"order"};
  }
  // Mostly near the end: or hardly any would hold. What the log has stored may be less than the
  // model believes, and then nothing lies behind `after`.
  const uint64_t back = *rc::gen::inRange<uint64_t>(0, *rc::gen::element(2, 6, 80));
  condition.after = Position(head > back ? head - back : 0);
  return condition;
}

Plan KnownPlan(const Model& model) {
  Plan known = (*rc::gen::elementOf(model.accepted)).second;
  const int change = *rc::gen::inRange(0, 6);
  if (change == 0) known.events[0].data += "'";
  // The same events under another commit id, in another order, or not all of them.
  if (change >= 2) known.id = model.ids + 1;
  if (change == 4) std::swap(known.events.front(), known.events.back());
  if (change == 5 && known.events.size() > 1) known.events.pop_back();
  return known;
}

Plan AnyPlan(const Model& model) {
  if (!model.accepted.empty() && *rc::gen::inRange(0, 5) == 0) return KnownPlan(model);
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
  const bool own_ids = *rc::gen::inRange(0, 3) > 0;
  uint32_t greatest = model.greatest;
  std::set<uint32_t> used;
  for (int i = 0; i < events; ++i) {
    PlannedEvent event{*rc::gen::elementOf(names), absl::StrCat("d", i), 0,
                       *rc::gen::elementOf(kTypes), AnyTags()};
    if (own_ids) event.id = AnyEventId(greatest);
    if (event.id != 0 && !used.insert(event.id).second) continue;
    plan.events.push_back(std::move(event));
  }
  const int conditions = std::max(0, *rc::gen::inRange(-2, 3));
  for (int i = 0; i < conditions; ++i) plan.conditions.push_back(AnyCondition(model.head));
  return plan;
}

using Command = rc::state::Command<Model, Sut>;

struct Append : Command {
  Plan plan;

  explicit Append(const Model& model) : plan(AnyPlan(model)) {}
  void apply(Model& model) const override { model.Apply(plan); }
  void run(const Model&, Sut& sut) const override {
    Commit commit = plan.ToCommit();
    // Somebody looked before: what lies up to there must not be looked at again, nor be missed.
    Look(sut, commit);
    RC_ASSERT(Known(*sut.durable, commit) == Known(sut.memory, commit));
    RC_ASSERT(TextOf(contract::ProposeAndWait(*sut.durable, commit)) ==
              TextOf(contract::ProposeAndWait(sut.memory, commit)));
    RC_ASSERT(sut.durable->Head() == sut.memory.Head());
  }
  void show(std::ostream& out) const override { out << Describe(plan); }

 private:
  static std::string Known(LogBackend& log, const Commit& commit) {
    const auto found = log.FindCommit(commit);
    if (found.ok() && !found->has_value()) return "new";
    return found.ok() ? TextOf(absl::StatusOr<CommitReceipt>(**found))
                      : std::string(ReasonName(ReasonOf(found.status())));
  }
  static void Look(Sut& sut, Commit& commit) {
    const Position head = sut.memory.Head();
    for (size_t i = 1; i < commit.conditions.size(); ++i) {
      AppendCondition& condition = commit.conditions[i];
      const auto page =
          sut.memory.ReadAll(condition.after.Next(), Direction::kForward, {1'000'000, 1 << 30});
      condition.checked = std::max(head, condition.after);
      for (const RecordedEvent& event : page->events) {
        if (condition.found.has_value() || !condition.fail_if_match.Matches(event)) continue;
        condition.found = event.position;
      }
    }
  }
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
