// The sink and a real server that does what it should, or refuses.

#include <map>

#include "gmock/gmock.h"
#include "nexus/core/errors.h"
#include "sink/with_nats.h"

namespace nexus::sink {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class NatsServerTest : public WithNats {
 protected:
  absl::Status DeliverOne(NatsSink& sink, const OutboundEvent& event) {
    Answers answers;
    sink.Deliver(event, answers.Next());
    EXPECT_TRUE(answers.WaitFor(1));
    return answers.all().at(0);
  }
  Answers answers_;
};

TEST_F(NatsServerTest, SendsACloudEventInBinaryMode) {
  AddStream();
  auto sink = OpenWell(Options());
  EXPECT_TRUE(DeliverOne(*sink, MakeEvent("order-1", 7, "{\"n\": 1}")).ok());
  const auto records = Read(1);
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_EQ(records[0].subject, "nexus.evt.order.order-paid.order-1");
  EXPECT_EQ(records[0].data, "{\"n\": 1}");
  EXPECT_THAT(records[0].headers,
              UnorderedElementsAre(
                  Pair("Nats-Msg-Id", "00000000-0000-0000-0000-000000000007"),
                  Pair("Nats-Expected-Stream", "nexus"), Pair("ce-specversion", "1.0"),
                  Pair("ce-id", "00000000-0000-0000-0000-000000000007"),
                  Pair("ce-source", "/nexus/default/order"), Pair("ce-type", "order-paid.v2"),
                  Pair("ce-subject", "order-1"), Pair("ce-time", "2023-11-14T22:13:20.123456Z"),
                  Pair("ce-partitionkey", "order-1"), Pair("ce-sequence", "7"),
                  Pair("ce-nexusposition", "8"), Pair("ce-nexuscorrelationid", "c-1"),
                  Pair("ce-datacontenttype", "application/json")));
}

TEST_F(NatsServerTest, SendsTheDataAloneOrTheWholeEventAsJson) {
  AddStream();
  NatsOptions options = Options();
  options.format.value_format = route::RawValue;
  EXPECT_TRUE(DeliverOne(*OpenWell(options), MakeEvent("order-1", 0)).ok());
  options.format.value_format = route::StructuredValue;
  EXPECT_TRUE(DeliverOne(*OpenWell(options), MakeEvent("order-1", 1)).ok());
  const auto records = Read(2);
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[0].data, "{\"n\":1}");
  EXPECT_FALSE(records[0].headers.contains("ce-id"));
  EXPECT_THAT(records[1].data, HasSubstr("\"subject\":\"order-1\""));
  EXPECT_THAT(records[1].headers.at("content-type"), HasSubstr("application/cloudevents+json"));
}

TEST_F(NatsServerTest, TellsTheStreamAndTheSequence) {
  AddStream();
  auto sink = OpenWell(Options());
  for (uint64_t i = 0; i < 2; ++i) sink->Deliver(MakeEvent("order-1", i), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(2));
  EXPECT_THAT(answers_.places(), ElementsAre("nexus/-1/1", "nexus/-1/2"));
}

TEST_F(NatsServerTest, AnEventThatIsThereAlreadyIsTakenOnce) {
  AddStream();
  auto sink = OpenWell(Options());
  for (int i = 0; i < 2; ++i) {
    sink->Deliver(MakeEvent("order-1", 0), answers_.Next());
    ASSERT_TRUE(answers_.WaitFor(static_cast<size_t>(i + 1)));
  }
  EXPECT_THAT(answers_.places(), ElementsAre("nexus/-1/1", "nexus/-1/1"));
  EXPECT_EQ(sink->duplicates(), 1u);
  EXPECT_TRUE(DeliverOne(*sink, MakeEvent("order-1", 1)).ok());
  EXPECT_THAT(Read(2), SizeIs(2));
}

TEST_F(NatsServerTest, KeepsTheOrderOfEachStream) {
  AddStream();
  auto sink = OpenWell(Options());
  // Ids of the event maker repeat after 256 events.
  constexpr uint64_t kEvents = 250;
  for (uint64_t i = 0; i < kEvents; ++i) {
    sink->Deliver(MakeEvent(absl::StrCat("order-", i % 10), i), answers_.Next());
  }
  const absl::Status flushed = sink->Flush(absl::Seconds(60));
  ASSERT_TRUE(flushed.ok()) << flushed;
  EXPECT_EQ(answers_.good(), kEvents);
  std::map<std::string, int64_t> last;
  for (const auto& record : Read(kEvents)) {
    int64_t sequence = -1;
    ASSERT_TRUE(absl::SimpleAtoi(record.headers.at("ce-sequence"), &sequence));
    const std::string stream = record.headers.at("ce-subject");
    EXPECT_TRUE(!last.contains(stream) || last[stream] < sequence) << stream;
    last[stream] = sequence;
  }
}

TEST_F(NatsServerTest, RefusesWhatTheStreamDoesNotListenTo) {
  AddStream();
  auto sink = OpenWell(Options());
  const absl::Status ghost = DeliverOne(*sink, MakeEvent("ghost-1", 0));
  EXPECT_EQ(ReasonOf(ghost), ErrorReason::kNotFound) << ghost;
  EXPECT_TRUE(sink->Health().ok());
  EXPECT_TRUE(DeliverOne(*sink, MakeEvent("order-1", 1)).ok());
  AddStream({.name = "other", .subjects = {"nexus.evt.ghost.>"}});
  const absl::Status other = DeliverOne(*sink, MakeEvent("ghost-2", 2));
  EXPECT_EQ(ReasonOf(other), ErrorReason::kNotFound) << other;
}

TEST_F(NatsServerTest, AMissingStreamIsAFaultOfTheSinkAndPasses) {
  auto sink = Open(Options());
  ASSERT_TRUE(ComesToSay(*sink, "does not exist"));
  EXPECT_TRUE(absl::IsUnavailable(DeliverOne(*sink, MakeEvent("order-1", 0))));
  AddStream();
  ASSERT_TRUE(BecomesWell(*sink)) << sink->Health();
  EXPECT_TRUE(DeliverOne(*sink, MakeEvent("order-1", 0)).ok());
  // And one that goes away.
  ASSERT_TRUE(Reader()->DeleteStream("nexus").ok());
  EXPECT_TRUE(absl::IsUnavailable(DeliverOne(*sink, MakeEvent("order-1", 1))));
  ASSERT_TRUE(ComesToSay(*sink, "does not exist"));
  AddStream();
  ASSERT_TRUE(BecomesWell(*sink)) << sink->Health();
}

TEST_F(NatsServerTest, DoesNotUseCoreNats) {
  const absl::Status restarted = nats_->RestartWith({.jetstream = false});
  ASSERT_TRUE(restarted.ok()) << restarted;
  auto sink = Open(Options());
  EXPECT_TRUE(ComesToSay(*sink, "no JetStream"));
}

TEST_F(NatsServerTest, DoesNotUseAStreamThatAcknowledgesNothing) {
  AddStream({.no_ack = true});
  auto sink = Open(Options());
  EXPECT_TRUE(ComesToSay(*sink, "no_ack"));
}

TEST_F(NatsServerTest, AFullStreamIsNoFaultOfTheEvent) {
  AddStream({.max_messages = 2});
  auto sink = OpenWell(Options());
  for (uint64_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(DeliverOne(*sink, MakeEvent("order-1", i)).ok());
  }
  const absl::Status full = DeliverOne(*sink, MakeEvent("order-1", 2));
  EXPECT_TRUE(absl::IsUnavailable(full)) << full;
  EXPECT_THAT(std::string(full.message()), HasSubstr("maximum messages"));
  ASSERT_TRUE(Reader()->PurgeStream("nexus").ok());
  EXPECT_TRUE(DeliverOne(*sink, MakeEvent("order-1", 2)).ok());
  EXPECT_EQ(sink->connections(), 1u);
}

TEST_F(NatsServerTest, BlamesAnEventThatIsTooLarge) {
  AddStream({.max_message_bytes = 2'000});
  auto sink = OpenWell(Options());
  const absl::Status stream =
      DeliverOne(*sink, MakeEvent("order-1", 0, std::string(3'000, 'x'), "text/plain"));
  EXPECT_EQ(ReasonOf(stream), ErrorReason::kLimitExceeded) << stream;
  // The server's own limit is 1 MiB.
  const absl::Status server =
      DeliverOne(*sink, MakeEvent("order-2", 0, std::string(2 << 20, 'x'), "text/plain"));
  EXPECT_EQ(ReasonOf(server), ErrorReason::kLimitExceeded) << server;
  EXPECT_TRUE(DeliverOne(*sink, MakeEvent("order-3", 0)).ok());
  EXPECT_EQ(sink->connections(), 1u);
}

TEST_F(NatsServerTest, ASubjectThatTheUserMayNotUseIsRefusedForItself) {
  AddStream({.subjects = {"nexus.evt.>"}});
  Write("password", "sesame");
  const absl::Status restarted = nats_->RestartWith(
      {.extra_config =
           "authorization { users = [ { user: nexus, password: sesame, permissions: { publish: "
           "[\"nexus.evt.order.>\", \"$JS.API.>\"], subscribe: [\"_INBOX.>\"] } } ] }\n"});
  ASSERT_TRUE(restarted.ok()) << restarted;
  NatsOptions options = Options();
  options.credentials = {.user = "nexus", .password = {.file = folder_ / "password"}};
  auto sink = OpenWell(options);
  const absl::Status secret = DeliverOne(*sink, MakeEvent("secret-1", 0));
  EXPECT_EQ(ReasonOf(secret), ErrorReason::kAccessDenied) << secret;
  EXPECT_TRUE(DeliverOne(*sink, MakeEvent("order-1", 1)).ok());
}

TEST_F(NatsServerTest, LogsInWithAPasswordOrATokenAndTakesNewOnes) {
  AddStream();
  Write("secret", "sesame");
  const absl::Status with_user =
      nats_->RestartWith({.extra_config = "authorization { user: nexus, password: open }\n"});
  ASSERT_TRUE(with_user.ok()) << with_user;
  NatsOptions options = Options();
  options.credentials = {.user = "nexus", .password = {.file = folder_ / "secret"}};
  auto sink = Open(options);
  ASSERT_TRUE(ComesToSay(*sink, "Authorization Violation"));
  EXPECT_THAT(std::string(sink->Health().message()), Not(HasSubstr("sesame")));
  Write("secret", "open");
  EXPECT_TRUE(BecomesWell(*sink)) << sink->Health();
  // They expire while it is connected.
  const absl::Status with_token =
      nats_->RestartWith({.extra_config = "authorization { token: \"sesame\" }\n"});
  ASSERT_TRUE(with_token.ok()) << with_token;
  ASSERT_TRUE(ComesToSay(*sink, "Authorization Violation"));
  Write("secret", "sesame");
  options.credentials = {.token = {.file = folder_ / "secret"}};
  auto again = OpenWell(options);
  EXPECT_TRUE(DeliverOne(*again, MakeEvent("order-1", 0)).ok());
}

TEST_F(NatsServerTest, SaysWhatIsWrongWithACredentialsFile) {
  AddStream();
  NatsOptions options = Options();
  options.credentials.file = folder_ / "user.creds";
  EXPECT_TRUE(ComesToSay(*Open(options), "user.creds"));
}

TEST_F(NatsServerTest, DeclaresItsStreamOnceAndSaysWhatDiffers) {
  NatsOptions options = Options();
  options.draft.declare = true;
  options.draft.max_bytes = 10 << 20;
  EXPECT_TRUE(DeliverOne(*OpenWell(options), MakeEvent("order-1", 0)).ok());
  auto sink = OpenWell(options);
  EXPECT_TRUE(DeliverOne(*sink, MakeEvent("ghost-1", 1)).ok()) << "it listens to all of them";
  EXPECT_THAT(Read(2), SizeIs(2));
  options.draft.max_bytes = 20 << 20;
  EXPECT_TRUE(ComesToSay(*Open(options), "different configuration"));
}

}  // namespace
}  // namespace nexus::sink
