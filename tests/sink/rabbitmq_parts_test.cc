// The parts of the RabbitMQ sink that need no broker.

#include <sys/socket.h>
#include <unistd.h>

#include "fake/eventually.h"
#include "gmock/gmock.h"
#include "nexus/core/errors.h"
#include "nexus/core/system_clock.h"
#include "sink/event_maker.h"
#include "sink/rabbitmq/broker_refusal.h"
#include "sink/rabbitmq/rabbitmq_sink.h"
#include "sink/rabbitmq/send_watchdog.h"
#include "sink/rabbitmq/unconfirmed.h"

namespace nexus::sink {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class UnconfirmedTest : public ::testing::Test {
 protected:
  UnconfirmedTest() {
    for (uint64_t i = 1; i <= 5; ++i) {
      unconfirmed_.Add({.ticket = 10 + i,
                        .message_id = absl::StrCat("m", i),
                        .routing_key = absl::StrCat("k", i),
                        .bytes = i,
                        .at = absl::Seconds(i)});
    }
  }
  std::vector<uint64_t> Confirm(uint64_t tag, bool multiple) {
    std::vector<uint64_t> tickets;
    unconfirmed_.Confirm(tag, multiple, [&](uint64_t of, const Publication& publication) {
      EXPECT_EQ(publication.ticket, 10 + of);
      tickets.push_back(publication.ticket);
    });
    return tickets;
  }
  Unconfirmed unconfirmed_;
};

TEST_F(UnconfirmedTest, TakesConfirmsInAnyOrder) {
  EXPECT_THAT(Confirm(3, false), ElementsAre(13));
  EXPECT_THAT(Confirm(3, false), IsEmpty()) << "twice";
  EXPECT_EQ(unconfirmed_.oldest(), absl::Seconds(1));
  EXPECT_THAT(Confirm(4, true), ElementsAre(11, 12, 14));
  EXPECT_THAT(Confirm(2, true), IsEmpty());
  EXPECT_EQ(unconfirmed_.oldest(), absl::Seconds(5));
  EXPECT_THAT(Confirm(5, false), ElementsAre(15));
  EXPECT_EQ(unconfirmed_.size(), 0u);
  EXPECT_FALSE(unconfirmed_.oldest().has_value());
}

TEST_F(UnconfirmedTest, PassesOverTagsThatItDoesNotWaitFor) {
  EXPECT_THAT(Confirm(9, false), IsEmpty());
  EXPECT_THAT(Confirm(0, false), IsEmpty());
  EXPECT_THAT(Confirm(9, true), SizeIs(5));
}

TEST_F(UnconfirmedTest, RemembersWhatWasReturned) {
  EXPECT_TRUE(unconfirmed_.MarkReturned("m2"));
  EXPECT_FALSE(unconfirmed_.MarkReturned("m9"));
  std::vector<bool> returned;
  unconfirmed_.Confirm(3, true, [&](uint64_t, const Publication& publication) {
    returned.push_back(publication.returned);
  });
  EXPECT_THAT(returned, ElementsAre(false, true, false));
  EXPECT_FALSE(unconfirmed_.MarkReturned("m2")) << "it is confirmed";
}

TEST_F(UnconfirmedTest, FindsTheOneThatIsMeant) {
  const auto taken = unconfirmed_.TakeFirst([](const Publication& p) { return p.bytes == 4; });
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->ticket, 14u);
  EXPECT_THAT(Confirm(5, true), ElementsAre(11, 12, 13, 15));
}

TEST(BrokerRefusalTest, FindsWhomTheBrokerMeans) {
  const BrokerRefusal size = RefusalIn(
      406, "PRECONDITION_FAILED - message size 300001 is larger than configured max size 300000");
  EXPECT_EQ(size.reason, ErrorReason::kLimitExceeded);
  EXPECT_EQ(size.bytes_max, 300'000u);
  EXPECT_TRUE(size.Concerns({.message_id = "", .routing_key = "", .bytes = 300'001, .at = {}}));
  EXPECT_FALSE(size.Concerns({.message_id = "", .routing_key = "", .bytes = 300'002, .at = {}}));
  const BrokerRefusal key = RefusalIn(
      403, "ACCESS_REFUSED - access to topic 'a.b' in exchange 'x' in vhost '/' refused for 'u'");
  EXPECT_EQ(key.reason, ErrorReason::kAccessDenied);
  EXPECT_TRUE(key.Concerns({.message_id = "", .routing_key = "a.b", .at = {}}));
  EXPECT_FALSE(key.Concerns({.message_id = "", .routing_key = "a.c", .at = {}}));
}

TEST(BrokerRefusalTest, BlamesNobodyForWhatItDoesNotUnderstand) {
  for (const char* why :
       {"", "PRECONDITION_FAILED - unknown delivery tag 7", "message size x is larger than y",
        "ACCESS_REFUSED - access to exchange 'x' in vhost '/' refused for user 'u'",
        "access to topic '"}) {
    for (const uint16_t code : {403, 404, 406}) {
      EXPECT_FALSE(RefusalIn(code, why).Concerns({.message_id = "", .routing_key = "", .at = {}}))
          << why;
    }
  }
}

TEST(SendWatchdogTest, EndsAConnectionWhoseThreadDoesNotComeBack) {
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  const SystemClock clock;
  SendWatchdog watchdog(clock, absl::Milliseconds(50));
  watchdog.Watch(pair[0]);
  {
    const SendWatchdog::Busy busy(watchdog);
    char byte;
    // Returns because the watchdog shuts it down.
    EXPECT_EQ(::recv(pair[0], &byte, 1, 0), 0);
  }
  EXPECT_TRUE(fake::Eventually([&] { return watchdog.fired(); }));
  watchdog.Watch(-1);
  EXPECT_FALSE(watchdog.fired());
  ::close(pair[0]);
  ::close(pair[1]);
}

TEST(SendWatchdogTest, LeavesAConnectionAloneThatIsUsedInShortCalls) {
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  const SystemClock clock;
  SendWatchdog watchdog(clock, absl::Milliseconds(50));
  watchdog.Watch(pair[0]);
  const absl::Duration end = clock.Monotonic() + absl::Milliseconds(300);
  while (clock.Monotonic() < end) const SendWatchdog::Busy busy(watchdog);
  EXPECT_FALSE(watchdog.fired());
  ::close(pair[0]);
  ::close(pair[1]);
}

RabbitMqOptions Options() {
  RabbitMqOptions options;
  options.brokers = "127.0.0.1:1";  // nobody listens there
  return options;
}

TEST(RabbitMqOptionsTest, AreRefusedWithTheNameOfWhatIsWrong) {
  EXPECT_TRUE(Check(Options()).ok());
  const auto refused = [](absl::string_view word, auto change) {
    RabbitMqOptions options = Options();
    change(options);
    const absl::Status status = Check(options);
    EXPECT_EQ(ReasonOf(status), ErrorReason::kConfigurationInvalid) << word;
    EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(word)));
  };
  refused("brokers", [](auto& o) { o.brokers = ""; });
  refused("brokers", [](auto& o) { o.brokers = "a:5672,"; });
  refused("brokers", [](auto& o) { o.brokers = "a:x"; });
  refused("brokers", [](auto& o) { o.brokers = "a:70000"; });
  refused("brokers", [](auto& o) { o.brokers = "user:pass@a"; });
  refused("name", [](auto& o) { o.name = ""; });
  refused("user", [](auto& o) { o.user = ""; });
  refused("password", [](auto& o) { o.password = {"a", "b"}; });
  refused("tls", [](auto& o) { o.tls.ca_file = "a"; });
  refused("tls", [](auto& o) { o.tls = {.enabled = true, .certificate_file = "a"}; });
  refused("exchange", [](auto& o) { o.exchange = std::string(256, 'x'); });
  refused("routing_key", [](auto& o) { o.routing_key = "<nothing>"; });
  refused("in_flight_max", [](auto& o) { o.in_flight_max = 0; });
  refused("heartbeat", [](auto& o) { o.heartbeat = absl::ZeroDuration(); });
  refused("topology.queues", [](auto& o) { o.topology.queues = {{"q"}}; });
  refused("topology.queues", [](auto& o) { o.topology = {.declare = true, .queues = {{""}}}; });
  refused("exchange", [](auto& o) { o.topology.declare = true, o.exchange = ""; });
  refused("delivery_limit", [](auto& o) { o.topology = {.declare = true, .delivery_limit = 0}; });
}

TEST(RabbitMqOptionsTest, NameTheNodesOfACluster) {
  RabbitMqOptions options = Options();
  options.brokers = "one,two:7,[::1]:8,[::2]";
  ASSERT_TRUE(Check(options).ok());
  std::vector<std::string> found;
  for (const BrokerAddress& b : BrokersOf(options))
    found.push_back(absl::StrCat(b.host, " ", b.port));
  EXPECT_THAT(found, ElementsAre("one 5672", "two 7", "::1 8", "::2 5672"));
  options.tls.enabled = true;
  EXPECT_EQ(BrokersOf(options)[0].port, 5671);
}

class RabbitMqWithoutBrokerTest : public ::testing::Test {
 protected:
  Answers answers_;
  SystemClock clock_;
};

TEST_F(RabbitMqWithoutBrokerTest, OpensAndSaysThatNobodyAnswers) {
  const auto sink = *RabbitMqSink::Open(Options(), clock_);
  EXPECT_EQ(sink->Name(), "rabbitmq");
  EXPECT_TRUE(fake::Eventually([&] {
    return std::string(sink->Health().message()).find("connecting to 127.0.0.1:1: ") == 0;
  })) << sink->Health();
  sink->Deliver(MakeEvent("order-1", 0), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(1));
  EXPECT_TRUE(absl::IsUnavailable(answers_.all()[0]));
  EXPECT_TRUE(sink->Flush(absl::ZeroDuration()).ok());
}

TEST_F(RabbitMqWithoutBrokerTest, RefusesOptionsThatMakeNoSense) {
  EXPECT_EQ(ReasonOf(RabbitMqSink::Open({}, clock_).status()), ErrorReason::kConfigurationInvalid);
}

TEST_F(RabbitMqWithoutBrokerTest, SaysThatCredentialsAreMissing) {
  RabbitMqOptions options = Options();
  options.password.file = "/nowhere/at/all";
  const auto sink = *RabbitMqSink::Open(options, clock_);
  EXPECT_TRUE(fake::Eventually([&] {
    return std::string(sink->Health().message()).find("/nowhere/at/all") != std::string::npos;
  })) << sink->Health();
}

}  // namespace
}  // namespace nexus::sink
