// What must hold of every stream and every order of commands, tried on many by chance.

#include <rapidcheck.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "command/aggregate_code.h"
#include "command/command_fixture.h"
#include "command/snapshot_fixture.h"
#include "domain/upcast/script_runner.h"
#include "nexus/core/errors.h"

namespace nexus::command {
namespace {

std::string EventText(int amount, size_t revision) {
  return absl::StrCat(R"({"type":")", amount >= 0 ? "Deposited" : "Withdrawn",
                      R"(","data":{"amount":)", std::abs(amount), R"(},"revision":)", revision,
                      "}");
}

std::string ArrayOf(const std::vector<int>& amounts, size_t from, size_t to) {
  std::string text = "[";
  for (size_t i = from; i < to; ++i) {
    absl::StrAppend(&text, i > from ? "," : "", EventText(amounts[i], i));
  }
  return text + "]";
}

class ReplayPropertyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    scripts_ = *script::SpiderMonkeyEngine::Create(clock_);
    context_ = *scripts_->NewContext({});
    code_ = *AggregateCode::Load(*context_,
                                 AccountDomain(json_, kAccountScript)->aggregates().front(), {});
  }

  SystemClock clock_;
  schema::SimdJsonReader json_;
  std::unique_ptr<script::SpiderMonkeyEngine> scripts_;
  std::unique_ptr<script::ScriptContext> context_;
  std::unique_ptr<AggregateCode> code_;
};

// Wherever the events are cut, and whether or not the state went through its JSON at the cut, as it
// does in a snapshot.
TEST_F(ReplayPropertyTest, AStreamAlwaysMakesTheSameState) {
  const bool held = rc::check("fold, cut and restored", [this] {
    const auto amounts = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-1'000, 1'000));
    const StateValue first = *code_->Begin();
    const StateValue whole =
        *code_->Fold(*first, ArrayOf(amounts, 0, amounts.size()), amounts.size());
    StateValue state = *code_->Begin();
    for (size_t at = 0; at < amounts.size();) {
      const size_t to = at + *rc::gen::inRange<size_t>(1, amounts.size() - at + 1);
      state = *code_->Fold(*state, ArrayOf(amounts, at, to), to - at);
      if (*rc::gen::arbitrary<bool>()) state = *code_->Restore(*code_->StateJson(*state));
      at = to;
    }
    RC_ASSERT(*code_->StateJson(*state) == *code_->StateJson(*whole));
  });
  EXPECT_TRUE(held);
}

class SnapshotPropertyTest : public SnapshotFixture {};

// Snapshots at any revisions, from memory or from the log, some of them lost again: the state is
// the one that the events alone make.
TEST_F(SnapshotPropertyTest, AStreamMakesTheSameStateWithSnapshotsAndWithout) {
  int round = 0;
  const bool held = rc::check("with snapshots and without", [&] {
    const std::string account = absl::StrCat("s", ++round);
    const std::string stream = absl::StrCat("account-", account);
    Declare(kAccountScript, absl::StrCat(R"({"mode":"fixed","keep":)", *rc::gen::inRange(1, 4),
                                         R"(,"events":)", *rc::gen::inRange(1, 6), "}"));
    const auto amounts =
        *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 1'000)));
    for (const int amount : amounts) {
      const int what = *rc::gen::inRange(0, 8);
      if (what == 0) Start({});
      if (what == 1)
        RC_ASSERT(
            AppendBeside(stream, "Withdrawn", absl::StrCat("{\"amount\":", amount, "}")).ok());
      if (what == 2 && StreamReason(stream) != ErrorReason::kStreamNotFound)
        RC_ASSERT(MakeSnapshot(stream).ok());
      if (what == 3) RC_ASSERT(store_.Expire(stream, 1).ok());
      RC_ASSERT(Execute(Command("Deposit", account, Amount(amount))).ok());
      Work();
    }
    Start({});
    const auto with = MakeSnapshot(stream);
    RC_ASSERT(with.ok());
    const std::string state = StateOf(*with);
    RC_ASSERT(store_.Delete(stream, std::nullopt).ok());
    Start({});
    const auto without = MakeSnapshot(stream);
    RC_ASSERT(without.ok());
    RC_ASSERT(without->revision == with->revision);
    RC_ASSERT(StateOf(*without) == state);
  });
  EXPECT_TRUE(held);
  EXPECT_GT(Value("nexus_snapshots_used_total"), 0);
}

// The upcasters of the domain. Command threads run them themselves.
class DomainUpcasts : public Upcaster {
 public:
  explicit DomainUpcasts(std::function<std::shared_ptr<const domain::DomainState>()> domains)
      : domains_(std::move(domains)) {}

  std::shared_ptr<const DeclaredSteps> Steps() override {
    const auto now = domains_();
    return now == nullptr ? nullptr : domain::StepsOf(*now);
  }
  absl::Status With(absl::FunctionRef<void(UpcastRunner&)>) override {
    return MakeError(ErrorReason::kInternal, "who folds has a runner of his own");
  }

 private:
  const std::function<std::shared_ptr<const domain::DomainState>()> domains_;
};

class UpcastPropertyTest : public SnapshotFixture {
 protected:
  Upcaster* Upcasts() override { return &upcasts_; }

  // Paid was in whole coins, then in hundredths of one, and is Deposited now.
  void SetUp() override {
    SnapshotFixture::SetUp();
    for (const char* unit : {"coins", "hundredths"}) {
      ASSERT_TRUE(
          RegisterSchema("Paid", absl::StrCat(R"({"type":"object","required":["sum"],
          "description":"in )",
                                              unit, R"(","properties":{"sum":{"type":"number"}}})"))
              .ok());
    }
  }
  void DeclareWithUpcasters(int keep, int events) {
    const auto upcaster = [](const char* name, const char* spec) {
      return domain::PackageFile{
          absl::StrCat(name, ".json"),
          absl::StrCat(R"({"apiVersion": "nexus/v1", "kind": "Upcaster", "metadata": {"name": ")",
                       name, R"("}, "spec": {"script": ")", name, R"(.js", "type": "Paid", )", spec,
                       "}}")};
    };
    Declare(kAccountScript,
            absl::StrCat(R"({"mode":"fixed","keep":)", keep, R"(,"events":)", events, "}"),
            {.declarations = {upcaster("finer", R"("from": 1)"),
                              upcaster("renamed", R"("from": 2, "to_type": "Deposited")")},
             .files = {{"finer.js",
                        "export const upcast = ({ data }) => ({ data: { sum: data.sum * 100 } });"},
                       {"renamed.js",
                        "export const upcast = ({ data }) => ({ data: { amount: data.sum } });"}}});
  }
  // Written by somebody else, in the version of his day.
  bool Pay(const std::string& stream, int sum, uint32_t version) {
    engine::CommitDraft draft = Draft(stream, "Paid", absl::StrCat("{\"sum\":", sum, "}"));
    draft.streams[0].events[0].schema_version = version;
    const Answer answer = AppendLater(std::move(draft), {});
    fake::Eventually([&] {
      executor_.RunAll();
      return answer->has_value();
    });
    return answer->has_value() && (*answer)->ok();
  }

  DomainUpcasts upcasts_{[this] {
    absl::MutexLock lock(&domains_mutex_);
    return domains_;
  }};
};

// Events of both earlier forms among those of today, states cut by snapshots wherever: the sum is
// the one that was paid.
TEST_F(UpcastPropertyTest, EventsOfEarlierFormsMakeTheSameStateWithSnapshotsAndWithout) {
  int round = 0;
  const bool held = rc::check("upcast, with snapshots and without", [&] {
    const std::string account = absl::StrCat("u", ++round);
    const std::string stream = absl::StrCat("account-", account);
    DeclareWithUpcasters(*rc::gen::inRange(1, 4), *rc::gen::inRange(1, 6));
    const auto sums =
        *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 1'000)));
    int64_t balance = 0;
    for (const int sum : sums) {
      const int what = *rc::gen::inRange(0, 9);
      if (what == 0) Start({});
      if (what == 1 && StreamReason(stream) != ErrorReason::kStreamNotFound)
        RC_ASSERT(MakeSnapshot(stream).ok());
      if (what == 2) RC_ASSERT(store_.Expire(stream, 1).ok());
      const bool coins = what % 3 == 0;
      if (what < 6) {
        RC_ASSERT(Pay(stream, sum, coins ? 1 : 2));
        balance += coins ? 100 * sum : sum;
      } else {
        RC_ASSERT(Execute(Command("Deposit", account, Amount(sum))).ok());
        balance += sum;
      }
      Work();
    }
    const std::string expected =
        absl::StrCat("{\"balance\":", balance, ",\"events\":", sums.size(), "}");
    Start({});
    const auto with = MakeSnapshot(stream);
    RC_ASSERT(with.ok());
    RC_ASSERT(StateOf(*with) == expected);
    RC_ASSERT(store_.Delete(stream, std::nullopt).ok());
    Start({});
    const auto without = MakeSnapshot(stream);
    RC_ASSERT(without.ok());
    RC_ASSERT(StateOf(*without) == expected);
  });
  EXPECT_TRUE(held);
  EXPECT_GT(Value("nexus_snapshots_used_total"), 0);
  EXPECT_GT(Value("nexus_upcasts_total"), 0);
}

using CommandPropertyTest = CommandFixture;

// Commands from everywhere, other writers among them: nothing is taken that was not there, and what
// was answered is what is stored.
TEST_F(CommandPropertyTest, AnyOrderOfCommandsKeepsWhatTheAggregatePromises) {
  int round = 0;
  const bool held = rc::check("no account is overdrawn", [&] {
    CommandWorkerOptions options;
    options.live_max = *rc::gen::inRange<size_t>(1, 4);
    options.wait_max = absl::InfiniteDuration();
    Start(options, *rc::gen::inRange<size_t>(1, 4));
    const std::string prefix = absl::StrCat("r", ++round, "x");
    const auto moves = *rc::gen::container<std::vector<std::pair<int, int>>>(
        rc::gen::pair(rc::gen::inRange(0, 3), rc::gen::inRange(-20, 20)));
    absl::BlockingCounter answered(static_cast<int>(moves.size()));
    std::atomic<int> accepted = 0;
    for (const auto& [account, amount] : moves) {
      runner_->Execute(Command(amount < 0 ? "Withdraw" : "Deposit", absl::StrCat(prefix, account),
                               Amount(std::abs(amount))),
                       {}, [&](absl::StatusOr<CommandReceipt> receipt) {
                         if (receipt.ok()) accepted += static_cast<int>(receipt->events.size());
                         answered.DecrementCount();
                       });
    }
    answered.Wait();
    int stored = 0;
    for (int account = 0; account < 3; ++account) {
      const std::string stream = absl::StrCat("account-", prefix, account);
      if (StreamReason(stream) == ErrorReason::kStreamNotFound) continue;
      int balance = 0;
      const EventBatch events = ReadStream(stream);
      for (const RecordedEvent& event : events.events) {
        const int amount = std::stoi(json_.ReadAt(event.data, "/amount")->text);
        balance += event.type == "Deposited" ? amount : -amount;
        RC_ASSERT(balance >= 0);
        ++stored;
      }
    }
    RC_ASSERT(stored == accepted.load());
  });
  EXPECT_TRUE(held);
}

// One aggregate, commands and a writer beside them who appends without pause: every command ends,
// and none has to wait for all the others' luck.
TEST_F(CommandPropertyTest, AConflictStormStarvesNobody) {
  constexpr int kCommands = 60;
  CommandWorkerOptions options;
  options.wait_max = absl::InfiniteDuration();
  Start(options);
  ASSERT_TRUE(Execute(Command("Deposit", "storm", Amount(1'000))).ok());
  std::atomic<bool> over = false;
  std::thread writer([&] {
    for (int i = 0; i < 5'000 && !over; ++i) {
      AppendLater(Draft("account-storm", "Deposited", R"({"amount":1})"), {});
      std::this_thread::yield();
    }
  });
  absl::BlockingCounter answered(kCommands);
  std::atomic<int> stored = 0;
  std::atomic<int> conflicts = 0;
  for (int i = 0; i < kCommands; ++i) {
    runner_->Execute(Command("Withdraw", "storm", Amount(1)), {}, [&](auto receipt) {
      if (receipt.ok()) ++stored;
      if (ReasonOf(receipt.status()) == ErrorReason::kRevisionConflict) ++conflicts;
      answered.DecrementCount();
    });
  }
  std::atomic<bool> all = false;
  std::thread waiter([&] {
    answered.Wait();
    all = true;
  });
  EXPECT_TRUE(fake::Eventually([&] {
    Work();
    return all.load();
  }));
  over = true;
  writer.join();
  waiter.join();
  EXPECT_EQ(stored + conflicts, kCommands);
  EXPECT_GT(stored, 0);
}

}  // namespace
}  // namespace nexus::command
