#include "command/remote_decider.h"

#include <thread>

#include "absl/strings/match.h"
#include "command/remote_fixture.h"
#include "fake/eventually.h"

namespace nexus::command {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kSomeId[] = "018f0000-0000-7000-8000-0000000000aa";
constexpr char kTrace[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr char kOtherTrace[] = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";

using RemoteDeciderTest = RemoteFixture;

TEST_F(RemoteDeciderTest, AWorkerDecidesAndWhatItDecidesIsStored) {
  const FakeWorkerPtr worker = Connect();
  CommandDraft deposit = Command("Deposit", "7");
  deposit.command_id = kSomeId;
  deposit.metadata = {{"from", "a test"}};
  engine::Caller caller;
  caller.principal.name = "ann";
  caller.traceparent = kTrace;
  const Answer answer = Execute(deposit, caller);
  ASSERT_THAT(worker->pages, SizeIs(1));
  const TaskPage task = *worker->Take();
  EXPECT_EQ(task.aggregate, "account");
  EXPECT_EQ(task.stream, "account-7");
  EXPECT_EQ(task.attempt, 1u);
  EXPECT_EQ(task.traceparent, kTrace);
  EXPECT_FALSE(task.state_revision.has_value());
  EXPECT_THAT(task.events, IsEmpty());
  EXPECT_FALSE(task.more_events);
  EXPECT_EQ(task.command, absl::StrCat(R"({"type":"Deposit","id":")", kSomeId,
                                       R"(","data":{"id":"7"},"metadata":{"from":"a test"}})"));
  EXPECT_THAT(task.context, HasSubstr(R"("aggregateId":"7")"));
  EXPECT_THAT(task.context, HasSubstr(R"("principal":{"name":"ann")"));
  EXPECT_THAT(task.context, HasSubstr(R"("seed":[)"));
  EXPECT_THAT(answer, Pending());

  WorkerAnswer decided = Decides(task);
  decided.traceparent = kOtherTrace;
  Give(*worker, decided);
  ASSERT_THAT(answer, Stored());
  const CommandReceipt& receipt = ***answer;
  EXPECT_EQ(receipt.revision, Revision(0));
  EXPECT_EQ(receipt.attempts, 1u);
  const EventBatch stored = ReadStream("account-7");
  ASSERT_THAT(stored.events, SizeIs(1));
  const RecordedEvent& event = stored.events[0];
  EXPECT_EQ(event.type, "Deposited");
  EXPECT_EQ(event.commit_id, receipt.command_id);
  EXPECT_EQ(event.causation_id, kSomeId);
  EXPECT_EQ(event.traceparent, kOtherTrace);
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : event.metadata) metadata.emplace(key, value);
  EXPECT_EQ(metadata["from"], "a test");
  EXPECT_EQ(metadata["$handler"], "anonymous w");
  EXPECT_TRUE(metadata.contains("$command"));
  EXPECT_EQ(Value("nexus_handler_tasks_total{aggregate=account,outcome=events}"), 1);
}

TEST_F(RemoteDeciderTest, SendsWhatTheWorkerDoesNotHave) {
  const FakeWorkerPtr worker = Connect();
  Deposit("7");
  Serve(*worker);
  ASSERT_TRUE(Append("account-7", "Withdrawn", R"({"amount":4})").ok());
  const Answer second = Deposit("7");
  TaskPage task = *worker->Take();
  // It has the state before its own event.
  EXPECT_FALSE(task.state_revision.has_value());
  ASSERT_THAT(task.events, SizeIs(2));
  EXPECT_THAT(task.events[0], HasSubstr(R"({"type":"Deposited","data":{"amount":1})"));
  EXPECT_FALSE(absl::StrContains(task.events[0], "$"));
  EXPECT_THAT(task.events[1], HasSubstr(R"("revision":1)"));
  Give(*worker, Decides(task));
  ASSERT_THAT(second, Stored());
  Deposit("7");
  task = *worker->Take();
  EXPECT_EQ(task.state_revision, Revision(1));
  ASSERT_THAT(task.events, SizeIs(1));
  EXPECT_THAT(task.events[0], HasSubstr(R"("revision":2)"));
}

TEST_F(RemoteDeciderTest, SendsEverythingToAWorkerThatKeepsNothing) {
  const FakeWorkerPtr worker = Connect();
  for (size_t i = 0; i < 3; ++i) {
    Deposit("7");
    const TaskPage task = *worker->Take();
    EXPECT_FALSE(task.state_revision.has_value());
    EXPECT_THAT(task.events, SizeIs(i));
    WorkerAnswer answer = Decides(task);
    answer.keeps_state = false;
    Give(*worker, answer);
  }
}

TEST_F(RemoteDeciderTest, SendsEverythingToAWorkerThatLostItsState) {
  const FakeWorkerPtr worker = Connect();
  Deposit("7");
  Serve(*worker);
  Deposit("7");
  Serve(*worker);
  const Answer third = Deposit("7");
  const TaskPage task = *worker->Take();
  ASSERT_EQ(task.state_revision, Revision(0));
  Give(*worker, NeedsEvents(task));
  const TaskPage again = *worker->Take();
  EXPECT_NE(again.task_id, task.task_id);
  EXPECT_EQ(again.command, task.command);
  EXPECT_FALSE(again.state_revision.has_value());
  EXPECT_THAT(again.events, SizeIs(2));
  EXPECT_EQ(again.attempt, 1u);
  Give(*worker, Decides(again));
  EXPECT_THAT(third, Stored());
}

TEST_F(RemoteDeciderTest, AStateOfAnEarlierVersionOfTheDomainIsNotUsed) {
  const FakeWorkerPtr worker = Connect();
  for (int i = 0; i < 2; ++i) {
    Deposit("7");
    Serve(*worker);
  }
  Declare(2);
  Deposit("7");
  const TaskPage task = *worker->Take();
  EXPECT_FALSE(task.state_revision.has_value());
  EXPECT_THAT(task.events, SizeIs(2));
}

TEST_F(RemoteDeciderTest, GivesOneTaskOfAStreamAtATime) {
  const FakeWorkerPtr one = Connect();
  const FakeWorkerPtr two = Connect();
  std::vector<Answer> answers;
  for (int i = 0; i < 5; ++i) answers.push_back(Deposit("7"));
  for (size_t i = 0; i < answers.size(); ++i) {
    ASSERT_EQ(one->pages.size() + two->pages.size(), 1u);
    EXPECT_THAT(answers[i], Pending());
    Serve(one->pages.empty() ? *two : *one);
    ASSERT_THAT(answers[i], Stored());
    EXPECT_EQ((**answers[i])->revision, Revision(i));
  }
  EXPECT_EQ(EventsOf("account-7"), 5u);
}

TEST_F(RemoteDeciderTest, AStreamStaysWithItsWorkerAndStreamsSpread) {
  const FakeWorkerPtr one = Connect();
  const FakeWorkerPtr two = Connect();
  std::map<std::string, FakeWorker*> of;
  for (int round = 0; round < 3; ++round) {
    for (const std::string account : {"a", "b", "c", "d"}) Deposit(account);
    for (const FakeWorkerPtr& worker : {one, two}) {
      EXPECT_THAT(worker->pages, SizeIs(2));
      while (const auto task = worker->Take()) {
        FakeWorker*& before = of[task->stream];
        if (before == nullptr) before = worker.get();
        EXPECT_EQ(before, worker.get()) << task->stream;
        Give(*worker, Decides(*task));
      }
    }
  }
  EXPECT_EQ(Value("nexus_handler_moves_total"), 0);
}

TEST_F(RemoteDeciderTest, AStreamMovesIfItsWorkerHasNoRoom) {
  const FakeWorkerPtr one = Connect(1);
  for (const char* account : {"a", "b"}) {
    Deposit(account);
    Serve(*one);
  }
  const FakeWorkerPtr two = Connect(1);
  Deposit("a");
  ASSERT_THAT(one->pages, SizeIs(1));
  Deposit("b");
  ASSERT_THAT(two->pages, SizeIs(1));
  // The state is with `one`.
  EXPECT_THAT(two->pages.front().events, SizeIs(1));
  EXPECT_EQ(Value("nexus_handler_moves_total"), 1);
  Serve(*one);
  Serve(*two);
  Deposit("b");
  EXPECT_THAT(two->pages, SizeIs(1));
}

TEST_F(RemoteDeciderTest, GivesNoMoreThanAWorkerTakes) {
  const FakeWorkerPtr worker = Connect(2);
  for (const char* account : {"a", "b", "c", "d"}) Deposit(account);
  EXPECT_THAT(worker->pages, SizeIs(2));
  EXPECT_EQ(Value("nexus_handler_commands_waiting"), 2);
  Serve(*worker);
  EXPECT_THAT(worker->pages, SizeIs(2));
  EXPECT_EQ(worker->pages.back().stream, "account-c");
  EXPECT_EQ(Value("nexus_handler_tasks_open"), 2);
}

TEST_F(RemoteDeciderTest, ABusyStreamDoesNotStarveTheOthers) {
  const FakeWorkerPtr worker = Connect(1);
  for (int i = 0; i < 20; ++i) Deposit("hot");
  const Answer cold = Deposit("cold");
  Serve(*worker);  // hot
  ASSERT_EQ(worker->pages.front().stream, "account-cold");
  Serve(*worker);
  EXPECT_THAT(cold, Stored());
}

TEST_F(RemoteDeciderTest, AggregatesOfOneWorkerTakeTurns) {
  const FakeWorkerPtr worker = Connect(1, {"account", "bell"});
  Deposit("a");
  Execute(Command("Ring", "x"));
  Deposit("b");
  Execute(Command("Ring", "y"));
  std::vector<std::string> order;
  while (const auto task = worker->Take()) {
    order.push_back(task->stream);
    Give(*worker, Decides(*task));
  }
  EXPECT_THAT(order, ElementsAre("account-a", "bell-x", "account-b", "bell-y"));
}

TEST_F(RemoteDeciderTest, RefusesMoreThanItsBound) {
  RemoteOptions options;
  options.commands_max = 2;
  options.workers_max = 1;
  Start(options);
  const FakeWorkerPtr worker = Connect(1);
  const Answer first = Deposit("a");
  Deposit("a");
  EXPECT_THAT(Deposit("b"), Fails(ErrorReason::kOverloaded));
  Serve(*worker);
  EXPECT_THAT(first, Stored());
  EXPECT_THAT(Deposit("b"), Pending());
  const auto one_more = runner_->Join({"x", "", {"account"}, 1}, {}, worker);
  EXPECT_EQ(ReasonOf(one_more.status()), ErrorReason::kOverloaded);
}

// As of aggregates with a script: turn_wait_test.cc.
TEST_F(RemoteDeciderTest, RefusesWhoWouldWaitTooLongForOneAggregate) {
  const FakeWorkerPtr worker = Connect(10);
  const auto take_turn = [&] {
    clock_.Advance(absl::Milliseconds(20));
    Serve(*worker);
  };
  for (int i = 0; i < 50; ++i) {
    const Answer answer = Deposit("a");
    take_turn();
    ASSERT_THAT(answer, Stored());
  }
  // A turn takes 20 ms, so that who comes behind eight would wait for 180 ms.
  std::vector<Answer> taken;
  for (int i = 0; i < 9; ++i) taken.push_back(Deposit("a"));
  EXPECT_THAT(taken, ::testing::Each(Pending()));
  const Answer refused = Deposit("a");
  EXPECT_THAT(refused, Fails(ErrorReason::kOverloaded));
  EXPECT_GT(DetailsOf((*refused)->status()).retry_after.value_or(absl::ZeroDuration()),
            absl::Milliseconds(20));
  EXPECT_THAT(Deposit("b"), Pending()) << "others are nobody's burden";
  for (int i = 0; i < 10; ++i) take_turn();
  EXPECT_THAT(taken, ::testing::Each(Stored()));
  EXPECT_EQ(EventsOf("account-a"), 59u);
}

TEST_F(RemoteDeciderTest, ThatThereWasNoWorkerIsForgottenAfterAPause) {
  RemoteOptions options;
  options.wait_max = absl::Milliseconds(150);
  Start(options);
  for (const char* account : {"a", "b", "c"}) Deposit(account);
  Pass(absl::Milliseconds(2'100));
  clock_.Advance(absl::Hours(1));
  const FakeWorkerPtr worker = Connect();
  std::vector<Answer> taken;
  for (int i = 0; i < 50; ++i) taken.push_back(Deposit("a"));
  EXPECT_THAT(taken, ::testing::Each(Pending()));
  for (int i = 0; i < 50; ++i) Serve(*worker);
  EXPECT_THAT(taken, ::testing::Each(Stored()));
}

TEST_F(RemoteDeciderTest, ASlowTurnIsHardlyExpectedOfOtherStreams) {
  RemoteOptions options;
  options.wait_max = absl::Milliseconds(150);
  Start(options);
  const FakeWorkerPtr worker = Connect();
  Deposit("a");
  clock_.Advance(absl::Seconds(4));
  Serve(*worker);
  std::vector<Answer> taken;
  for (int i = 0; i < 10; ++i) taken.push_back(Deposit("b"));
  EXPECT_THAT(taken, ::testing::Each(Pending()));
  for (int i = 0; i < 10; ++i) Serve(*worker);
  EXPECT_THAT(taken, ::testing::Each(Stored()));
}

TEST_F(RemoteDeciderTest, WaitsAWhileForAWorker) {
  const Answer answer = Deposit("7");
  Pass(absl::Milliseconds(1'500));
  EXPECT_THAT(answer, Pending());
  const FakeWorkerPtr worker = Connect();
  Serve(*worker);
  EXPECT_THAT(answer, Stored());
}

TEST_F(RemoteDeciderTest, SaysSoIfThereIsNoWorker) {
  const FakeWorkerPtr other = Connect(10, {"bell"});
  const Answer answer = Deposit("7");
  const Answer behind = Deposit("7");
  Pass(absl::Milliseconds(2'100));
  EXPECT_THAT(answer, Fails(ErrorReason::kHandlerUnavailable));
  EXPECT_THAT(behind, Pending());
  Pass(absl::Milliseconds(2'100));
  EXPECT_THAT(behind, Fails(ErrorReason::kHandlerUnavailable));
  EXPECT_THAT(other->pages, IsEmpty());
}

TEST_F(RemoteDeciderTest, DropsWhatNobodyWaitsForAnyMore) {
  const FakeWorkerPtr worker = Connect(1);
  Deposit("a");
  engine::Caller hasty;
  hasty.deadline = clock_.Monotonic() + absl::Milliseconds(300);
  const Answer late = Execute(Command("Deposit", "b"), hasty);
  Pass(absl::Milliseconds(400));
  EXPECT_THAT(late, Fails(ErrorReason::kOverloaded));
  Serve(*worker);
  EXPECT_THAT(worker->pages, IsEmpty());
}

TEST_F(RemoteDeciderTest, ARejectionIsTheCallersAnswer) {
  const FakeWorkerPtr worker = Connect();
  const Answer answer = Deposit("7");
  Give(*worker, Rejects(*worker->Take(), R"({"left":5})"));
  ASSERT_THAT(answer, Fails(ErrorReason::kCommandRejected));
  const ErrorDetails details = DetailsOf((*answer)->status());
  EXPECT_EQ(details.metadata[0].second, "no");
  EXPECT_EQ(details.metadata[1].second, R"({"left":5})");
  EXPECT_EQ(EventsOf("account-7"), 0u);
}

TEST_F(RemoteDeciderTest, MayDecideUponNothing) {
  const FakeWorkerPtr worker = Connect();
  const Answer answer = Deposit("7");
  WorkerAnswer nothing;
  nothing.task_id = worker->Take()->task_id;
  Give(*worker, nothing);
  ASSERT_THAT(answer, Stored());
  EXPECT_THAT((**answer)->events, IsEmpty());
  EXPECT_FALSE((**answer)->revision.has_value());
}

TEST_F(RemoteDeciderTest, DecidesAgainIfAnotherWriterWasFirst) {
  const FakeWorkerPtr worker = Connect();
  const Answer answer = Deposit("7");
  const TaskPage task = *worker->Take();
  ASSERT_TRUE(Append("account-7", "Withdrawn", R"({"amount":4})").ok());
  Give(*worker, Decides(task));
  EXPECT_THAT(answer, Pending());
  const TaskPage again = *worker->Take();
  EXPECT_EQ(again.command, task.command);
  EXPECT_THAT(again.events, SizeIs(1));
  Give(*worker, Decides(again));
  ASSERT_THAT(answer, Stored());
  EXPECT_EQ((**answer)->attempts, 2u);
  EXPECT_EQ((**answer)->revision, Revision(1));
  EXPECT_EQ(Value("nexus_command_conflicts_total"), 1);
}

TEST_F(RemoteDeciderTest, GivesUpOnAStreamThatOthersKeepWritingTo) {
  const FakeWorkerPtr worker = Connect();
  RemoteOptions options;
  const Answer answer = Deposit("7");
  for (uint32_t i = 0; i < options.attempts_max; ++i) {
    const auto task = worker->Take();
    ASSERT_TRUE(task.has_value()) << i;
    ASSERT_TRUE(Append("account-7", "Withdrawn", R"({"amount":4})").ok());
    Give(*worker, Decides(*task));
    Pass(absl::Milliseconds(100));
  }
  EXPECT_THAT(answer, Fails(ErrorReason::kRevisionConflict));
}

TEST_F(RemoteDeciderTest, GivesTheFirstReceiptAgain) {
  const FakeWorkerPtr worker = Connect();
  CommandDraft deposit = Command("Deposit", "7");
  deposit.command_id = kSomeId;
  const Answer first = Execute(deposit);
  Serve(*worker);
  ASSERT_THAT(first, Stored());
  const Answer again = Execute(deposit);
  Serve(*worker);  // it would store another
  ASSERT_THAT(again, Stored());
  EXPECT_TRUE((**again)->repeated);
  EXPECT_EQ((**again)->position, (**first)->position);
  const Answer refused = Execute(deposit);
  Give(*worker, Rejects(*worker->Take()));  // it would say no now
  ASSERT_THAT(refused, Stored());
  EXPECT_TRUE((**refused)->repeated);
  EXPECT_EQ(EventsOf("account-7"), 1u);
  CommandDraft other = Command("Withdraw", "7");
  other.command_id = kSomeId;
  const Answer reused = Execute(other);
  Serve(*worker);
  EXPECT_THAT(reused, Fails(ErrorReason::kIdReused));
}

TEST_F(RemoteDeciderTest, HoldsTheCallersExpectationWithoutAsking) {
  const FakeWorkerPtr worker = Connect();
  CommandDraft deposit = Command("Deposit", "7");
  deposit.expected = ExpectedRevision::Exactly(3);
  EXPECT_THAT(Execute(deposit), Fails(ErrorReason::kRevisionConflict));
  EXPECT_THAT(worker->pages, IsEmpty());
  deposit.expected = ExpectedRevision::NoStream();
  const Answer first = Execute(deposit);
  Serve(*worker);
  EXPECT_THAT(first, Stored());
  EXPECT_THAT(Execute(deposit), Fails(ErrorReason::kRevisionConflict));
  EXPECT_EQ(Value("nexus_handler_tasks_open"), 0);
}

TEST_F(RemoteDeciderTest, SendsALongStreamInPages) {
  constexpr size_t kEvents = 3'000;
  engine::CommitDraft draft;
  draft.streams.push_back({"account-7", ExpectedRevision::Any(), {}});
  for (size_t i = 0; i < kEvents; ++i) {
    engine::EventDraft event;
    event.type = "Deposited";
    event.data = absl::StrCat(R"({"amount":)", i, R"(,"text":")", std::string(200, 'x'), "\"}");
    draft.streams.back().events.push_back(std::move(event));
    if (draft.streams.back().events.size() < 500) continue;
    ASSERT_TRUE(AppendDraft(draft).ok());
    draft.streams.back().events.clear();
  }
  const FakeWorkerPtr worker = Connect();
  const Answer answer = Deposit("7");
  std::vector<std::string> events;
  TaskPage first = *worker->Take();
  EXPECT_TRUE(first.first);
  EXPECT_TRUE(first.more_events);
  events = first.events;
  for (bool more = true; more;) {
    const auto page = worker->Take();
    ASSERT_TRUE(page.has_value());
    EXPECT_FALSE(page->first);
    EXPECT_EQ(page->task_id, first.task_id);
    size_t bytes = 0;
    for (const std::string& event : page->events) bytes += event.size();
    EXPECT_LT(bytes, 1u << 20);
    events.insert(events.end(), page->events.begin(), page->events.end());
    more = page->more_events;
  }
  ASSERT_THAT(events, SizeIs(kEvents));
  for (size_t i = 0; i < kEvents; ++i) {
    ASSERT_THAT(events[i], HasSubstr(absl::StrCat("\"revision\":", i, ",")));
  }
  Give(*worker, Decides(first));
  ASSERT_THAT(answer, Stored());
  EXPECT_EQ((**answer)->revision, Revision(kEvents));
}

TEST_F(RemoteDeciderTest, AWorkerThatDrainsFinishesItsTasksAndGetsNoOther) {
  const FakeWorkerPtr one = Connect(1);
  const Answer mine = Deposit("7");
  const Answer next = Deposit("7");
  remote().Drain(one->id);
  Pump();
  EXPECT_FALSE(one->ended.has_value());
  Serve(*one);
  EXPECT_THAT(mine, Stored());
  ASSERT_TRUE(one->ended.has_value());
  EXPECT_TRUE(one->ended->ok());
  EXPECT_THAT(one->pages, IsEmpty());
  EXPECT_THAT(next, Pending());
  Serve(*Connect());
  EXPECT_THAT(next, Stored());
}

TEST_F(RemoteDeciderTest, ADrainWithoutTasksEndsAtOnce) {
  const FakeWorkerPtr worker = Connect();
  remote().Drain(worker->id);
  ASSERT_TRUE(worker->ended.has_value());
  EXPECT_TRUE(worker->ended->ok());
}

TEST_F(RemoteDeciderTest, StoppingAnswersEverybody) {
  const FakeWorkerPtr worker = Connect(1);
  const Answer at_work = Deposit("a");
  const Answer behind = Deposit("a");
  const Answer waiting = Deposit("b");
  const Answer alone = Execute(Command("Ring", "x"));
  runner_->Stop();
  for (const Answer& answer : {at_work, behind, waiting, alone}) {
    EXPECT_THAT(answer, Fails(ErrorReason::kDraining));
  }
  ASSERT_TRUE(worker->ended.has_value());
  EXPECT_EQ(ReasonOf(*worker->ended), ErrorReason::kDraining);
  EXPECT_THAT(Deposit("a"), Fails(ErrorReason::kDraining));
  EXPECT_EQ(ReasonOf(runner_->Join({"x", "", {"account"}, 1}, {}, worker).status()),
            ErrorReason::kDraining);
}

TEST_F(RemoteDeciderTest, StoppingWaitsForWhatIsUnderWay) {
  const CommandMetrics metrics(metrics_);
  auto decider = std::make_shared<RemoteDecider>(
      RemoteParts{*engine_, log_, log_, json_, ids_, metrics}, RemoteOptions());
  auto worker = std::make_shared<FakeWorker>();
  workers_.push_back(worker);
  const auto welcome = decider->Join({"w", "", {"account"}, 1}, worker);
  decider->Serve(welcome->id);
  auto call = std::make_shared<CommandCall>();
  call->draft = Command("Deposit", "7");
  call->record =
      std::shared_ptr<const domain::AggregateRecord>(domains_, domains_->FindCommand("Deposit"));
  call->stream = StreamName::Literal("account-7");
  call->id = *CommitId::Parse(kSomeId);
  std::atomic<bool> stored = false;
  call->done = [&](absl::StatusOr<CommandReceipt> receipt) { stored = receipt.ok(); };
  ASSERT_TRUE(decider->Submit(call).ok());
  Pump();
  std::thread stopping([&] { decider->Stop(); });
  ASSERT_TRUE(fake::Eventually([&] {
    return ReasonOf(decider->Join({"x", "", {"account"}, 1}, worker).status()) ==
           ErrorReason::kDraining;
  }));
  EXPECT_FALSE(worker->ended.has_value());
  decider->Answered(welcome->id, Decides(*worker->Take()));
  Pump();
  stopping.join();
  EXPECT_TRUE(stored);
  EXPECT_TRUE(worker->ended.has_value());
}

TEST_F(RemoteDeciderTest, LetsInOnlyWhoDecidesWhatIsDeclaredWithoutAScript) {
  const auto reason = [&](std::vector<std::string> aggregates, std::string name = "w") {
    return ReasonOf(runner_
                        ->Join({std::move(name), "", std::move(aggregates), 1}, {},
                               std::make_shared<FakeWorker>())
                        .status());
  };
  EXPECT_EQ(reason({}), ErrorReason::kMalformedRequest);
  EXPECT_EQ(reason({"account", "account"}), ErrorReason::kMalformedRequest);
  EXPECT_EQ(reason({"account", "stranger"}), ErrorReason::kNotFound);
  EXPECT_EQ(reason({"counter"}), ErrorReason::kMalformedRequest);
  EXPECT_EQ(reason({"account"}, std::string(101, 'n')), ErrorReason::kMalformedRequest);
  EXPECT_EQ(reason({"account"}, "a\nb"), ErrorReason::kMalformedRequest);
  EXPECT_EQ(Value("nexus_handlers_connected"), 0);
}

}  // namespace
}  // namespace nexus::command
