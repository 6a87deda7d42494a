// A gRPC server that answers Append, AppendStream and RegisterSchema at once and stores nothing:
// what a request costs before any governance, in the same messages. Prints its address and serves
// until it is killed.
//
//   nexus_echo 127.0.0.1:0                 gRPC's callback API
//   nexus_echo 127.0.0.1:0 --queues 2      two threads, each with a completion queue of its own;
//                                          Append only

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "grpcpp/grpcpp.h"
#include "nexus/v1/event_store.grpc.pb.h"
#include "nexus/v1/schema_registry.grpc.pb.h"

namespace nexus::bench {
namespace {

constexpr int kCallsWaiting = 128;      // a queue
constexpr size_t kUnansweredMax = 256;  // of one AppendStream, as nexusd

// As nexusd would: ids, dense positions and a result for each stream.
void Answer(const v1::AppendRequest& request, std::atomic<uint64_t>& head,
            v1::AppendResponse& response) {
  uint64_t events = 0;
  for (const v1::StreamAppend& stream : request.streams()) {
    v1::StreamResult& result = *response.add_streams();
    result.set_stream(stream.stream());
    result.set_first_revision(0);
    result.set_last_revision(static_cast<uint64_t>(stream.events_size()) - 1);
    events += static_cast<uint64_t>(stream.events_size());
  }
  const uint64_t before = head.fetch_add(events, std::memory_order_relaxed);
  response.set_commit_id(request.commit_id());
  response.set_first_position(before + 1);
  response.set_last_position(before + events);
  response.mutable_recorded_time()->set_seconds(1);
}

class SchemaEcho final : public v1::SchemaRegistryService::Service {
  grpc::Status RegisterSchema(grpc::ServerContext*, const v1::RegisterSchemaRequest* request,
                              v1::Schema* schema) override {
    schema->set_subject(request->subject());
    schema->set_version(1);
    return grpc::Status::OK;
  }
};

// One AppendStream call: answers in order, reads on while it writes.
class StreamEcho final
    : public grpc::ServerBidiReactor<v1::AppendStreamRequest, v1::AppendStreamResponse> {
 public:
  explicit StreamEcho(std::atomic<uint64_t>& head) : head_(head) { StartRead(&request_); }

  void OnReadDone(bool ok) override {
    bool write = false;
    bool end = false;
    bool read = false;
    {
      const std::lock_guard lock(mutex_);
      if (ok) {
        v1::AppendStreamResponse& response = answers_.emplace_back();
        Answer(request_.append(), head_, *response.mutable_receipt());
      } else {
        ended_ = true;
      }
      write = ok && answers_.size() == 1;
      end = ended_ && answers_.empty();
      read = reading_ = ok && answers_.size() < kUnansweredMax;
    }
    if (end) return Finish(grpc::Status::OK);
    if (write) StartWrite(&answers_.front());
    if (read) StartRead(&request_);
  }

  void OnWriteDone(bool ok) override {
    v1::AppendStreamResponse* next = nullptr;
    bool end = false;
    bool read = false;
    {
      const std::lock_guard lock(mutex_);
      answers_.pop_front();
      if (!ok) answers_.clear();
      next = answers_.empty() ? nullptr : &answers_.front();
      end = ended_ && answers_.empty();
      read = !ended_ && !reading_;
      if (read) reading_ = true;
    }
    if (end) return Finish(grpc::Status::OK);
    if (next != nullptr) StartWrite(next);
    if (read) StartRead(&request_);
  }

  void OnDone() override { delete this; }  // gRPC's last word about the call

 private:
  std::atomic<uint64_t>& head_;
  v1::AppendStreamRequest request_;  // of the read under way
  std::mutex mutex_;
  std::deque<v1::AppendStreamResponse> answers_;  // the first is being written
  bool reading_ = true;
  bool ended_ = false;
};

class CallbackEcho final : public v1::EventStoreService::CallbackService {
  grpc::ServerUnaryReactor* Append(grpc::CallbackServerContext* context,
                                   const v1::AppendRequest* request,
                                   v1::AppendResponse* response) override {
    Answer(*request, head_, *response);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  grpc::ServerBidiReactor<v1::AppendStreamRequest, v1::AppendStreamResponse>* AppendStream(
      grpc::CallbackServerContext*) override {
    return new StreamEcho(head_);
  }

  std::atomic<uint64_t> head_{0};
};

using AsyncService = v1::EventStoreService::WithAsyncMethod_Append<v1::EventStoreService::Service>;

// One call after another: waits for a request, answers it, and begins again.
class QueuedCall {
 public:
  QueuedCall(AsyncService& service, grpc::ServerCompletionQueue& queue, std::atomic<uint64_t>& head)
      : service_(service), queue_(queue), head_(head) {
    Await();
  }

  void Proceed() {
    if (answered_) {
      Await();
      return;
    }
    answered_ = true;
    v1::AppendResponse response;
    Answer(request_, head_, response);
    responder_->Finish(response, grpc::Status::OK, this);
  }

 private:
  void Await() {
    answered_ = false;
    request_.Clear();
    context_ = std::make_unique<grpc::ServerContext>();
    responder_ =
        std::make_unique<grpc::ServerAsyncResponseWriter<v1::AppendResponse>>(context_.get());
    service_.RequestAppend(context_.get(), &request_, responder_.get(), &queue_, &queue_, this);
  }

  AsyncService& service_;
  grpc::ServerCompletionQueue& queue_;
  std::atomic<uint64_t>& head_;
  bool answered_ = false;
  v1::AppendRequest request_;
  std::unique_ptr<grpc::ServerContext> context_;
  std::unique_ptr<grpc::ServerAsyncResponseWriter<v1::AppendResponse>> responder_;
};

void ServeQueue(AsyncService& service, grpc::ServerCompletionQueue& queue,
                std::atomic<uint64_t>& head) {
  std::vector<std::unique_ptr<QueuedCall>> calls;
  for (int i = 0; i < kCallsWaiting; ++i) {
    calls.push_back(std::make_unique<QueuedCall>(service, queue, head));
  }
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) {
    // Not ok: the client has gone, or the server ends; a call that has gone serves the next one.
    static_cast<QueuedCall*>(tag)->Proceed();
  }
}

int Serve(const std::string& address, int queues) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  SchemaEcho schemas;
  builder.RegisterService(&schemas);
  CallbackEcho callback;
  AsyncService async;
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> completion;
  if (queues == 0) {
    builder.RegisterService(&callback);
  } else {
    builder.RegisterService(&async);
    for (int i = 0; i < queues; ++i) completion.push_back(builder.AddCompletionQueue());
  }
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::printf("%s:%d\n", address.substr(0, address.rfind(':')).c_str(), port);
  std::fflush(stdout);
  std::atomic<uint64_t> head{0};
  std::vector<std::thread> threads;
  for (auto& queue : completion) {
    threads.emplace_back([&] { ServeQueue(async, *queue, head); });
  }
  server->Wait();
  for (std::thread& thread : threads) thread.join();
  return 0;
}

}  // namespace
}  // namespace nexus::bench

int main(int argc, char** argv) {
  // As nexusd does.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);

  const std::string address = argc > 1 ? argv[1] : "127.0.0.1:0";
  const int queues = argc > 3 && std::string(argv[2]) == "--queues" ? std::atoi(argv[3]) : 0;
  return nexus::bench::Serve(address, queues);
}
