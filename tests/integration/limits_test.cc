// What one client may ask for, over every entry of the real daemon, without access control.

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "fake/eventually.h"
#include "gmock/gmock.h"
#include "grpcpp/generic/generic_stub.h"
#include "integration/daemon_fixture.h"

namespace nexus::integration {
namespace {

// A rate so small that nothing of it comes back while a test runs: the burst is one.
constexpr char kOnce[] = "=0.00001";

class LimitsTest : public DaemonFixture {
 protected:
  // `limits`: of the principal "limited", as in access.rates_of_principals.
  void StartLimited(const std::string& limits, std::vector<std::string> more = {}) {
    std::ofstream(folder_ / "nexusd.yaml")
        << "tokens:\n  - {principal: limited, token: t-limited}\n"
        << "  - {principal: other, token: t-other}\n"
        << "access:\n  rates_of_principals:\n    limited: " << limits << "\n";
    std::vector<std::string> arguments = {"--config", folder_ / "nexusd.yaml"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    StartDaemon(arguments);
    RegisterOrders();
  }
  static std::unique_ptr<grpc::ClientContext> As(const std::string& principal) {
    auto context = Context();
    context->AddMetadata("authorization", "Bearer t-" + principal);
    return context;
  }
  grpc::Status AppendAs(const std::string& principal, int events = 1, int streams = 1) {
    v1::AppendRequest request;
    for (int s = 0; s < streams; ++s) {
      v1::StreamAppend& append = *request.add_streams();
      append.set_stream(absl::StrCat("order-", s));
      append.mutable_expected_revision()->mutable_any();
      for (int e = 0; e < events; ++e) {
        v1::NewEvent& event = *append.add_events();
        event.set_type("order.placed");
        event.set_data(R"({"total": 1})");
      }
    }
    v1::AppendResponse response;
    return events_->Append(As(principal).get(), request, &response);
  }
  grpc::Status ReadByTime(std::unique_ptr<grpc::ClientContext> context) {
    v1::ReadRequest request;
    request.mutable_from_time()->set_seconds(1);
    const auto reader = events_->Read(context.get(), request);
    for (v1::ReadResponse page; reader->Read(&page);) continue;
    return reader->Finish();
  }
  static void ExpectLimited(const grpc::Status& status, const std::string& limit) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(ReasonOf(status), "RATE_LIMITED");
    EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).metadata().at("limit"), limit);
    const auto retry = DetailOf<google::rpc::RetryInfo>(status).retry_delay();
    EXPECT_GT(retry.seconds() * 1'000'000'000 + retry.nanos(), 0);
  }
};

TEST_F(LimitsTest, TenReadsOfThePastAMinuteAreEverybodysLimit) {
  StartLimited("temporal_reads_per_minute=0");
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(ReadByTime(Context()).ok()) << i;
  ExpectLimited(ReadByTime(Context()), "temporal_reads");
  v1::SubscribeRequest past;
  past.mutable_from_time()->set_seconds(1);
  const auto context = Context();
  const auto subscription = events_->Subscribe(context.get(), past);
  v1::SubscribeResponse message;
  EXPECT_FALSE(subscription->Read(&message));
  ExpectLimited(subscription->Finish(), "temporal_reads");
  // Other clients, and reads of what is stored now, are not concerned.
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(ReadByTime(As("limited")).ok()) << "without limit";
  EXPECT_TRUE(ReadByTime(As("other")).ok());
  std::vector<v1::Event> events;
  EXPECT_TRUE(Read(v1::ReadRequest(), &events).ok());
}

TEST_F(LimitsTest, RefusesEveryMethodToAClientWithoutRequestsLeft) {
  StartLimited(absl::StrCat("requests_per_second", kOnce));
  ASSERT_TRUE(AppendAs("limited").ok());
  grpc::GenericStub stub(daemon_->Channel());
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  int methods = 0;
  for (const char* name : {"nexus.v1.EventStoreService", "nexus.v1.SchemaRegistryService",
                           "nexus.v1.PolicyService", "nexus.admin.v1.AdminService"}) {
    const auto* service = pool->FindServiceByName(name);
    ASSERT_NE(service, nullptr) << name;
    for (int i = 0; i < service->method_count(); ++i, ++methods) {
      const auto context = As("limited");
      grpc::CompletionQueue queue;
      const grpc::Slice nothing;
      const grpc::ByteBuffer request(&nothing, 1);
      const auto call = stub.PrepareUnaryCall(
          context.get(), absl::StrCat("/", name, "/", service->method(i)->name()), request, &queue);
      call->StartCall();
      grpc::ByteBuffer answer;
      grpc::Status status;
      call->Finish(&answer, &status, nullptr);
      void* tag = nullptr;
      bool ok = false;
      ASSERT_TRUE(queue.Next(&tag, &ok));
      EXPECT_EQ(ReasonOf(status), "RATE_LIMITED") << service->method(i)->full_name();
    }
  }
  EXPECT_GT(methods, 25);
  EXPECT_TRUE(AppendAs("other").ok());
}

TEST_F(LimitsTest, AFloodOfOneClientLeavesTheOthersAlone) {
  StartLimited(absl::StrCat("requests_per_second", kOnce));
  int refused = 0;
  for (int i = 0; i < 100; ++i) {
    refused += ReasonOf(AppendAs("limited")) == "RATE_LIMITED" ? 1 : 0;
    EXPECT_TRUE(AppendAs("other").ok()) << i;
  }
  EXPECT_EQ(refused, 99);
  // What was refused reached nothing: only what was let in is stored.
  EXPECT_EQ(ReadStream("order-0").size(), 101u);
}

TEST_F(LimitsTest, ChargesEventsBytesAndStreamsBeforeAnythingIsStored) {
  StartLimited(absl::StrCat("events_per_second", kOnce, " streams_per_second", kOnce));
  EXPECT_TRUE(AppendAs("limited", 5).ok()) << "a full account gives any amount, and owes it";
  ExpectLimited(AppendAs("limited", 1), "events");
  EXPECT_TRUE(AppendAs("other", 1, 3).ok());
  EXPECT_EQ(ReadStream("order-0").size(), 6u);
}

TEST_F(LimitsTest, ChargesEachCommitOfAStreamOfCommits) {
  StartLimited(absl::StrCat("bytes_per_second", kOnce));
  const auto context = As("limited");
  const auto stream = events_->AppendStream(context.get());
  std::vector<std::string> answers;
  for (int i = 0; i < 3; ++i) {
    v1::AppendStreamRequest request;
    *request.mutable_append() = OneEvent("order-7", "order.placed", R"({"total": 1})");
    ASSERT_TRUE(stream->Write(request));
    v1::AppendStreamResponse response;
    ASSERT_TRUE(stream->Read(&response));
    answers.push_back(response.has_receipt() ? "stored" : response.error().reason());
  }
  EXPECT_THAT(answers, ::testing::ElementsAre("stored", "RATE_LIMITED", "RATE_LIMITED"));
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok()) << "the call goes on";
  EXPECT_EQ(ReadStream("order-7").size(), 1u);
}

TEST_F(LimitsTest, BoundsWhatIsOpenAtOnce) {
  StartLimited("subscriptions_open_max=2");
  struct Open {
    std::unique_ptr<grpc::ClientContext> context;
    std::unique_ptr<grpc::ClientReader<v1::SubscribeResponse>> reader;
  };
  const auto subscribe = [this](const std::string& principal) {
    Open open{As(principal), nullptr};
    open.reader = events_->Subscribe(open.context.get(), v1::SubscribeRequest());
    return open;
  };
  v1::SubscribeResponse message;
  const Open first = subscribe("limited");
  const Open second = subscribe("limited");
  ASSERT_TRUE(first.reader->Read(&message));
  ASSERT_TRUE(second.reader->Read(&message));
  const Open third = subscribe("limited");
  EXPECT_FALSE(third.reader->Read(&message));
  ExpectLimited(third.reader->Finish(), "open_subscriptions");
  const Open others = subscribe("other");
  EXPECT_TRUE(others.reader->Read(&message));
  others.context->TryCancel();
  // One that ends makes room.
  first.context->TryCancel();
  first.reader->Finish();
  EXPECT_TRUE(fake::Eventually([&] {
    const Open again = subscribe("limited");
    const bool let_in = again.reader->Read(&message);
    again.context->TryCancel();
    return let_in;
  }));
  second.context->TryCancel();
}

}  // namespace
}  // namespace nexus::integration
