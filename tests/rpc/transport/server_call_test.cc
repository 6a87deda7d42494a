#include "rpc/transport/server_call.h"

#include <atomic>
#include <chrono>
#include <thread>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "rpc/transport/served_methods.h"

namespace nexus::rpc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Answered final : public CallReactor {};

// Answers its one request with the same bytes.
const Method kEcho = {[](ServerCall& call, const grpc::ByteBuffer& request) {
  call.Attach(std::make_shared<Answered>());
  call.StartWriteAndFinish(request, grpc::Status::OK);
}};

// Answers each request in its turn, and ends when the client does.
class EchoEach final : public CallReactor {
 public:
  explicit EchoEach(ServerCall& call) : call_(call) { call_.StartRead(&message_); }
  void OnReadDone(bool ok) override {
    if (!ok) return call_.Finish(grpc::Status::OK);
    call_.StartWrite(message_);
  }
  void OnWriteDone(bool /*ok*/) override { call_.StartRead(&message_); }

 private:
  ServerCall& call_;
  grpc::ByteBuffer message_;
};

const Method kEchoEach = {[](ServerCall& call, const grpc::ByteBuffer&) {
                            call.Attach(std::make_shared<EchoEach>(call));
                          },
                          true};

// Finishes only when it is cancelled, and says when it is done.
class Patient final : public CallReactor {
 public:
  Patient(ServerCall& call, absl::Notification& begun, absl::Notification& done)
      : call_(call), done_(done) {
    begun.Notify();
  }
  void OnCancel() override {
    cancelled_ = true;
    call_.Finish(grpc::Status(grpc::StatusCode::CANCELLED, ""));
  }
  void OnDone() override {
    EXPECT_TRUE(cancelled_);
    done_.Notify();
  }

 private:
  ServerCall& call_;
  absl::Notification& done_;
  bool cancelled_ = false;
};

TEST(ServerCall, AnswersOneRequest) {
  ServedMethods served;
  served.methods().Add("a.B", "Echo", kEcho);
  served.Start();
  const Answer answer = Call(served.channel(), "/a.B/Echo", {"hello"});
  EXPECT_TRUE(answer.status.ok()) << answer.status.error_message();
  EXPECT_THAT(answer.messages, ElementsAre("hello"));
}

TEST(ServerCall, AnEmptyMessageIsARequest) {
  ServedMethods served;
  served.methods().Add("a.B", "Echo", kEcho);
  served.Start();
  EXPECT_THAT(Call(served.channel(), "/a.B/Echo", {""}).messages, ElementsAre(""));
}

TEST(ServerCall, RefusesACallWithoutItsRequest) {
  ServedMethods served;
  served.methods().Add("a.B", "Echo", kEcho);
  served.Start();
  const Answer answer = Call(served.channel(), "/a.B/Echo", {});
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(answer.status.error_message(), HasSubstr("no request message"));
}

TEST(ServerCall, RefusesAMethodThatThereIsNot) {
  ServedMethods served;
  served.methods().Add("a.B", "Echo", kEcho);
  served.Start();
  for (const std::string method : {"/a.B/Other", "/a.B", "/", "/a.B/Echo/", "//a.B/Echo"}) {
    const Answer answer = Call(served.channel(), method, {"hello"});
    EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << method;
    EXPECT_THAT(answer.messages, IsEmpty());
  }
  EXPECT_TRUE(Call(served.channel(), "/a.B/Echo", {"hello"}).status.ok());
}

TEST(ServerCall, AnswersAStreamMessageByMessage) {
  ServedMethods served;
  served.methods().Add("a.B", "EchoEach", kEchoEach);
  served.Start();
  std::vector<std::string> requests;
  for (int i = 0; i < 500; ++i) requests.push_back(std::to_string(i));
  const Answer answer = Call(served.channel(), "/a.B/EchoEach", requests);
  EXPECT_TRUE(answer.status.ok());
  EXPECT_EQ(answer.messages, requests);
}

TEST(ServerCall, IsToldThatTheClientHasGone) {
  absl::Notification begun;
  absl::Notification done;
  ServedMethods served;
  served.methods().Add("a.B", "Wait", {[&](ServerCall& call, const grpc::ByteBuffer&) {
                         call.Attach(std::make_shared<Patient>(call, begun, done));
                       }});
  served.Start();
  grpc::ClientContext context;
  std::thread client([&] { Call(served.channel(), "/a.B/Wait", {"x"}, &context); });
  begun.WaitForNotification();
  context.TryCancel();
  done.WaitForNotification();
  client.join();
}

TEST(ServerCall, IsToldThatItsDeadlineHasPassed) {
  absl::Notification begun;
  absl::Notification done;
  ServedMethods served;
  served.methods().Add("a.B", "Wait", {[&](ServerCall& call, const grpc::ByteBuffer&) {
                         call.Attach(std::make_shared<Patient>(call, begun, done));
                       }});
  served.Start();
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(300));
  const Answer answer = Call(served.channel(), "/a.B/Wait", {"x"}, &context);
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  // If the machine was so slow that the call never arrived, there is nobody to be told.
  if (begun.HasBeenNotified()) done.WaitForNotification();
}

TEST(ServerCall, StatusAndTrailersReachTheClient) {
  ServedMethods served;
  served.methods().Add(
      "a.B", "Refuse", {[](ServerCall& call, const grpc::ByteBuffer&) {
        call.Attach(std::make_shared<Answered>());
        call.AddTrailingMetadata("x-why", "because");
        call.Finish(grpc::Status(grpc::StatusCode::ABORTED, "conflict", "details"));
      }});
  served.Start();
  grpc::ClientContext context;
  const Answer answer = Call(served.channel(), "/a.B/Refuse", {"x"}, &context);
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(answer.status.error_message(), "conflict");
  EXPECT_EQ(answer.status.error_details(), "details");
  const auto& trailers = context.GetServerTrailingMetadata();
  ASSERT_EQ(trailers.count("x-why"), 1U);
  EXPECT_EQ(trailers.find("x-why")->second, "because");
}

TEST(CallQueue, ServesManyClientsOnTwoQueues) {
  ServedMethods served(2);
  served.methods().Add("a.B", "Echo", kEcho);
  served.methods().Add("a.B", "EchoEach", kEchoEach);
  served.Start();
  std::atomic<int> good{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&, c] {
      for (int i = 0; i < 50; ++i) {
        const std::string text = std::to_string(c * 1000 + i);
        const bool stream = i % 2 == 0;
        const Answer answer =
            Call(served.channel(), stream ? "/a.B/EchoEach" : "/a.B/Echo", {text});
        if (answer.status.ok() && answer.messages == std::vector<std::string>{text}) ++good;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(good, 400);
}

TEST(CallQueue, TheEndWaitsForAnAnswerThatAnotherThreadGives) {
  absl::Notification begun;
  absl::Notification ending;
  std::thread worker;
  ServedMethods served;
  served.methods().Add("a.B", "Later", {[&](ServerCall& call, const grpc::ByteBuffer& request) {
                         call.Attach(std::make_shared<Answered>());
                         worker = std::thread([&call, request, &ending] {
                           ending.WaitForNotification();
                           call.StartWriteAndFinish(request, grpc::Status::OK);
                         });
                         begun.Notify();
                       }});
  served.Start();
  Answer answer;
  std::thread client([&] { answer = Call(served.channel(), "/a.B/Later", {"patience"}); });
  begun.WaitForNotification();
  std::thread stop([&] {
    ending.Notify();
    served.Shutdown();
  });
  stop.join();
  client.join();
  worker.join();
  EXPECT_TRUE(answer.status.ok()) << answer.status.error_message();
  EXPECT_THAT(answer.messages, ElementsAre("patience"));
}

TEST(CallQueue, GoesWithoutHavingStarted) {
  grpc::AsyncGenericService generic;
  const MethodTable methods;
  grpc::ServerBuilder builder;
  builder.RegisterAsyncGenericService(&generic);
  const CallQueue queue(builder.AddCompletionQueue(), generic, methods);
  int port = 0;
  builder.AddListeningPort("no.address.at.all:0", grpc::InsecureServerCredentials(), &port);
  EXPECT_EQ(builder.BuildAndStart(), nullptr);
}

}  // namespace
}  // namespace nexus::rpc
