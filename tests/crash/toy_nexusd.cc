// A stand-in for nexusd with a known fault or none: the crash test must find the one and pass the
// other. Takes nexusd's flags; $NEXUS_TOY_FAULT names the fault (toy_log.h).

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "crash/toy_log.h"
#include "nexus/v1/event_store.grpc.pb.h"
#include "nexus/v1/schema_registry.grpc.pb.h"

namespace nexus::crash {
namespace {

class ToyEventStore final : public v1::EventStoreService::Service {
 public:
  explicit ToyEventStore(ToyLog& log) : log_(log) {}

  grpc::Status Append(grpc::ServerContext*, const v1::AppendRequest* request,
                      v1::AppendResponse* response) override {
    google::rpc::PreconditionFailure failure;
    if (log_.Append(*request, *response, failure)) return grpc::Status::OK;
    return Refuse(grpc::StatusCode::FAILED_PRECONDITION, "REVISION_CONFLICT", &failure);
  }

  grpc::Status Read(grpc::ServerContext*, const v1::ReadRequest* request,
                    grpc::ServerWriter<v1::ReadResponse>* writer) override {
    uint64_t head = 0;
    std::vector<v1::Event> events =
        log_.ReadAfter(request->stream(), 0, absl::ZeroDuration(), head);
    if (events.empty() && !request->stream().empty()) {
      return Refuse(grpc::StatusCode::NOT_FOUND, "STREAM_NOT_FOUND", nullptr);
    }
    const bool backwards = request->direction() == v1::READ_DIRECTION_BACKWARDS;
    if (backwards) std::reverse(events.begin(), events.end());
    v1::ReadResponse response;
    response.set_head(head);
    for (v1::Event& event : events) {
      const uint64_t place = request->stream().empty() ? event.position() : event.revision();
      if (backwards ? place > request->from() : place < request->from()) continue;
      if (request->limit() > 0 && response.events_size() == static_cast<int>(request->limit())) {
        break;
      }
      *response.add_events() = std::move(event);
    }
    if (!response.events().empty()) writer->Write(response);
    return grpc::Status::OK;
  }

  grpc::Status Subscribe(grpc::ServerContext* context, const v1::SubscribeRequest* request,
                         grpc::ServerWriter<v1::SubscribeResponse>* writer) override {
    const bool one_stream = !request->stream().empty();
    size_t at = 0;
    if (request->has_after()) at = request->after() + (one_stream ? 1 : 0);
    while (!context->IsCancelled()) {
      v1::SubscribeResponse response;
      v1::EventBatch& batch = *response.mutable_batch();
      uint64_t head = 0;
      for (v1::Event& event : log_.ReadAfter(request->stream(), at, absl::Milliseconds(20), head)) {
        batch.set_checkpoint(one_stream ? event.revision() : event.position());
        *batch.add_events() = std::move(event);
        ++at;
      }
      batch.set_head(head);
      if (!batch.events().empty()) writer->Write(response);
    }
    return grpc::Status::CANCELLED;
  }

 private:
  static grpc::Status Refuse(grpc::StatusCode code, const char* reason,
                             const google::rpc::PreconditionFailure* failure) {
    google::rpc::ErrorInfo info;
    info.set_domain("nexus");
    info.set_reason(reason);
    google::rpc::Status status;
    status.set_code(code);
    status.set_message("refused");
    status.add_details()->PackFrom(info);
    if (failure != nullptr) status.add_details()->PackFrom(*failure);
    return {code, "refused", status.SerializeAsString()};
  }

  ToyLog& log_;
};

class ToyRegistry final : public v1::SchemaRegistryService::Service {
  grpc::Status RegisterSchema(grpc::ServerContext*, const v1::RegisterSchemaRequest*,
                              v1::Schema*) override {
    return grpc::Status::OK;
  }
};

void WriteEndpoints(const std::string& folder, int port) {
  std::ofstream(folder + "/endpoints.tmp") << absl::StrCat(
      "{\"grpc\": \"127.0.0.1:", port, "\", \"http\": \"\", \"pid\": ", getpid(), "}\n");
  std::filesystem::rename(folder + "/endpoints.tmp", folder + "/endpoints.json");
}

int Main(const std::string& folder) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  const char* fault = getenv("NEXUS_TOY_FAULT");
  ToyLog log(folder, fault == nullptr ? "" : fault);
  ToyEventStore store(log);
  ToyRegistry registry;
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&store);
  builder.RegisterService(&registry);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  WriteEndpoints(folder, port);
  int signal = 0;
  sigwait(&stop, &signal);
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
  return 0;
}

}  // namespace
}  // namespace nexus::crash

int main(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::string(argv[i]) == "--data") return nexus::crash::Main(argv[i + 1]);
  }
  return 2;
}
