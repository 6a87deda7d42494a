#include <atomic>
#include <fstream>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/synchronization/notification.h"
#include "fake/eventually.h"
#include "gmock/gmock.h"
#include "harness/http/http_receiver.h"
#include "harness/nexusd/temporary_folder.h"
#include "harness/proxy/fault_proxy.h"
#include "nexus/core/errors.h"
#include "nexus/core/system_clock.h"
#include "sink/event_maker.h"
#include "sink/outbound/header_text.h"
#include "sink/routed_sink.h"
#include "sink/webhook/webhook_outcome.h"
#include "sink/webhook/webhook_signature.h"
#include "sink/webhook/webhook_sink.h"
#include "tls/certificate_maker.h"

namespace nexus::sink {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class WebhookTest : public ::testing::Test {
 protected:
  WebhookOptions OptionsFor(const std::string& url) const {
    WebhookOptions options;
    options.url = url;
    options.timeout = absl::Seconds(20);
    return options;
  }
  std::unique_ptr<WebhookSink> Open(const WebhookOptions& options) {
    auto sink = WebhookSink::Open(options, clock_);
    EXPECT_TRUE(sink.ok()) << sink.status();
    return *std::move(sink);
  }
  absl::Status DeliverOne(WebhookSink& sink, const OutboundEvent& event) {
    Answers answers;
    sink.Deliver(event, answers.Next());
    EXPECT_TRUE(answers.WaitFor(1));
    return answers.all().at(0);
  }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }

  SystemClock clock_;
  harness::TemporaryFolder folder_;
  Answers answers_;
};

TEST_F(WebhookTest, PostsACloudEventInBinaryMode) {
  harness::HttpReceiver receiver;
  auto sink = Open(OptionsFor(receiver.url() + "?key=sesame"));
  sink->Deliver(MakeEvent("order-1", 7, "{\"n\": 1}"), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(1));
  EXPECT_TRUE(answers_.all()[0].ok()) << answers_.all()[0];
  EXPECT_THAT(answers_.places(), ElementsAre(receiver.url() + "/-1/-1"));
  const harness::HttpPost post = receiver.posts().at(0);
  EXPECT_EQ(post.path, "/events?key=sesame");
  EXPECT_EQ(post.body, "{\"n\": 1}");
  EXPECT_EQ(post.headers.at("content-type"), "application/json");
  EXPECT_EQ(post.headers.at("ce-specversion"), "1.0");
  EXPECT_EQ(post.headers.at("ce-id"), "00000000-0000-0000-0000-000000000007");
  EXPECT_EQ(post.headers.at("ce-source"), "/nexus/default/order");
  EXPECT_EQ(post.headers.at("ce-type"), "order-paid.v2");
  EXPECT_EQ(post.headers.at("ce-subject"), "order-1");
  EXPECT_EQ(post.headers.at("ce-sequence"), "7");
  EXPECT_FALSE(post.headers.contains("nexus-signature"));
  EXPECT_FALSE(post.headers.contains("authorization"));
}

TEST_F(WebhookTest, PostsTheWholeEventInStructuredMode) {
  harness::HttpReceiver receiver;
  WebhookOptions options = OptionsFor(receiver.url());
  options.format.value_format = route::StructuredValue;
  EXPECT_TRUE(DeliverOne(*Open(options), MakeEvent("order-1", 7)).ok());
  const harness::HttpPost post = receiver.posts().at(0);
  EXPECT_THAT(post.headers.at("content-type"), HasSubstr("application/cloudevents+json"));
  EXPECT_THAT(post.body, HasSubstr("\"subject\":\"order-1\""));
  EXPECT_FALSE(post.headers.contains("ce-id"));
}

TEST_F(WebhookTest, EscapesWhatNoHeaderCanHold) {
  EXPECT_EQ(HeaderText("a b\r\n\"%\xc3\xa4~"), "a%20b%0D%0A%22%25%C3%A4~");
  harness::HttpReceiver receiver;
  auto sink = Open(OptionsFor(receiver.url()));
  EXPECT_TRUE(DeliverOne(*sink, MakeEvent("order-a b", 0)).ok());
  EXPECT_EQ(receiver.posts().at(0).headers.at("ce-subject"), "order-a%20b");
  const absl::Status smuggled =
      DeliverOne(*sink, MakeEvent("order-1", 0, "x", "text/plain\r\nEvil: yes"));
  EXPECT_EQ(ReasonOf(smuggled), ErrorReason::kMalformedRequest);
}

TEST_F(WebhookTest, SignsTheBodyAndTheTime) {
  // Computed with another program: printf '%s' '1700000000.{"n":1}' | openssl dgst -sha256 -hmac k
  EXPECT_EQ(SignatureOf("k", 1'700'000'000, "{\"n\":1}"),
            "t=1700000000,v1=88fc0049412a7b70f6ebfe67467bdc9b94ea7b04ca4319f4bf7216e3b159f674");
  harness::HttpReceiver receiver;
  WebhookOptions options = OptionsFor(receiver.url());
  options.signing_secret.file = folder_ / "secret";
  options.bearer_token.file = folder_ / "token";
  Write("secret", "sesame\n");
  Write("token", "let-me-in\n");
  EXPECT_TRUE(DeliverOne(*Open(options), MakeEvent("order-1", 0, "body")).ok());
  const harness::HttpPost post = receiver.posts().at(0);
  const std::string signature = post.headers.at("nexus-signature");
  int64_t time = 0;
  ASSERT_TRUE(absl::SimpleAtoi(signature.substr(2, signature.find(',') - 2), &time)) << signature;
  EXPECT_NEAR(static_cast<double>(time), static_cast<double>(clock_.Now().micros / 1'000'000), 60);
  EXPECT_EQ(signature, SignatureOf("sesame", time, post.body));
  EXPECT_EQ(post.headers.at("authorization"), "Bearer let-me-in");
}

TEST_F(WebhookTest, WithoutItsSecretSendsNothing) {
  harness::HttpReceiver receiver;
  WebhookOptions options = OptionsFor(receiver.url());
  options.signing_secret.file = folder_ / "secret";
  auto sink = Open(options);
  EXPECT_TRUE(absl::IsUnavailable(DeliverOne(*sink, MakeEvent("order-1", 0))));
  EXPECT_THAT(std::string(sink->Health().message()), HasSubstr("secret"));
  EXPECT_THAT(receiver.posts(), SizeIs(0));
  Write("secret", "sesame");
  EXPECT_TRUE(DeliverOne(*sink, MakeEvent("order-1", 0)).ok());
  EXPECT_TRUE(sink->Health().ok());
}

TEST(WebhookOutcomeTest, BlamesTheEventOnlyForWhatIsItsOwn) {
  for (const long status : {200, 201, 202, 204}) EXPECT_TRUE(OutcomeOfHttp(status, "").ok());
  for (const long status : {301, 302, 307, 401, 407, 408, 425, 429, 500, 502, 503, 504, 0, 100}) {
    EXPECT_TRUE(absl::IsUnavailable(OutcomeOfHttp(status, ""))) << status;
  }
  const std::map<long, ErrorReason> refused = {
      {400, ErrorReason::kMalformedRequest}, {403, ErrorReason::kAccessDenied},
      {404, ErrorReason::kNotFound},         {410, ErrorReason::kNotFound},
      {413, ErrorReason::kLimitExceeded},    {422, ErrorReason::kMalformedRequest}};
  for (const auto& [status, reason] : refused) {
    EXPECT_EQ(ReasonOf(OutcomeOfHttp(status, "")), reason) << status;
  }
  EXPECT_THAT(std::string(OutcomeOfHttp(400, "no\x01such\nfield").message()),
              HasSubstr("400: no such field"));
}

TEST_F(WebhookTest, TellsWhatTheReceiverSaysAndNotTheSecretsOfItsAddress) {
  harness::HttpReceiver receiver([](const harness::HttpPost& post) {
    if (post.body == "bad") return harness::HttpReply{422, "", "no such order"};
    if (post.body == "down") return harness::HttpReply{503, "", "later"};
    return harness::HttpReply{};
  });
  auto sink = Open(OptionsFor(receiver.url() + "?key=sesame"));
  const absl::Status bad = DeliverOne(*sink, MakeEvent("order-1", 0, "bad"));
  EXPECT_EQ(ReasonOf(bad), ErrorReason::kMalformedRequest);
  EXPECT_THAT(std::string(bad.message()), HasSubstr("422: no such order"));
  EXPECT_TRUE(sink->Health().ok()) << "it is the event's fault";
  const absl::Status down = DeliverOne(*sink, MakeEvent("order-2", 0, "down"));
  EXPECT_TRUE(absl::IsUnavailable(down));
  EXPECT_THAT(std::string(sink->Health().message()), HasSubstr("503: later"));
  EXPECT_THAT(std::string(sink->Health().message()), Not(HasSubstr("sesame")));
  EXPECT_TRUE(DeliverOne(*sink, MakeEvent("order-3", 0)).ok());
  EXPECT_TRUE(sink->Health().ok());
}

TEST_F(WebhookTest, LeavesAReceiverAloneThatAsksForIt) {
  std::atomic<int> refusals{1};
  harness::HttpReceiver receiver([&](const harness::HttpPost&) {
    if (refusals.fetch_sub(1) > 0) return harness::HttpReply{429, "Retry-After: 1\r\n", ""};
    return harness::HttpReply{};
  });
  auto sink = Open(OptionsFor(receiver.url()));
  const absl::Duration begin = clock_.Monotonic();
  EXPECT_TRUE(absl::IsUnavailable(DeliverOne(*sink, MakeEvent("order-1", 0))));
  const absl::Status paused = DeliverOne(*sink, MakeEvent("order-2", 0));
  EXPECT_TRUE(absl::IsUnavailable(paused));
  EXPECT_THAT(std::string(paused.message()), HasSubstr("left alone"));
  EXPECT_THAT(receiver.posts(), SizeIs(1));
  ASSERT_TRUE(fake::Eventually([&] { return DeliverOne(*sink, MakeEvent("order-1", 0)).ok(); }));
  EXPECT_GE(clock_.Monotonic() - begin, absl::Milliseconds(950));
}

TEST_F(WebhookTest, HasManyRequestsUnderWayAndWantsOneOfAStream) {
  harness::HttpReceiver* itself = nullptr;
  // Each waits until as many are there as may be.
  harness::HttpReceiver receiver([&](const harness::HttpPost&) {
    fake::Eventually([&] { return itself->most_at_once() >= 4; }, absl::Seconds(10));
    return harness::HttpReply{};
  });
  itself = &receiver;
  WebhookOptions options = OptionsFor(receiver.url());
  options.in_flight_max = 4;
  auto sink = Open(options);
  EXPECT_EQ(sink->PerStreamMax(), 1u);
  for (uint64_t i = 0; i < 40; ++i) {
    sink->Deliver(MakeEvent(absl::StrCat("order-", i), 0), answers_.Next());
  }
  ASSERT_TRUE(sink->Flush(absl::Seconds(60)).ok());
  EXPECT_EQ(answers_.good(), 40u);
  EXPECT_EQ(receiver.most_at_once(), 4);
}

TEST_F(WebhookTest, ALostConnectionIsNoFaultOfTheEvent) {
  harness::HttpReceiver receiver([](const harness::HttpPost& post) {
    return harness::HttpReply{post.body == "gone" ? 0 : 204};
  });
  auto sink = Open(OptionsFor(receiver.url()));
  EXPECT_TRUE(absl::IsUnavailable(DeliverOne(*sink, MakeEvent("order-1", 0, "gone"))));
  EXPECT_FALSE(sink->Health().ok());
  EXPECT_TRUE(DeliverOne(*sink, MakeEvent("order-1", 0)).ok());
  // Nobody is there.
  harness::FaultProxy proxy(0);
  auto other = Open(OptionsFor(absl::StrCat("http://127.0.0.1:", proxy.port(), "/")));
  EXPECT_TRUE(absl::IsUnavailable(DeliverOne(*other, MakeEvent("order-1", 0))));
}

TEST_F(WebhookTest, AReceiverThatTakesTooLongIsNoFaultOfTheEvent) {
  absl::Notification go;
  harness::HttpReceiver receiver([&](const harness::HttpPost&) {
    go.WaitForNotificationWithTimeout(absl::Seconds(60));
    return harness::HttpReply{};
  });
  WebhookOptions options = OptionsFor(receiver.url());
  options.timeout = absl::Milliseconds(200);
  auto sink = Open(options);
  const absl::Status late = DeliverOne(*sink, MakeEvent("order-1", 0));
  EXPECT_TRUE(absl::IsUnavailable(late)) << late;
  EXPECT_THAT(std::string(late.message()), HasSubstr("Timeout"));
  go.Notify();
}

TEST_F(WebhookTest, RefusesAnEventThatIsTooLarge) {
  harness::HttpReceiver receiver;
  WebhookOptions options = OptionsFor(receiver.url());
  options.message_bytes_max = 3;
  auto sink = Open(options);
  EXPECT_EQ(ReasonOf(DeliverOne(*sink, MakeEvent("order-1", 0, "1234"))),
            ErrorReason::kLimitExceeded);
  EXPECT_TRUE(DeliverOne(*sink, MakeEvent("order-2", 0, "123")).ok());
  EXPECT_TRUE(DeliverOne(*sink, MakeEvent("order-3", 0, "")).ok());
  EXPECT_EQ(receiver.posts().at(1).headers.at("content-length"), "0");
}

TEST_F(WebhookTest, AnswersEverythingBeforeItGoesOrWhenAFlushIsOver) {
  absl::Notification go;
  harness::HttpReceiver receiver([&](const harness::HttpPost&) {
    go.WaitForNotificationWithTimeout(absl::Seconds(30));
    return harness::HttpReply{};
  });
  auto sink = Open(OptionsFor(receiver.url()));
  for (uint64_t i = 0; i < 5; ++i) sink->Deliver(MakeEvent("order-1", i), answers_.Next());
  EXPECT_EQ(sink->Flush(absl::Milliseconds(50)).code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(answers_.all(), SizeIs(5));
  for (uint64_t i = 0; i < 5; ++i) sink->Deliver(MakeEvent("order-2", i), answers_.Next());
  sink.reset();
  EXPECT_THAT(answers_.all(), SizeIs(10));
  go.Notify();
}

TEST_F(WebhookTest, BelievesTheReceiverThatProvesItsName) {
  const fake::CertificateMaker maker, other("another CA");
  const fake::Certificate server = maker.Server();
  const fake::Certificate client = maker.Make({.common_name = "client"});
  Write("ca.pem", maker.ca());
  Write("other-ca.pem", other.ca());
  Write("client.pem", client.certificate);
  Write("client.key", client.key);
  harness::HttpReceiver receiver({}, server.certificate, server.key, maker.ca());
  WebhookOptions options = OptionsFor(receiver.url());
  options.ca_file = folder_ / "ca.pem";
  options.certificate_file = folder_ / "client.pem";
  options.key_file = folder_ / "client.key";
  EXPECT_TRUE(DeliverOne(*Open(options), MakeEvent("order-1", 0)).ok());
  options.ca_file = folder_ / "other-ca.pem";
  EXPECT_TRUE(absl::IsUnavailable(DeliverOne(*Open(options), MakeEvent("order-1", 0))));
  options.ca_file = folder_ / "ca.pem";
  options.certificate_file = options.key_file = "";
  EXPECT_TRUE(absl::IsUnavailable(DeliverOne(*Open(options), MakeEvent("order-1", 0))));
  EXPECT_THAT(receiver.posts(), SizeIs(1));
}

TEST_F(WebhookTest, RefusesOptionsThatMakeNoSense) {
  const WebhookOptions good = OptionsFor("https://example.test/events");
  EXPECT_TRUE(Check(good).ok());
  const auto refused = [&](absl::string_view word, auto change) {
    WebhookOptions options = good;
    change(options);
    const absl::Status status = WebhookSink::Open(options, clock_).status();
    EXPECT_EQ(ReasonOf(status), ErrorReason::kConfigurationInvalid) << word;
    EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(word)));
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("sesame")));
  };
  refused("name", [](auto& o) { o.name = ""; });
  refused("url", [](auto& o) { o.url = ""; });
  refused("url", [](auto& o) { o.url = "http://example.test/?key=sesame"; });
  refused("url", [](auto& o) { o.url = "https://me:sesame@example.test/"; });
  refused("signing_secret", [](auto& o) { o.signing_secret = {"a", "b"}; });
  refused("certificate_file", [](auto& o) { o.certificate_file = "a"; });
  refused("in_flight_max", [](auto& o) { o.in_flight_max = 0; });
  refused("timeout", [](auto& o) { o.timeout = absl::ZeroDuration(); });
}

// The router above it, and a receiver that fails now and then.
TEST_F(WebhookTest, LosesNothingWhenTheReceiverFailsNowAndThen) {
  std::atomic<int> count{0};
  absl::Mutex mutex;
  RoutedSink::Arrivals arrivals;
  harness::HttpReceiver receiver([&](const harness::HttpPost& post) {
    const int now = count.fetch_add(1);
    if (now % 50 == 10) return harness::HttpReply{503};
    if (now % 50 == 30) return harness::HttpReply{0};
    absl::MutexLock lock(&mutex);
    uint64_t position = 0;
    static_cast<void>(absl::SimpleAtoi(post.headers.at("ce-nexusposition"), &position));
    arrivals.emplace_back(post.headers.at("ce-subject"), position);
    return harness::HttpReply{};
  });
  RoutedSink routed;
  routed.Start(Open(OptionsFor(receiver.url())));
  routed.Append(500);
  ASSERT_TRUE(routed.WaitForCheckpoint(500));
  ASSERT_TRUE(routed.Stop().ok());
  absl::MutexLock lock(&mutex);
  EXPECT_TRUE(RoutedSink::Complete(arrivals, 500));
  RoutedSink::ExpectOrder(arrivals);
}

}  // namespace
}  // namespace nexus::sink
