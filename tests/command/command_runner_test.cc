#include "command/command_runner.h"

#include <atomic>

#include "absl/synchronization/blocking_counter.h"
#include "command/command_fixture.h"
#include "command/repeated_command.h"
#include "nexus/core/errors.h"

namespace nexus::command {
namespace {

constexpr char kSomeId[] = "018f0000-0000-7000-8000-0000000000aa";

using CommandRunnerTest = CommandFixture;

TEST_F(CommandRunnerTest, StoresWhatTheCodeDecides) {
  const auto receipt = Execute(Command("Deposit", "7", Amount(5)));
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_EQ(receipt->stream, "account-7");
  EXPECT_EQ(receipt->aggregate, "account");
  EXPECT_EQ(receipt->revision, Revision(0));
  EXPECT_EQ(receipt->attempts, 1u);
  ASSERT_EQ(receipt->events.size(), 1u);
  const EventBatch stored = ReadStream("account-7");
  ASSERT_EQ(stored.events.size(), 1u);
  const RecordedEvent& event = stored.events[0];
  EXPECT_EQ(event.type, "Deposited");
  EXPECT_EQ(event.data, R"({"amount":5})");
  EXPECT_EQ(event.id, receipt->events[0].id);
  EXPECT_EQ(event.position, receipt->position);
  EXPECT_EQ(event.commit_id, receipt->command_id);
  EXPECT_EQ(event.causation_id, receipt->command_id.ToString());
  EXPECT_EQ(event.schema_version, 1u);
  ASSERT_EQ(event.metadata.size(), 1u);
  EXPECT_EQ(event.metadata[0].first, kCommandKey);
}

TEST_F(CommandRunnerTest, DecidesOnTheStateThatTheEventsMake) {
  ASSERT_TRUE(Execute(Command("Deposit", "7", Amount(5))).ok());
  const auto refused = Execute(Command("Withdraw", "7", Amount(6)));
  EXPECT_EQ(ReasonOf(refused.status()), ErrorReason::kCommandRejected);
  const ErrorDetails details = DetailsOf(refused.status());
  EXPECT_EQ(details.metadata[0].second, "not enough");
  EXPECT_EQ(details.metadata[1].second, R"({"balance":5})");
  const auto taken = Execute(Command("Withdraw", "7", Amount(4)));
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(ReasonOf(Execute(Command("Withdraw", "7", Amount(2))).status()),
            ErrorReason::kCommandRejected);
  EXPECT_EQ(ReadStream("account-7").events.size(), 2u);
}

TEST_F(CommandRunnerTest, LoadsAnAggregateThatItDoesNotHave) {
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(Execute(Command("Deposit", "7", absl::StrCat(Amount(1), ",\"times\":100"))).ok());
  }
  Start({});
  const auto receipt = Execute(Command("Withdraw", "7", Amount(3000)));
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_EQ(receipt->revision, Revision(3000));
  EXPECT_EQ(metrics_.Value("nexus_aggregate_loaded_events_total"), 3000);
  const double hits = metrics_.Value("nexus_aggregate_lookups_total{result=hit}");
  EXPECT_EQ(ReasonOf(Execute(Command("Withdraw", "7", Amount(1))).status()),
            ErrorReason::kCommandRejected);
  EXPECT_EQ(metrics_.Value("nexus_aggregate_lookups_total{result=hit}"), hits + 1);
}

TEST_F(CommandRunnerTest, GivesTheFirstReceiptAgain) {
  CommandDraft deposit = Command("Deposit", "7", Amount(5));
  deposit.command_id = kSomeId;
  const auto first = Execute(deposit);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(Execute(Command("Withdraw", "7", Amount(5))).ok());
  for (int i = 0; i < 2; ++i) {
    const auto again = Execute(deposit);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_TRUE(again->repeated);
    EXPECT_EQ(again->position, first->position);
    EXPECT_EQ(again->events.size(), 1u);
    Start({});  // nor does it depend on what is in memory
  }
  EXPECT_EQ(ReadStream("account-7").events.size(), 2u);
}

TEST_F(CommandRunnerTest, GivesTheFirstReceiptThoughTheCodeWouldRejectNow) {
  ASSERT_TRUE(Execute(Command("Deposit", "7", Amount(5))).ok());
  CommandDraft withdraw = Command("Withdraw", "7", Amount(5));
  withdraw.command_id = kSomeId;
  ASSERT_TRUE(Execute(withdraw).ok());
  const auto again = Execute(withdraw);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated);
}

TEST_F(CommandRunnerTest, RefusesAnIdThatIsOfSomethingElse) {
  CommandDraft deposit = Command("Deposit", "7", Amount(5));
  deposit.command_id = kSomeId;
  ASSERT_TRUE(Execute(deposit).ok());
  for (CommandDraft other : {Command("Deposit", "7", Amount(6)), Command("Deposit", "8", Amount(5)),
                             Command("Withdraw", "7", Amount(100))}) {
    other.command_id = kSomeId;
    EXPECT_EQ(ReasonOf(Execute(other).status()), ErrorReason::kIdReused) << other.type;
  }
  EXPECT_EQ(ReadStream("account-7").events.size(), 1u);
}

TEST_F(CommandRunnerTest, SeesWhatOthersAppendBeforeItRejects) {
  ASSERT_TRUE(Execute(Command("Deposit", "7", Amount(5))).ok());
  ASSERT_TRUE(AppendBeside("account-7", "Deposited", R"({"amount":10})").ok());
  const auto receipt = Execute(Command("Withdraw", "7", Amount(15)));
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_EQ(receipt->revision, Revision(2));
}

TEST_F(CommandRunnerTest, DecidesAgainIfAnotherWriterWasFirst) {
  ASSERT_TRUE(Execute(Command("Deposit", "7", Amount(5))).ok());
  ASSERT_TRUE(AppendBeside("account-7", "Withdrawn", R"({"amount":5})").ok());
  // By what the worker remembers this may go through; the log says no, and then so does the code.
  EXPECT_EQ(ReasonOf(Execute(Command("Withdraw", "7", Amount(5))).status()),
            ErrorReason::kCommandRejected);
  EXPECT_EQ(metrics_.Value("nexus_command_conflicts_total"), 1);
}

TEST_F(CommandRunnerTest, HoldsTheCallersExpectation) {
  CommandDraft first = Command("Deposit", "7", Amount(5));
  first.expected = ExpectedRevision::NoStream();
  ASSERT_TRUE(Execute(first).ok());
  EXPECT_EQ(ReasonOf(Execute(first).status()), ErrorReason::kRevisionConflict);
  // What the worker does not know yet counts.
  ASSERT_TRUE(AppendBeside("account-7", "Deposited", R"({"amount":1})").ok());
  CommandDraft second = Command("Deposit", "7", Amount(5));
  second.expected = ExpectedRevision::Exactly(1);
  EXPECT_TRUE(Execute(second).ok());
}

TEST_F(CommandRunnerTest, MayDecideUponNothing) {
  const auto none = Execute(Command("Look", "7"));
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_TRUE(none->events.empty());
  EXPECT_FALSE(none->revision.has_value());
  EXPECT_EQ(StreamReason("account-7"), ErrorReason::kStreamNotFound);
}

TEST_F(CommandRunnerTest, SaysWhatIsWrongWithACommand) {
  EXPECT_EQ(ReasonOf(Execute(Command("Deposti", "7")).status()), ErrorReason::kCommandNotDeclared);
  EXPECT_NE(Execute(Command("Deposti", "7")).status().message().find("is Deposit meant?"),
            absl::string_view::npos);
  EXPECT_EQ(ReasonOf(Execute(Command("Deposit", "7", Amount(-1))).status()),
            ErrorReason::kSchemaViolation);
  CommandDraft draft = Command("Deposit", "7");
  draft.data = "{\"accountId\":";
  EXPECT_EQ(ReasonOf(Execute(draft).status()), ErrorReason::kMalformedJson);
  for (const char* data : {R"({"accountId":""})", R"({"accountId":{}})", R"({"accountId":1.5})",
                           R"({"accountId":null})", R"({"accountId":"a\nb"})"}) {
    draft.data = data;
    EXPECT_EQ(ReasonOf(Execute(draft).status()), ErrorReason::kMalformedRequest) << data;
  }
  draft = Command("Deposit", "7");
  draft.command_id = "7";
  EXPECT_EQ(ReasonOf(Execute(draft).status()), ErrorReason::kMalformedId);
  draft = Command(std::string(100'000, 'x'), "7");
  EXPECT_EQ(ReasonOf(Execute(draft).status()), ErrorReason::kLimitExceeded);
  EXPECT_LT(Execute(draft).status().message().size(), 1'000u);
  draft = Command("Deposit", "7");
  draft.metadata = {{"$command", "x"}};
  EXPECT_EQ(ReasonOf(Execute(draft).status()), ErrorReason::kReservedName);
  EXPECT_EQ(metrics_.Value("nexus_commands_total{type=,result=MALFORMED_REQUEST}"), 5);
}

TEST_F(CommandRunnerTest, TakesANumberAsAnId) {
  CommandDraft draft = Command("Deposit", "", Amount(1));
  draft.data = R"({"accountId":12,"amount":1})";
  const auto receipt = Execute(draft);
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_EQ(receipt->stream, "account-12");
}

TEST_F(CommandRunnerTest, NamesThePlaceWhereTheCodeThrows) {
  const absl::Status status = Execute(Command("Throw", "7")).status();
  EXPECT_EQ(ReasonOf(status), ErrorReason::kDomainCodeFailed);
  EXPECT_NE(status.message().find("account.js:"), absl::string_view::npos) << status;
  EXPECT_NE(status.message().find("broken on purpose"), absl::string_view::npos) << status;
  const ErrorDetails details = DetailsOf(status);
  EXPECT_EQ(details.metadata.back().first, "input_digest");
  EXPECT_TRUE(Execute(Command("Deposit", "7", Amount(1))).ok());
}

TEST_F(CommandRunnerTest, StopsCodeThatDoesNotEndAndGoesOn) {
  ASSERT_TRUE(Execute(Command("Deposit", "7", Amount(5))).ok());
  EXPECT_EQ(ReasonOf(Execute(Command("Spin", "8")).status()), ErrorReason::kDomainCodeFailed);
  EXPECT_TRUE(Execute(Command("Withdraw", "7", Amount(5))).ok());
}

TEST_F(CommandRunnerTest, RefusesEventsThatTheDomainDoesNotAllow) {
  EXPECT_EQ(ReasonOf(Execute(Command("Stray", "7")).status()), ErrorReason::kDomainCodeFailed);
  EXPECT_EQ(ReasonOf(Execute(Command("Bad", "7")).status()), ErrorReason::kSchemaViolation);
  EXPECT_EQ(StreamReason("account-7"), ErrorReason::kStreamNotFound);
}

TEST_F(CommandRunnerTest, AsksThePolicyAboutTheCommandAndAboutItsEvents) {
  policy_.DecideAlso("execute");
  CommandDraft draft = Command("Deposit", "7", Amount(5));
  draft.metadata = {{"reason", "salary"}};
  ASSERT_TRUE(Execute(draft).ok());
  const auto questions = policy_.questions();
  const size_t asked = questions.size();
  ASSERT_GE(asked, 2u);
  EXPECT_EQ(questions[asked - 2].operation, "execute");
  EXPECT_NE(questions[asked - 2].input_json.find(R"("type":"Deposit")"), std::string::npos);
  EXPECT_NE(questions[asked - 2].input_json.find(R"("metadata":{"reason":"salary"})"),
            std::string::npos);
  EXPECT_EQ(questions[asked - 1].operation, "append");
  policy_.Answer(fake::ScriptedPolicy::Deny("no-deposits"));
  EXPECT_EQ(ReasonOf(Execute(draft).status()), ErrorReason::kPolicyDenied);
  EXPECT_EQ(ReadStream("account-7").events.size(), 1u);
}

TEST_F(CommandRunnerTest, CarriesTheContextOfTheCommand) {
  ASSERT_TRUE(Execute(Command("Deposit", "7", Amount(5))).ok());
  CommandDraft draft = Command("Withdraw", "7", Amount(5));
  draft.metadata = {{"channel", "app"}};
  engine::Caller caller;
  caller.principal.name = "alice";
  caller.correlation_id = "case-9";
  caller.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  ASSERT_TRUE(Execute(draft, caller).ok());
  const EventBatch stored = ReadStream("account-7");
  const RecordedEvent& event = stored.events[1];
  EXPECT_EQ(event.correlation_id, "case-9");
  EXPECT_EQ(event.traceparent, caller.traceparent);
  EXPECT_EQ(event.principal, "alice");
  ASSERT_EQ(event.metadata.size(), 3u);
  EXPECT_EQ(event.metadata[1], (std::pair<absl::string_view, absl::string_view>("by", "alice")));
  EXPECT_EQ(event.metadata[2], (std::pair<absl::string_view, absl::string_view>("channel", "app")));
}

TEST_F(CommandRunnerTest, GoesOnWithNewCode) {
  ASSERT_TRUE(Execute(Command("Deposit", "7", Amount(5))).ok());
  std::string generous = kAccountScript;
  generous.replace(generous.find("amount > state.balance"), 22, "amount > state.balance + 100");
  Declare(generous);
  EXPECT_TRUE(Execute(Command("Withdraw", "7", Amount(50))).ok());
}

TEST_F(CommandRunnerTest, KeepsOnlySoManyAggregatesInMemory) {
  CommandWorkerOptions options;
  options.live_max = 2;
  Start(options);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Execute(Command("Deposit", absl::StrCat(i % 5), Amount(1))).ok());
  }
  EXPECT_LE(metrics_.Value("nexus_aggregates_live"), 2);
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(Execute(Command("Withdraw", absl::StrCat(i), Amount(4))).ok());
  }
}

TEST_F(CommandRunnerTest, LosesNothingWhenManyComeAtOnce) {
  CommandWorkerOptions options;
  options.wait_max = absl::InfiniteDuration();
  Start(options, 2);
  constexpr int kCommands = 400;
  absl::BlockingCounter answered(kCommands);
  std::atomic<int> accepted = 0;
  for (int i = 0; i < kCommands; ++i) {
    runner_->Execute(Command("Deposit", absl::StrCat(i % 3), Amount(1)), {}, [&](auto receipt) {
      if (receipt.ok()) ++accepted;
      answered.DecrementCount();
    });
  }
  answered.Wait();
  EXPECT_EQ(accepted, kCommands);
  uint64_t events = 0;
  for (const char* stream : {"account-0", "account-1", "account-2"}) {
    events += ReadStream(stream).events.size();
  }
  EXPECT_EQ(events, static_cast<uint64_t>(kCommands));
  EXPECT_EQ(metrics_.Value("nexus_command_conflicts_total"), 0);
}

TEST_F(CommandRunnerTest, RefusesWhenTooManyWaitAndWhenItStops) {
  CommandWorkerOptions options;
  options.commands_max = 0;
  Start(options);
  EXPECT_EQ(ReasonOf(Execute(Command("Deposit", "7", Amount(1))).status()),
            ErrorReason::kOverloaded);
  runner_->Stop();
  EXPECT_EQ(ReasonOf(Execute(Command("Deposit", "7", Amount(1))).status()), ErrorReason::kDraining);
}

TEST_F(CommandRunnerTest, DropsWhatNobodyWaitsForAnyMore) {
  engine::Caller caller;
  caller.deadline = clock_.Monotonic() - absl::Milliseconds(1);
  EXPECT_FALSE(Execute(Command("Deposit", "7", Amount(1)), caller).ok());
  EXPECT_EQ(StreamReason("account-7"), ErrorReason::kStreamNotFound);
}

}  // namespace
}  // namespace nexus::command
