// What a declaration may say of its sink, kind by kind.

#include "app/sinks/sink_settings.h"

#include "app/sinks/sink_factory.h"
#include "fake/manual_clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::app {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class SinkSettingsTest : public ::testing::Test {
 protected:
  SinkSettings With(const std::string& kind, const std::string& settings) {
    route_.name = "one";
    route_.sink = {kind, settings};
    return {route_, config_, data_, schemas_, json_};
  }
  // What the factory says of it.
  absl::Status Check(const std::string& kind, const std::string& settings) {
    const SinkFactory factory(config_, data_, schemas_, json_, clock_);
    With(kind, settings);
    return factory.Check(route_);
  }
  void ExpectFault(const std::string& kind, const std::string& settings,
                   const std::string& pointer) {
    const absl::Status status = Check(kind, settings);
    EXPECT_EQ(ReasonOf(status), ErrorReason::kMalformedRequest) << settings << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(pointer)) << settings;
  }

  fake::ManualClock clock_;
  schema::SimdJsonReader json_;
  schema::SchemaCatalog schemas_{schema::SchemaMode{}};
  config::RouteConfig config_;
  std::string data_ = "/data";
  route::RouteDeclaration route_;
};

TEST_F(SinkSettingsTest, HasDefaultsForWhatIsNotSaid) {
  const auto rabbit = ReadRabbitMqSettings(With("rabbitmq", R"({"brokers": "a"})"));
  ASSERT_TRUE(rabbit.ok()) << rabbit.status();
  EXPECT_EQ(rabbit->exchange, "nexus.events");
  EXPECT_EQ(rabbit->per_stream_max, 0u);
  EXPECT_FALSE(rabbit->tls.enabled);
  EXPECT_FALSE(rabbit->topology.declare);
  const auto nats = ReadNatsSettings(With("nats", R"({"servers": "a:1"})"));
  ASSERT_TRUE(nats.ok()) << nats.status();
  EXPECT_EQ(nats->stream, "nexus");
  const auto hook = ReadWebhookSettings(With("webhook", R"({"url": "https://a/b"})"));
  ASSERT_TRUE(hook.ok()) << hook.status();
  EXPECT_TRUE(hook->signing_secret.empty());
}

TEST_F(SinkSettingsTest, ReadsEverySettingOfRabbitMq) {
  const auto options = ReadRabbitMqSettings(With("rabbitmq", R"({
      "brokers": "a:1,b:2", "vhost": "v", "user": "u", "password_file": "rabbit.password",
      "tls": {"ca_file": "ca.pem", "certificate_file": "c.pem", "key_file": "k.pem",
              "server_name": "n"},
      "exchange": "x", "routing_key": "<category>.<key>", "declare": true, "unrouted": "left",
      "queues": {"billing": "order.*", "all": "#"}, "delivery_limit": 7,
      "queue_messages_max": 8, "queue_bytes_max": 9, "in_flight": 10, "in_flight_per_stream": 11,
      "message_bytes_max": 12})"));
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->brokers, "a:1,b:2");
  EXPECT_EQ(options->vhost, "v");
  EXPECT_EQ(options->user, "u");
  EXPECT_EQ(options->password.file, "/data/secrets/rabbit.password");
  EXPECT_TRUE(options->tls.enabled);
  EXPECT_EQ(options->tls.ca_file, "/data/secrets/ca.pem");
  EXPECT_EQ(options->tls.certificate_file, "/data/secrets/c.pem");
  EXPECT_EQ(options->tls.key_file, "/data/secrets/k.pem");
  EXPECT_EQ(options->tls.server_name, "n");
  EXPECT_EQ(options->exchange, "x");
  EXPECT_EQ(options->routing_key, "<category>.<key>");
  EXPECT_TRUE(options->topology.declare);
  EXPECT_EQ(options->topology.unrouted, "left");
  EXPECT_THAT(options->topology.queues, SizeIs(2));
  EXPECT_EQ(options->topology.delivery_limit, 7);
  EXPECT_EQ(options->topology.messages_max, 8u);
  EXPECT_EQ(options->topology.queue_bytes_max, 9u);
  EXPECT_EQ(options->in_flight_max, 10u);
  EXPECT_EQ(options->per_stream_max, 11u);
  EXPECT_EQ(options->message_bytes_max, 12u);
}

TEST_F(SinkSettingsTest, ReadsEverySettingOfNats) {
  const auto options = ReadNatsSettings(With("nats", R"({
      "servers": "a:1", "user": "u", "password_file": "p", "tls": {}, "stream": "s",
      "subject": "x.<stream>", "declare": true, "replicas": 3, "stream_bytes_max": 4,
      "stream_messages_max": 5, "stream_age_max_s": 600, "duplicate_window_ms": 7000,
      "in_flight": 8, "in_flight_per_stream": 2})"));
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->credentials.user, "u");
  EXPECT_EQ(options->credentials.password.file, "/data/secrets/p");
  EXPECT_TRUE(options->tls.enabled);
  EXPECT_EQ(options->stream, "s");
  EXPECT_EQ(options->subject, "x.<stream>");
  EXPECT_TRUE(options->draft.declare);
  EXPECT_EQ(options->draft.replicas, 3);
  EXPECT_EQ(options->draft.max_bytes, 4);
  EXPECT_EQ(options->draft.max_messages, 5);
  EXPECT_EQ(options->draft.max_age, absl::Minutes(10));
  EXPECT_EQ(options->draft.duplicate_window, absl::Seconds(7));
  EXPECT_EQ(options->in_flight_max, 8u);
  EXPECT_EQ(options->per_stream_max, 2u);
}

TEST_F(SinkSettingsTest, ReadsEverySettingOfAWebhook) {
  const auto options = ReadWebhookSettings(With("webhook", R"({
      "url": "https://a/b", "signing_secret_file": "s", "bearer_token_file": "t",
      "ca_file": "ca", "certificate_file": "c", "key_file": "k", "in_flight": 3,
      "message_bytes_max": 4, "timeout_ms": 5})"));
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->signing_secret.file, "/data/secrets/s");
  EXPECT_EQ(options->bearer_token.file, "/data/secrets/t");
  EXPECT_EQ(options->ca_file, "/data/secrets/ca");
  EXPECT_EQ(options->certificate_file, "/data/secrets/c");
  EXPECT_EQ(options->key_file, "/data/secrets/k");
  EXPECT_EQ(options->in_flight_max, 3u);
  EXPECT_EQ(options->message_bytes_max, 4u);
  EXPECT_EQ(options->timeout, absl::Milliseconds(5));
}

TEST_F(SinkSettingsTest, PointsAtWhatIsWrong) {
  ExpectFault("pigeon", "{}", "/sink/kind");
  ExpectFault("rabbitmq", "{}", "/sink/settings/brokers");
  ExpectFault("rabbitmq", R"({"brokers": "a", "broker": "b"})", "/sink/settings/broker");
  ExpectFault("rabbitmq", R"({"brokers": "a", "password": "x"})", "/sink/settings/password");
  ExpectFault("rabbitmq", R"({"brokers": "a", "tls": {"ca": "x"}})", "/sink/settings/tls/ca");
  ExpectFault("rabbitmq", R"({"brokers": "a", "tls": true})", "/sink/settings/tls");
  ExpectFault("rabbitmq", R"({"brokers": "a", "in_flight": 0})", "/sink/settings/in_flight");
  ExpectFault("rabbitmq", R"({"brokers": "a:0"})", "brokers has no port");
  ExpectFault("rabbitmq", R"({"brokers": "a", "routing_key": "<x>"})", "<category>");
  ExpectFault("nats", "{}", "/sink/settings/servers");
  ExpectFault("nats", R"({"servers": "a", "replicas": 6})", "/sink/settings/replicas");
  ExpectFault("webhook", R"({"url": "http://example.com"})", "/sink/settings");
  ExpectFault("webhook", R"({"url": "https://a", "timeout_ms": 0})", "/sink/settings/timeout_ms");
  ExpectFault("jsonl", R"({"folder": "a/b"})", "/sink/settings/folder");
  ExpectFault("kafka", "{}", "/sink/settings/brokers");
}

// A declaration could else read any file of the machine, or send it away.
TEST_F(SinkSettingsTest, TakesPlainNamesOfSecretsOnly) {
  for (const char* name : {"../token", "/etc/passwd", ".hidden", "a/b", ""}) {
    const std::string file = absl::StrCat("\"", name, "\"}");
    ExpectFault("rabbitmq", absl::StrCat(R"({"brokers": "a", "password_file": )", file),
                "/sink/settings/password_file");
    ExpectFault("nats", absl::StrCat(R"({"servers": "a", "credentials_file": )", file),
                "/sink/settings/credentials_file");
    ExpectFault("webhook", absl::StrCat(R"({"url": "https://a", "key_file": )", file),
                "/sink/settings/key_file");
    ExpectFault("nats", absl::StrCat(R"({"servers": "a", "tls": {"ca_file": )", file, "}"),
                "/sink/settings/tls/ca_file");
  }
}

TEST_F(SinkSettingsTest, MakesNothingWhenItOnlyChecks) {
  const SinkFactory factory(config_, data_, schemas_, json_, clock_);
  With("rabbitmq", R"({"brokers": "127.0.0.1:1"})");
  EXPECT_TRUE(factory.Check(route_).ok());
  const auto sink = factory.Make(route_, "one#replay-7");
  ASSERT_TRUE(sink.ok()) << sink.status();
  EXPECT_EQ((*sink)->Name(), "one-replay-7");
  EXPECT_EQ((*sink)->PerStreamMax(), 1u);
}

}  // namespace
}  // namespace nexus::app
