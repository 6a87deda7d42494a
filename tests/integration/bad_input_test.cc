// Bad input over the wire: a clear reason each time, and nothing is stored.

#include <string>

#include "gmock/gmock.h"
#include "integration/daemon_fixture.h"

namespace nexus::integration {
namespace {

class BadInputTest : public DaemonFixture {
 protected:
  void SetUp() override {
    StartDaemon();
    RegisterOrders();
  }

  template <typename Change>
  std::string Refused(Change change) {
    v1::AppendRequest request = OneEvent("order-1", "order.placed", R"({"total": 5})");
    change(request, *request.mutable_streams(0), *request.mutable_streams(0)->mutable_events(0));
    return ReasonOf(Append(request));
  }
};

using Request = v1::AppendRequest;
using Stream = v1::StreamAppend;
using New = v1::NewEvent;

TEST_F(BadInputTest, IsRefusedWithItsReasonAndStoresNothing) {
  EXPECT_EQ(ReasonOf(Append({})), "EMPTY_COMMIT");
  EXPECT_EQ(Refused([](Request&, Stream& s, New&) { s.clear_events(); }), "EMPTY_COMMIT");
  EXPECT_EQ(Refused([](Request&, Stream&, New& e) { e.clear_type(); }), "MALFORMED_NAME");
  EXPECT_EQ(Refused([](Request& r, Stream&, New&) { r.set_commit_id("zzz"); }), "MALFORMED_ID");
  EXPECT_EQ(Refused([](Request&, Stream&, New& e) { e.set_event_id("42"); }), "MALFORMED_ID");
  EXPECT_EQ(Refused([](Request&, Stream& s, New& e) {
              e.set_event_id("00000000-0000-7000-8000-000000000001");
              const New copy = e;
              *s.add_events() = copy;
            }),
            "DUPLICATE_EVENT_ID");
  EXPECT_EQ(Refused([](Request&, Stream& s, New&) { s.set_stream(std::string("a\0b", 3)); }),
            "MALFORMED_NAME");
  EXPECT_EQ(Refused([](Request&, Stream& s, New&) { s.set_stream("line\nbreak"); }),
            "MALFORMED_NAME");
  EXPECT_EQ(Refused([](Request&, Stream& s, New&) { s.set_stream(std::string(256, 'x')); }),
            "MALFORMED_NAME");
  EXPECT_EQ(Refused([](Request&, Stream& s, New&) { s.set_stream("$schemas"); }), "RESERVED_NAME");
  EXPECT_EQ(Refused([](Request&, Stream&, New& e) { e.set_type("$schema-registered"); }),
            "RESERVED_NAME");
  EXPECT_EQ(Refused([](Request&, Stream&, New& e) { (*e.mutable_metadata())["$p"] = "root"; }),
            "RESERVED_NAME");
  EXPECT_EQ(Refused([](Request&, Stream& s, New&) { s.clear_expected_revision(); }),
            "MALFORMED_REQUEST");
  EXPECT_EQ(Refused([](Request&, Stream&, New& e) { e.set_data(std::string((1 << 20) + 1, '1')); }),
            "LIMIT_EXCEEDED");
  EXPECT_EQ(Refused([](Request&, Stream&, New& e) {
              (*e.mutable_metadata())["k"] = std::string(70'000, 'v');
            }),
            "LIMIT_EXCEEDED");
  EXPECT_EQ(Refused([](Request&, Stream& s, New& e) {
              const New copy = e;
              for (int i = 0; i < 10'000; ++i) *s.add_events() = copy;
            }),
            "LIMIT_EXCEEDED");
  EXPECT_EQ(Refused([](Request&, Stream&, New& e) { e.set_schema_version(99); }),
            "SCHEMA_NOT_REGISTERED");
  EXPECT_EQ(Refused([](Request&, Stream&, New& e) { e.set_type("order.unknown"); }),
            "SCHEMA_NOT_REGISTERED");
  EXPECT_EQ(Refused([](Request&, Stream&, New& e) { e.set_data("{\"total\": 1e999}"); }),
            "MALFORMED_JSON");
  EXPECT_EQ(Refused([](Request&, Stream&, New& e) { e.set_data("{\"total\": \"\xff\"}"); }),
            "MALFORMED_JSON");
  EXPECT_EQ(
      Refused([](Request&, Stream&, New& e) {
        e.set_data(absl::StrCat("{\"total\": ", std::string(65, '['), std::string(65, ']'), "}"));
      }),
      "MALFORMED_JSON");
  EXPECT_EQ(Refused([](Request&, Stream&, New& e) { e.mutable_routing()->set_business_impact(2); }),
            "MALFORMED_REQUEST");
  EXPECT_EQ(Refused([](Request&, Stream&, New& e) {
              e.mutable_routing()->set_criticality(static_cast<v1::Criticality>(77));
            }),
            "MALFORMED_REQUEST");
  EXPECT_TRUE(ReadStream("order-1").empty());
  EXPECT_TRUE(AppendOrder("order-1", R"({"total": 5})").ok());
}

TEST_F(BadInputTest, AMessageOverTheLimitOfTheTransportIsRefused) {
  v1::AppendRequest request = OneEvent("order-1", "order.placed", std::string(5 << 20, ' '));
  EXPECT_EQ(Append(request).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(AppendOrder("order-1", R"({"total": 5})").ok());
}

TEST_F(BadInputTest, AnUnknownTokenIsRefusedWhateverItAsksFor) {
  const auto context = Context();
  context->AddMetadata("authorization", "Bearer guess");
  v1::AppendResponse response;
  const grpc::Status status = events_->Append(
      context.get(), OneEvent("order-1", "order.placed", R"({"total": 5})"), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(status), "UNAUTHENTICATED");
}

TEST_F(BadInputTest, AMalformedTraceContextIsRefused) {
  const auto context = Context();
  context->AddMetadata("traceparent", "00-00000000000000000000000000000000-b7ad6b7169203331-01");
  v1::AppendResponse response;
  const grpc::Status status = events_->Append(
      context.get(), OneEvent("order-1", "order.placed", R"({"total": 5})"), &response);
  EXPECT_EQ(ReasonOf(status), "MALFORMED_REQUEST");
}

TEST_F(BadInputTest, TracingContextOfACallIsStoredOnItsEventsAndReturned) {
  const auto context = Context();
  const std::string traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  context->AddMetadata("traceparent", traceparent);
  context->AddMetadata("x-correlation-id", "process-1");
  v1::AppendResponse response;
  ASSERT_TRUE(
      events_
          ->Append(context.get(), OneEvent("order-1", "order.placed", R"({"total": 5})"), &response)
          .ok());
  const auto& trailers = context->GetServerTrailingMetadata();
  EXPECT_EQ(trailers.find("x-correlation-id")->second, "process-1");
  EXPECT_EQ(trailers.find("traceparent")->second, traceparent);
  const std::vector<v1::Event> events = ReadStream("order-1");
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].traceparent(), traceparent);
  EXPECT_EQ(events[0].correlation_id(), "process-1");
}

}  // namespace
}  // namespace nexus::integration
