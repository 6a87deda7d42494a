// Workers that die, hang, come too late, answer twice, or say what is not so.

#include "command/remote_decider.h"
#include "command/remote_fixture.h"

namespace nexus::command {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using RemoteFaultsTest = RemoteFixture;

constexpr absl::Duration kTimeout = absl::Milliseconds(5'050);

TEST_F(RemoteFaultsTest, ATaskOfAWorkerThatDiesGoesToAnother) {
  const FakeWorkerPtr one = Connect();
  const Answer answer = Deposit("7");
  const TaskPage lost = *one->Take();
  const FakeWorkerPtr two = Connect();
  Disconnect(*one);
  const TaskPage task = *two->Take();
  EXPECT_EQ(task.command, lost.command);  // the same command id
  EXPECT_NE(task.task_id, lost.task_id);
  EXPECT_EQ(task.attempt, 2u);
  // Whatever still comes from the dead.
  Give(*one, Decides(lost));
  EXPECT_THAT(answer, Pending());
  Give(*two, Decides(task));
  ASSERT_THAT(answer, Stored());
  EXPECT_EQ((**answer)->attempts, 1u);
  EXPECT_EQ(EventsOf("account-7"), 1u);
  EXPECT_EQ(Value("nexus_handler_tasks_total{aggregate=account,outcome=gone}"), 1);
  EXPECT_EQ(Value("nexus_handler_moves_total"), 1);
  EXPECT_EQ(Value("nexus_handlers_connected"), 1);
}

TEST_F(RemoteFaultsTest, AWorkerThatDiesWhileItIsSentToIsReplaced) {
  const FakeWorkerPtr one = Connect();
  const FakeWorkerPtr two = Connect();
  const Answer answer = Deposit("7");
  FakeWorker& first = one->pages.empty() ? *two : *one;
  FakeWorker& second = one->pages.empty() ? *one : *two;
  remote().Leave(first.id);
  Pump();
  Serve(second);
  EXPECT_THAT(answer, Stored());
}

TEST_F(RemoteFaultsTest, ATaskThatIsNotAnsweredInTimeGoesToAnother) {
  const FakeWorkerPtr one = Connect();
  const Answer answer = Deposit("7");
  const TaskPage lost = *one->Take();
  const FakeWorkerPtr two = Connect();
  Pass(kTimeout);
  const auto task = two->Take();
  ASSERT_TRUE(task.has_value());
  EXPECT_EQ(task->command, lost.command);
  // Both answer, the late one first.
  Give(*one, Decides(lost));
  EXPECT_THAT(answer, Pending());
  EXPECT_EQ(EventsOf("account-7"), 0u);
  Give(*two, Decides(*task));
  EXPECT_THAT(answer, Stored());
  EXPECT_EQ(EventsOf("account-7"), 1u);
  EXPECT_EQ(Value("nexus_handler_answers_ignored_total{why=late}"), 1);
  EXPECT_EQ(Value("nexus_handler_tasks_total{aggregate=account,outcome=timeout}"), 1);
}

TEST_F(RemoteFaultsTest, ALateAnswerAfterTheOtherStoresNothing) {
  const FakeWorkerPtr one = Connect();
  const Answer answer = Deposit("7");
  const TaskPage lost = *one->Take();
  const FakeWorkerPtr two = Connect();
  Pass(kTimeout);
  Serve(*two);
  ASSERT_THAT(answer, Stored());
  Give(*one, Decides(lost));
  EXPECT_EQ(EventsOf("account-7"), 1u);
}

TEST_F(RemoteFaultsTest, AHangingWorkerAloneIsNotGivenTheSameTwice) {
  const FakeWorkerPtr one = Connect();
  const Answer answer = Deposit("7");
  const TaskPage lost = *one->Take();
  Pass(kTimeout + absl::Milliseconds(2'100));
  EXPECT_THAT(one->pages, IsEmpty());
  EXPECT_THAT(answer, Fails(ErrorReason::kHandlerUnavailable));
}

TEST_F(RemoteFaultsTest, ATaskThatTimedOutTakesRoomUntilItIsAnswered) {
  const FakeWorkerPtr one = Connect(1);
  Deposit("7");
  const TaskPage lost = *one->Take();
  Pass(kTimeout);
  const Answer other = Deposit("8");
  EXPECT_THAT(one->pages, IsEmpty());
  Give(*one, Decides(lost));
  ASSERT_THAT(one->pages, SizeIs(1));
  Serve(*one);
  EXPECT_THAT(other, Stored());
}

TEST_F(RemoteFaultsTest, WhoWasLateIsTheLastChoiceUntilItAnswers) {
  const FakeWorkerPtr late = Connect(10);
  Deposit("7");
  const TaskPage lost = *late->Take();
  const FakeWorkerPtr good = Connect(2);
  Pass(kTimeout);
  Serve(*good);  // account 7
  for (const char* account : {"a", "b"}) Deposit(account);
  EXPECT_THAT(good->pages, SizeIs(2));
  EXPECT_THAT(late->pages, IsEmpty());
  Deposit("c");
  EXPECT_THAT(late->pages, SizeIs(1));
  Give(*late, Decides(*late->Take()));  // it is good again
  Deposit("d");
  EXPECT_THAT(late->pages, SizeIs(1));
}

TEST_F(RemoteFaultsTest, ACommandThatEveryWorkerDiesOfIsGivenUp) {
  const Answer answer = Deposit("7");
  for (int i = 0; i < 3; ++i) {
    const FakeWorkerPtr worker = Connect();
    ASSERT_THAT(worker->pages, SizeIs(1)) << i;
    EXPECT_EQ(worker->pages.front().attempt, static_cast<uint32_t>(i + 1));
    Disconnect(*worker);
  }
  ASSERT_THAT(answer, Fails(ErrorReason::kHandlerUnavailable));
  EXPECT_THAT((*answer)->status().message(), HasSubstr("3 workers"));
  // The next command is as good as any.
  const Answer next = Deposit("7");
  Serve(*Connect());
  EXPECT_THAT(next, Stored());
}

TEST_F(RemoteFaultsTest, AnAnswerGivenTwiceCountsOnce) {
  const FakeWorkerPtr worker = Connect();
  const Answer answer = Deposit("7");
  const TaskPage task = *worker->Take();
  Give(*worker, Decides(task));
  Give(*worker, Decides(task));
  Give(*worker, Rejects(task));
  EXPECT_THAT(answer, Stored());
  EXPECT_EQ(EventsOf("account-7"), 1u);
  EXPECT_EQ(Value("nexus_handler_answers_ignored_total{why=repeated}"), 2);
  EXPECT_FALSE(worker->ended.has_value());
}

TEST_F(RemoteFaultsTest, AnAnswerToNoTaskIsIgnored) {
  const FakeWorkerPtr one = Connect();
  const FakeWorkerPtr two = Connect();
  const Answer answer = Deposit("7");
  FakeWorker& has = one->pages.empty() ? *two : *one;
  FakeWorker& other = one->pages.empty() ? *one : *two;
  const TaskPage task = *has.Take();
  Give(other, Decides(task));  // of somebody else
  for (const std::string id : {"nonsense", ".", "", "1"}) {
    TaskPage none;
    none.task_id = id;
    Give(has, Decides(none));
  }
  TaskPage ahead;
  ahead.task_id = absl::StrCat(has.session, ".2");
  Give(has, Decides(ahead));
  EXPECT_EQ(Value("nexus_handler_answers_ignored_total{why=unknown}"), 6);
  EXPECT_EQ(EventsOf("account-7"), 0u);
  Give(has, Decides(task));
  EXPECT_THAT(answer, Stored());
}

TEST_F(RemoteFaultsTest, WhatItMayNotDecideUponIsNotStored) {
  const FakeWorkerPtr worker = Connect();
  const auto reason = [&](const std::string& type, const std::string& data) {
    const Answer answer = Deposit("7");
    Give(*worker, Decides(*worker->Take(), type, data));
    EXPECT_TRUE(answer->has_value());
    return answer->has_value() ? ReasonOf((*answer)->status()) : ErrorReason::kUnspecified;
  };
  EXPECT_EQ(reason("Unheard", "{}"), ErrorReason::kDomainCodeFailed);
  EXPECT_EQ(reason("", "{}"), ErrorReason::kDomainCodeFailed);
  EXPECT_EQ(reason("Deposited", R"({"amount":"much"})"), ErrorReason::kSchemaViolation);
  EXPECT_EQ(reason("Deposited", "{"), ErrorReason::kMalformedJson);
  EXPECT_EQ(reason("Deposited", R"({"amount":1},{"amount":2})"), ErrorReason::kMalformedJson);
  EXPECT_EQ(EventsOf("account-7"), 0u);
  EXPECT_FALSE(worker->ended.has_value());
  const Answer good = Deposit("7");
  Serve(*worker);
  EXPECT_THAT(good, Stored());
}

TEST_F(RemoteFaultsTest, AnswersWithWrongPartsFail) {
  const FakeWorkerPtr worker = Connect();
  const auto message = [&](auto change) {
    const Answer answer = Deposit("7");
    WorkerAnswer wrong = Rejects(*worker->Take());
    change(wrong);
    Give(*worker, std::move(wrong));
    EXPECT_THAT(answer, Fails(ErrorReason::kDomainCodeFailed));
    return std::string((*answer)->status().message());
  };
  EXPECT_THAT(message([](WorkerAnswer& a) { a.decision.rejection->details = "{"; }),
              HasSubstr("not JSON"));
  EXPECT_THAT(message([](WorkerAnswer& a) { a.decision.rejection->details = "1,2"; }),
              HasSubstr("not JSON"));
  EXPECT_THAT(message([](WorkerAnswer& a) { a.decision.rejection->reason = ""; }),
              HasSubstr("empty"));
  EXPECT_THAT(message([](WorkerAnswer& a) { a.decision.rejection->reason.assign(5'000, 'r'); }),
              HasSubstr("too long"));
  EXPECT_THAT(message([](WorkerAnswer& a) { a.traceparent = "nonsense"; }),
              HasSubstr("traceparent"));
  EXPECT_THAT(message([](WorkerAnswer& a) {
                a.kind = WorkerAnswer::Kind::kFailure;
                a.failure = "division by zero";
              }),
              HasSubstr("division by zero"));
}

TEST_F(RemoteFaultsTest, AWorkerThatNeedsWhatItHasIsEnded) {
  const FakeWorkerPtr worker = Connect();
  const Answer answer = Deposit("7");
  Give(*worker, NeedsEvents(*worker->Take()));
  ASSERT_TRUE(worker->ended.has_value());
  EXPECT_EQ(ReasonOf(*worker->ended), ErrorReason::kMalformedRequest);
  EXPECT_EQ(Value("nexus_handlers_connected"), 0);
  Serve(*Connect());
  EXPECT_THAT(answer, Stored());
}

TEST_F(RemoteFaultsTest, AWorkerThatAnswersBeforeItHasEverythingIsEnded) {
  engine::CommitDraft draft;
  draft.streams.push_back({"account-7", ExpectedRevision::Any(), {}});
  for (int i = 0; i < 3; ++i) {
    engine::EventDraft event;
    event.type = "Deposited";
    event.data = absl::StrCat(R"({"amount":1,"text":")", std::string(200'000, 'x'), "\"}");
    draft.streams.back().events.push_back(std::move(event));
  }
  ASSERT_TRUE(AppendDraft(draft).ok());
  const FakeWorkerPtr worker = Connect();
  runner_->Execute(Command("Deposit", "7"), {}, [](auto) {});
  executor_.RunAll();
  const TaskPage task = *worker->Take();
  ASSERT_TRUE(task.more_events);
  Give(*worker, Decides(task));
  ASSERT_TRUE(worker->ended.has_value());
  EXPECT_EQ(ReasonOf(*worker->ended), ErrorReason::kMalformedRequest);
  EXPECT_EQ(EventsOf("account-7"), 3u);
}

TEST_F(RemoteFaultsTest, ASilentWorkerIsGone) {
  const FakeWorkerPtr silent = Connect(10, {"account"}, "silent");
  const FakeWorkerPtr alive = Connect(10, {"account"}, "alive");
  for (int i = 0; i < 4; ++i) {
    Pass(absl::Seconds(4));
    remote().Alive(alive->id);
  }
  ASSERT_TRUE(silent->ended.has_value());
  EXPECT_EQ(ReasonOf(*silent->ended), ErrorReason::kDeadlineExceeded);
  EXPECT_FALSE(alive->ended.has_value());
  EXPECT_EQ(Value("nexus_handlers_connected"), 1);
}

TEST_F(RemoteFaultsTest, AStreamThatIsNotJsonCannotBeDecidedAbout) {
  SetCategory("account", /*required=*/false);
  engine::CommitDraft draft = Draft("account-7", "Scanned", "\x01\x02");
  draft.streams[0].events[0].content_type = "application/octet-stream";
  const auto appended = AppendDraft(draft);
  ASSERT_TRUE(appended.ok()) << appended.status();
  const FakeWorkerPtr worker = Connect();
  EXPECT_THAT(Deposit("7"), Fails(ErrorReason::kDomainCodeFailed));
  EXPECT_THAT(worker->pages, IsEmpty());
}

}  // namespace
}  // namespace nexus::command
