#include <set>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "rpc/transport/health_service.h"
#include "rpc/transport/reflection_service.h"
#include "rpc/transport/served_methods.h"

namespace nexus::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kCheck[] = "/grpc.health.v1.Health/Check";
constexpr char kWatch[] = "/grpc.health.v1.Health/Watch";
constexpr char kReflection[] = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

std::string Asking(const std::string& service) {
  HealthCheckRequest request;
  request.set_service(service);
  return request.SerializeAsString();
}

int StatusIn(const std::string& bytes) {
  HealthCheckResponse response;
  EXPECT_TRUE(response.ParseFromString(bytes));
  return response.status();
}

class HealthTest : public testing::Test {
 protected:
  HealthTest() {
    health_.AddTo(served_.methods());
    served_.Start();
  }

  int Check(const std::string& service) {
    const Answer answer = Call(served_.channel(), kCheck, {Asking(service)});
    return answer.status.ok() ? StatusIn(answer.messages.at(0)) : -1;
  }

  HealthService health_{{"", "a.B"}};
  ServedMethods served_;
};

TEST_F(HealthTest, TellsTheState) {
  EXPECT_EQ(Check(""), HealthCheckResponse::NOT_SERVING);
  health_.SetServing(true);
  EXPECT_EQ(Check(""), HealthCheckResponse::SERVING);
  EXPECT_EQ(Check("a.B"), HealthCheckResponse::SERVING);
  health_.SetServing(false);
  EXPECT_EQ(Check("a.B"), HealthCheckResponse::NOT_SERVING);
}

TEST_F(HealthTest, KnowsNoOtherService) {
  const Answer answer = Call(served_.channel(), kCheck, {Asking("a.C")});
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(HealthTest, RefusesBytesThatAreNoRequest) {
  for (const char* method : {kCheck, kWatch}) {
    const Answer answer = Call(served_.channel(), method, {"\xff\xff"});
    EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << method;
  }
}

// A Watch call of which one message after the other is read.
class Watching {
 public:
  Watching(const std::shared_ptr<grpc::Channel>& channel, const std::string& service)
      : stub_(channel), call_(stub_.PrepareCall(&context_, kWatch, &queue_)) {
    call_->StartCall(nullptr);
    Step();
    call_->WriteLast(BytesOf(Asking(service)), {}, nullptr);
    Step();
  }

  int Next() {
    grpc::ByteBuffer message;
    call_->Read(&message, nullptr);
    return Step() ? StatusIn(TextOf(message)) : -1;
  }

  grpc::StatusCode Cancel() {
    context_.TryCancel();
    grpc::Status status;
    call_->Finish(&status, nullptr);
    Step();
    return status.error_code();
  }

 private:
  bool Step() {
    void* tag = nullptr;
    bool ok = false;
    queue_.Next(&tag, &ok);
    return ok;
  }

  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
};

TEST_F(HealthTest, AWatcherIsToldEachChange) {
  Watching watching(served_.channel(), "a.B");
  EXPECT_EQ(watching.Next(), HealthCheckResponse::NOT_SERVING);
  health_.SetServing(true);
  EXPECT_EQ(watching.Next(), HealthCheckResponse::SERVING);
  health_.SetServing(true);  // no change
  health_.SetServing(false);
  EXPECT_EQ(watching.Next(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(watching.Cancel(), grpc::StatusCode::CANCELLED);
  health_.SetServing(true);  // nobody watches any more
}

TEST_F(HealthTest, AWatcherOfAnUnknownServiceIsToldSo) {
  Watching watching(served_.channel(), "a.C");
  EXPECT_EQ(watching.Next(), HealthCheckResponse::SERVICE_UNKNOWN);
  health_.SetServing(true);
  EXPECT_EQ(watching.Cancel(), grpc::StatusCode::CANCELLED);
}

class ReflectionTest : public testing::Test {
 protected:
  ReflectionTest() {
    AddReflection({"a.B", "a.C"}, served_.methods());
    served_.Start();
  }

  std::vector<ServerReflectionResponse> Ask(const std::vector<ServerReflectionRequest>& requests,
                                            const std::string& method = kReflection) {
    std::vector<std::string> sent;
    for (const auto& request : requests) sent.push_back(request.SerializeAsString());
    const Answer answer = Call(served_.channel(), method, sent);
    EXPECT_TRUE(answer.status.ok()) << answer.status.error_message();
    std::vector<ServerReflectionResponse> responses(answer.messages.size());
    for (size_t i = 0; i < responses.size(); ++i) {
      EXPECT_TRUE(responses[i].ParseFromString(answer.messages[i]));
    }
    return responses;
  }

  ServedMethods served_;
};

ServerReflectionRequest Symbol(const std::string& name) {
  ServerReflectionRequest request;
  request.set_file_containing_symbol(name);
  return request;
}

std::vector<std::string> FilesIn(const ServerReflectionResponse& response) {
  std::vector<std::string> names;
  for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
    google::protobuf::FileDescriptorProto file;
    EXPECT_TRUE(file.ParseFromString(bytes));
    names.push_back(file.name());
  }
  return names;
}

TEST_F(ReflectionTest, ListsTheServicesUnderBothNames) {
  ServerReflectionRequest request;
  request.set_list_services("*");
  for (const std::string version : {"v1", "v1alpha"}) {
    const auto responses =
        Ask({request}, "/grpc.reflection." + version + ".ServerReflection/ServerReflectionInfo");
    ASSERT_EQ(responses.size(), 1U);
    const auto& services = responses[0].list_services_response().service();
    ASSERT_EQ(services.size(), 2);
    EXPECT_EQ(services[0].name(), "a.B");
    EXPECT_EQ(services[1].name(), "a.C");
  }
}

TEST_F(ReflectionTest, GivesAFileWithItsImportsOnceACall) {
  const auto responses = Ask({Symbol("nexus.v1.EventStoreService.Append"), Symbol("nexus.v1.Event"),
                              Symbol("nexus.v1.EventStoreService")});
  ASSERT_EQ(responses.size(), 3U);
  const std::vector<std::string> first = FilesIn(responses[0]);
  EXPECT_EQ(first.front(), "nexus/v1/event_store.proto");
  EXPECT_THAT(first, Contains("nexus/v1/event.proto"));
  EXPECT_THAT(first, Contains("google/protobuf/timestamp.proto"));
  EXPECT_EQ(std::set<std::string>(first.begin(), first.end()).size(), first.size());
  // The imports were sent before; what is asked for comes again.
  EXPECT_THAT(FilesIn(responses[1]), ElementsAre("nexus/v1/event.proto"));
  EXPECT_THAT(FilesIn(responses[2]), ElementsAre("nexus/v1/event_store.proto"));
}

TEST_F(ReflectionTest, FindsFilesAndExtensions) {
  ServerReflectionRequest file;
  file.set_file_by_filename("nexus/v1/event.proto");
  ServerReflectionRequest numbers;
  numbers.set_all_extension_numbers_of_type("google.protobuf.MethodOptions");
  const auto responses = Ask({file, numbers});
  ASSERT_EQ(responses.size(), 2U);
  EXPECT_EQ(FilesIn(responses[0]).front(), "nexus/v1/event.proto");
  EXPECT_EQ(responses[1].all_extension_numbers_response().base_type_name(),
            "google.protobuf.MethodOptions");
}

TEST_F(ReflectionTest, SaysWhatIsNotThereAndGoesOn) {
  ServerReflectionRequest extension;
  extension.mutable_file_containing_extension()->set_containing_type("nexus.v1.Event");
  extension.mutable_file_containing_extension()->set_extension_number(7);
  const auto responses = Ask({Symbol("a.Nothing"), extension, {}, Symbol("nexus.v1.Event")});
  ASSERT_EQ(responses.size(), 4U);
  EXPECT_EQ(responses[0].error_response().error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(responses[0].error_response().error_message(), HasSubstr("a.Nothing"));
  EXPECT_EQ(responses[0].original_request().file_containing_symbol(), "a.Nothing");
  EXPECT_EQ(responses[1].error_response().error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(responses[2].error_response().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_FALSE(responses[3].has_error_response());
}

TEST_F(ReflectionTest, RefusesBytesThatAreNoRequest) {
  const Answer answer = Call(served_.channel(), kReflection, {"\xff\xff"});
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace nexus::rpc
