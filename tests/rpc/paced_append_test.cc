// Append and AppendStream over gRPC while a route lags; the test says when the pause is over.

#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "engine/engine_fixture.h"
#include "fake/eventually.h"
#include "gmock/gmock.h"
#include "identity/token_table.h"
#include "nexus/v1/event_store.grpc.pb.h"
#include "rpc/call_metrics.h"
#include "rpc/event_store_service.h"
#include "rpc/transport/served_methods.h"

namespace nexus::rpc {
namespace {

using ::testing::ElementsAre;

constexpr absl::Duration kPause = absl::Milliseconds(100);

class PacedAppendTest : public engine::EngineFixture {
 protected:
  void SetUp() override {
    EngineFixture::SetUp();
    ASSERT_NO_FATAL_FAILURE(SetCategory("order", false));
    service_.emplace(ServiceParts{*engine_, authenticator_, calls_});
    service_->AddTo(served_.methods());
    served_.Start();
    stub_ = v1::EventStoreService::NewStub(served_.channel());
    route_ = pace_.Watch("orders", route::RouteMatch());
    Lag(absl::Milliseconds(400));
  }
  void TearDown() override {
    served_.Shutdown();
    executor_.RunAll();
  }
  const route::AppendPace* Pace() override { return &pace_; }

  void Lag(absl::Duration lag) {
    route_->Report({lag, {}}, true, std::make_shared<const route::Classification>());
  }
  static v1::AppendRequest Request(const std::string& type) {
    v1::AppendRequest request;
    v1::StreamAppend& append = *request.add_streams();
    append.set_stream("order-1");
    append.mutable_expected_revision()->mutable_any();
    v1::NewEvent& event = *append.add_events();
    event.set_type(type);
    event.set_data("{}");
    return request;
  }
  bool Held(double count) {
    return fake::Eventually([&] { return metrics_.Value("nexus_append_paced_total") == count; });
  }
  double Handled(const std::string& code) {
    return metrics_.Value(absl::StrCat(
        "nexus_grpc_server_handled_total{service=nexus.v1.EventStoreService,method=Append,code=",
        code, "}"));
  }
  // The server has seen all that this connection sent before, and reacted to it: it does so in the
  // order in which it came, on one thread.
  void AwaitServer() {
    grpc::ClientContext context;
    v1::AppendResponse response;
    EXPECT_EQ(stub_->Append(&context, {}, &response).error_code(),
              grpc::StatusCode::INVALID_ARGUMENT);
  }

  route::AppendPace pace_{clock_, metrics_, {.wait_max = kPause}};
  std::unique_ptr<route::AppendPace::Route> route_;
  identity::TokenTable tokens_{{}};
  identity::Authenticator authenticator_{identity::AuthenticatorParts{tokens_}};
  CallMetrics calls_{metrics_, clock_};
  std::optional<EventStoreService> service_;
  ServedMethods served_;
  std::unique_ptr<v1::EventStoreService::Stub> stub_;
};

TEST_F(PacedAppendTest, IsAnsweredAfterThePause) {
  grpc::ClientContext context;
  v1::AppendResponse response;
  grpc::Status status;
  std::thread client([&] { status = stub_->Append(&context, Request("noted"), &response); });
  ASSERT_TRUE(Held(1));
  EXPECT_EQ(Handled("OK"), 0);
  EXPECT_EQ(StreamReason("order-1"), ErrorReason::kStreamNotFound);
  executor_.Advance(kPause);
  client.join();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(Types("order-1"), ElementsAre("noted"));
}

TEST_F(PacedAppendTest, OfAClientThatHasGoneIsNotStored) {
  grpc::ClientContext context;
  v1::AppendResponse response;
  grpc::Status status;
  std::thread client([&] { status = stub_->Append(&context, Request("noted"), &response); });
  ASSERT_TRUE(Held(1));
  context.TryCancel();
  client.join();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  AwaitServer();
  executor_.Advance(kPause);
  EXPECT_EQ(metrics_.Value("nexus_append_dropped_total{why=gone}"), 1);
  EXPECT_EQ(StreamReason("order-1"), ErrorReason::kStreamNotFound);
}

TEST_F(PacedAppendTest, AStreamOfAppendsKeepsItsOrder) {
  grpc::ClientContext context;
  const auto call = stub_->AppendStream(&context);
  const auto write = [&](const std::string& type) {
    v1::AppendStreamRequest request;
    *request.mutable_append() = Request(type);
    return call->Write(request);
  };
  ASSERT_TRUE(write("first"));
  ASSERT_TRUE(Held(1));
  Lag(absl::ZeroDuration());
  ASSERT_TRUE(write("second"));
  ASSERT_TRUE(write("third"));
  ASSERT_TRUE(Held(3)) << "what comes after it cannot overtake it";
  ASSERT_TRUE(call->WritesDone());
  executor_.Advance(kPause);
  for (int i = 0; i < 3; ++i) {
    v1::AppendStreamResponse response;
    ASSERT_TRUE(call->Read(&response));
    EXPECT_EQ(response.receipt().streams(0).last_revision(), static_cast<uint64_t>(i));
  }
  EXPECT_TRUE(call->Finish().ok());
  EXPECT_THAT(Types("order-1"), ElementsAre("first", "second", "third"));
}

TEST_F(PacedAppendTest, WhatAStreamOfAppendsHasHeldIsNotStoredWhenItsClientGoes) {
  auto context = std::make_unique<grpc::ClientContext>();
  const auto call = stub_->AppendStream(context.get());
  v1::AppendStreamRequest request;
  *request.mutable_append() = Request("noted");
  ASSERT_TRUE(call->Write(request));
  ASSERT_TRUE(Held(1));
  context->TryCancel();
  EXPECT_EQ(call->Finish().error_code(), grpc::StatusCode::CANCELLED);
  ASSERT_TRUE(fake::Eventually([&] {
    return metrics_.Value(
               "nexus_grpc_server_handled_total{service=nexus.v1.EventStoreService,"
               "method=AppendStream,code=CANCELLED}") == 1;
  }));
  executor_.Advance(kPause);
  EXPECT_EQ(metrics_.Value("nexus_append_dropped_total{why=gone}"), 1);
  EXPECT_EQ(StreamReason("order-1"), ErrorReason::kStreamNotFound);
}

}  // namespace
}  // namespace nexus::rpc
