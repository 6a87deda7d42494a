// The parts of the NATS sink that need no server.

#include "fake/eventually.h"
#include "gmock/gmock.h"
#include "nexus/core/errors.h"
#include "nexus/core/system_clock.h"
#include "sink/event_maker.h"
#include "sink/nats/flights.h"
#include "sink/nats/nats_ack.h"
#include "sink/nats/nats_sink.h"

namespace nexus::sink {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(NatsAckTest, ReadsWhereTheMessageIs) {
  const auto ack = ParseAck(R"({"stream":"nexus","seq":17,"duplicate":true})");
  ASSERT_TRUE(ack.ok()) << ack.status();
  EXPECT_EQ(ack->stream, "nexus");
  EXPECT_EQ(ack->sequence, 17u);
  EXPECT_TRUE(ack->duplicate);
  EXPECT_FALSE(ParseAck(R"({"stream":"nexus","domain":"d","seq":1})")->duplicate);
}

TEST(NatsAckTest, BlamesTheEventOnlyForWhatIsItsOwn) {
  const auto reason = [](int code) {
    return ReasonOf(ParseAck(absl::StrCat(R"({"error":{"code":400,"err_code":)", code,
                                          R"(,"description":"d"},"stream":"","seq":0})"))
                        .status());
  };
  EXPECT_EQ(reason(10'054), ErrorReason::kLimitExceeded);
  EXPECT_EQ(reason(10'097), ErrorReason::kLimitExceeded);
  EXPECT_EQ(reason(10'060), ErrorReason::kNotFound);
  for (const int code : {10'077, 10'047, 10'023, 10'009, 0}) {
    EXPECT_EQ(reason(code), ErrorReason::kNotReady) << code;
  }
}

TEST(NatsAckTest, TellsWhatCameBehindSomethingElse) {
  EXPECT_TRUE(absl::IsAborted(
      ParseAck(R"({"error":{"code":400,"err_code":10070,"description":"wrong last msg ID: x"}})")
          .status()));
}

TEST(NatsAckTest, BelievesNoStranger) {
  for (const char* answer : {"", "+OK", "{}", "[]", R"({"stream":"x"})", R"({"seq":1})", "{\"s"}) {
    EXPECT_TRUE(absl::IsUnavailable(ParseAck(answer).status())) << answer;
  }
}

class FlightsTest : public ::testing::Test {
 protected:
  FlightsTest() {
    for (uint64_t i = 1; i <= 4; ++i) {
      flights_.Add(i, absl::StrCat("s", i % 2), absl::Seconds(i));
    }
  }
  Flights flights_;
};

TEST_F(FlightsTest, LandOnce) {
  EXPECT_EQ(flights_.Land(2), "s0");
  EXPECT_EQ(flights_.Land(2), "");
  EXPECT_EQ(flights_.Land(9), "");
  EXPECT_EQ(flights_.size(), 3u);
}

TEST_F(FlightsTest, AreLateByTheTimeOfTheirDeparture) {
  flights_.Land(1);
  EXPECT_THAT(flights_.TakeLate(absl::Seconds(3)), ElementsAre(2, 3));
  EXPECT_THAT(flights_.TakeLate(absl::Seconds(3)), IsEmpty());
  EXPECT_EQ(flights_.Land(3), "") << "it came too late";
  EXPECT_EQ(flights_.Land(4), "s0");
}

TEST_F(FlightsTest, AreTakenOutByTheirSubject) {
  EXPECT_THAT(flights_.TakeIf([](absl::string_view s) { return s == "s1"; }), ElementsAre(1, 3));
  EXPECT_THAT(flights_.TakeLate(absl::Seconds(9)), ElementsAre(2, 4));
}

TEST(SubjectMatchesTest, AsTheServerDoes) {
  EXPECT_TRUE(SubjectMatches("a.b", "a.b"));
  EXPECT_TRUE(SubjectMatches("a.*", "a.b"));
  EXPECT_TRUE(SubjectMatches("a.>", "a.b.c"));
  EXPECT_TRUE(SubjectMatches(">", "a"));
  EXPECT_FALSE(SubjectMatches("a.>", "a"));
  EXPECT_FALSE(SubjectMatches("a.*", "a.b.c"));
  EXPECT_FALSE(SubjectMatches("a.*.c", "a.b.d"));
  EXPECT_FALSE(SubjectMatches("a.b", "a"));
}

NatsOptions Options() {
  NatsOptions options;
  options.servers = "127.0.0.1:1";  // nobody listens there
  return options;
}

TEST(NatsOptionsTest, AreRefusedWithTheNameOfWhatIsWrong) {
  EXPECT_TRUE(Check(Options()).ok());
  const auto refused = [](absl::string_view word, auto change) {
    NatsOptions options = Options();
    change(options);
    const absl::Status status = Check(options);
    EXPECT_EQ(ReasonOf(status), ErrorReason::kConfigurationInvalid) << word;
    EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(word)));
  };
  refused("servers", [](auto& o) { o.servers = ""; });
  refused("servers", [](auto& o) { o.servers = "a,"; });
  refused("servers", [](auto& o) { o.servers = "a:b"; });
  refused("servers", [](auto& o) { o.servers = "user:pass@a"; });
  refused("servers", [](auto& o) { o.servers = "nats://a:4222"; });
  refused("name", [](auto& o) { o.name = ""; });
  refused("stream", [](auto& o) { o.stream = ""; });
  refused("stream", [](auto& o) { o.stream = "a.b"; });
  refused("subject", [](auto& o) { o.subject = "a..b"; });
  refused("subject", [](auto& o) { o.subject = "a.>"; });
  refused("subject", [](auto& o) { o.subject = "a b"; });
  refused("subject", [](auto& o) { o.subject = "<nothing>"; });
  refused("credentials", [](auto& o) { o.credentials.user = "u"; });
  refused("credentials", [](auto& o) { o.credentials = {.token = {.file = "a"}, .file = "b"}; });
  refused("tls", [](auto& o) { o.tls.ca_file = "a"; });
  refused("tls", [](auto& o) { o.tls = {.enabled = true, .key_file = "a"}; });
  refused("in_flight_max", [](auto& o) { o.in_flight_max = 0; });
  refused("ack_timeout", [](auto& o) { o.ack_timeout = absl::ZeroDuration(); });
  refused("max_bytes", [](auto& o) { o.draft = {.declare = true, .max_bytes = 0}; });
  refused("max_age", [](auto& o) { o.draft = {.declare = true, .max_age = {}}; });
  refused("replicas", [](auto& o) { o.draft = {.declare = true, .replicas = 0}; });
  refused("duplicate_window",
          [](auto& o) { o.draft = {.declare = true, .max_age = absl::Minutes(1)}; });
}

TEST(NatsOptionsTest, NameTheServersOfACluster) {
  NatsOptions options = Options();
  options.servers = "one,two:7,[::1]:8";
  options.tls.enabled = true;
  ASSERT_TRUE(Check(options).ok());
  std::vector<std::string> found;
  for (const auto& server : ServersOf(options)) {
    found.push_back(absl::StrCat(server.url, " ", server.host));
  }
  EXPECT_THAT(found, ElementsAre("tls://one:4222 one", "tls://two:7 two", "tls://[::1]:8 ::1"));
}

TEST(NatsWithoutServerTest, OpensAndSaysThatNobodyAnswers) {
  Answers answers;
  const SystemClock clock;
  const auto sink = *NatsSink::Open(Options(), clock);
  EXPECT_EQ(sink->Name(), "nats");
  EXPECT_TRUE(fake::Eventually([&] {
    return std::string(sink->Health().message()).find("connecting to nats://127.0.0.1:1: ") == 0;
  })) << sink->Health();
  sink->Deliver(MakeEvent("order-1", 0), answers.Next());
  ASSERT_TRUE(answers.WaitFor(1));
  EXPECT_TRUE(absl::IsUnavailable(answers.all()[0]));
  EXPECT_TRUE(sink->Flush(absl::ZeroDuration()).ok());
  EXPECT_EQ(ReasonOf(NatsSink::Open({}, clock).status()), ErrorReason::kConfigurationInvalid);
}

}  // namespace
}  // namespace nexus::sink
