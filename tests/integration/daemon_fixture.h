#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "fake/eventually.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "harness/nexusd/nexusd_process.h"
#include "harness/nexusd/temporary_folder.h"
#include "nexus/admin/v1/admin.grpc.pb.h"
#include "nexus/admin/v1/cost.grpc.pb.h"
#include "nexus/admin/v1/route.grpc.pb.h"
#include "nexus/v1/event_store.grpc.pb.h"
#include "nexus/v1/policy.grpc.pb.h"
#include "nexus/v1/schema_registry.grpc.pb.h"

namespace nexus::integration {

// A call's deadline: generous, because the machine of the test is slow and busy.
inline constexpr absl::Duration kPatience = absl::Seconds(30);

// The reason of a failed call, "" for OK.
inline std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status rich;
  rich.ParseFromString(status.error_details());
  for (const auto& detail : rich.details()) {
    google::rpc::ErrorInfo info;
    if (detail.UnpackTo(&info)) return info.reason();
  }
  return status.ok() ? "" : absl::StrCat("no reason: ", status.error_message());
}

template <typename Detail>
Detail DetailOf(const grpc::Status& status) {
  google::rpc::Status rich;
  rich.ParseFromString(status.error_details());
  Detail detail;
  for (const auto& any : rich.details()) {
    if (any.Is<Detail>()) any.UnpackTo(&detail);
  }
  return detail;
}

inline std::unique_ptr<grpc::ClientContext> Context(absl::Duration timeout = kPatience) {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  return context;
}

// One event for one stream, without an expectation.
inline v1::AppendRequest OneEvent(const std::string& stream, const std::string& type,
                                  const std::string& data) {
  v1::AppendRequest request;
  v1::StreamAppend& append = *request.add_streams();
  append.set_stream(stream);
  append.mutable_expected_revision()->mutable_any();
  v1::NewEvent& event = *append.add_events();
  event.set_type(type);
  event.set_data(data);
  return request;
}

// The real daemon in a folder of its own, and stubs to talk to it.
class DaemonFixture : public ::testing::Test {
 protected:
  // Whatever a test did, its daemon must be able to stop in order.
  void TearDown() override {
    if (daemon_ == nullptr || !daemon_->Running()) return;
    const auto exit = daemon_->Terminate();
    ASSERT_TRUE(exit.ok()) << exit.status() << daemon_->Output();
    EXPECT_TRUE(exit->Succeeded()) << exit->ToString() << daemon_->Output();
  }

  void StartDaemon(std::vector<std::string> arguments = {}) {
    harness::NexusdOptions options;
    options.data_folder = folder_ / "data";
    options.arguments = std::move(arguments);
    auto started = harness::NexusdProcess::Start(options);
    ASSERT_TRUE(started.ok()) << started.status();
    daemon_ = *std::move(started);
    Connect();
  }
  // Starts another daemon in the same folder that must not come up; gives what it said.
  std::string FailToStart(std::vector<std::string> arguments, int expected_code) {
    harness::NexusdOptions options;
    options.data_folder = folder_ / "data";
    options.arguments = std::move(arguments);
    auto launched = harness::NexusdProcess::Launch(options);
    EXPECT_TRUE(launched.ok()) << launched.status();
    if (!launched.ok()) return "";
    const auto exit = (*launched)->WaitForExit(absl::Seconds(60));
    EXPECT_TRUE(exit.ok() && exit->code == expected_code)
        << (exit.ok() ? exit->ToString() : "still running") << "\n"
        << (*launched)->Output();
    return (*launched)->Output();
  }
  void Connect() {
    const auto channel = daemon_->Channel();
    // On a busy machine a first attempt may take longer than a channel gives it.
    channel->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
    events_ = v1::EventStoreService::NewStub(channel);
    schemas_ = v1::SchemaRegistryService::NewStub(channel);
    policy_ = v1::PolicyService::NewStub(channel);
    admin_ = admin::v1::AdminService::NewStub(channel);
    routes_ = admin::v1::RouteService::NewStub(channel);
    costs_ = admin::v1::CostService::NewStub(channel);
  }

  grpc::Status RegisterSchema(const std::string& subject, const std::string& definition,
                              v1::Schema* schema = nullptr) {
    v1::RegisterSchemaRequest request;
    request.set_subject(subject);
    request.set_definition(definition);
    v1::Schema ignored;
    return schemas_->RegisterSchema(Context().get(), request, schema ? schema : &ignored);
  }
  // "order.placed": an object with a required number `total`, at least 0. Comes back when the log
  // has it and the event that tells who did it, so that what follows has the next position.
  void RegisterOrders() {
    const size_t told = ReadStream("$audit").size();
    const grpc::Status status = RegisterSchema("order.placed", R"({
      "type": "object",
      "properties": {"total": {"type": "number", "minimum": 0}},
      "required": ["total"]})");
    ASSERT_TRUE(status.ok()) << status.error_message();
    ASSERT_TRUE(fake::Eventually([&] { return ReadStream("$audit").size() > told; }));
  }

  grpc::Status Append(const v1::AppendRequest& request, v1::AppendResponse* response = nullptr) {
    v1::AppendResponse ignored;
    return events_->Append(Context().get(), request, response ? response : &ignored);
  }
  grpc::Status AppendOrder(const std::string& stream, const std::string& data) {
    return Append(OneEvent(stream, "order.placed", data));
  }

  grpc::Status Read(const v1::ReadRequest& request, std::vector<v1::Event>* events) {
    const auto context = Context();
    const auto reader = events_->Read(context.get(), request);
    v1::ReadResponse page;
    while (reader->Read(&page)) {
      events->insert(events->end(), page.events().begin(), page.events().end());
    }
    return reader->Finish();
  }
  std::vector<v1::Event> ReadStream(const std::string& stream) {
    v1::ReadRequest request;
    request.set_stream(stream);
    std::vector<v1::Event> events;
    Read(request, &events);
    return events;
  }

  harness::TemporaryFolder folder_;
  std::unique_ptr<harness::NexusdProcess> daemon_;
  std::unique_ptr<v1::EventStoreService::Stub> events_;
  std::unique_ptr<v1::SchemaRegistryService::Stub> schemas_;
  std::unique_ptr<v1::PolicyService::Stub> policy_;
  std::unique_ptr<admin::v1::AdminService::Stub> admin_;
  std::unique_ptr<admin::v1::RouteService::Stub> routes_;
  std::unique_ptr<admin::v1::CostService::Stub> costs_;
};

}  // namespace nexus::integration
