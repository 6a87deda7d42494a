// A stand-in for nexusd with a known fault or none: the crash test must find the one and pass the
// other. Takes nexusd's flags; $NEXUS_TOY_FAULT names the fault (toy_log.h).

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

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
    if (log_.Append(*request, *response)) return grpc::Status::OK;
    google::rpc::ErrorInfo info;
    info.set_reason("REVISION_CONFLICT");
    google::rpc::Status status;
    status.add_details()->PackFrom(info);
    return {grpc::StatusCode::FAILED_PRECONDITION, "conflict", status.SerializeAsString()};
  }

  grpc::Status Read(grpc::ServerContext*, const v1::ReadRequest* request,
                    grpc::ServerWriter<v1::ReadResponse>* writer) override {
    size_t at = request->from() - 1;
    while (true) {
      v1::ReadResponse response;
      for (v1::Event& event : log_.ReadAfter(at, absl::ZeroDuration())) {
        *response.add_events() = std::move(event);
        ++at;
      }
      if (response.events().empty()) return grpc::Status::OK;
      writer->Write(response);
    }
  }

  grpc::Status Subscribe(grpc::ServerContext* context, const v1::SubscribeRequest* request,
                         grpc::ServerWriter<v1::SubscribeResponse>* writer) override {
    size_t at = request->after();
    while (!context->IsCancelled()) {
      v1::SubscribeResponse response;
      for (v1::Event& event : log_.ReadAfter(at, absl::Milliseconds(20))) {
        response.mutable_batch()->set_checkpoint(event.position());
        *response.mutable_batch()->add_events() = std::move(event);
        ++at;
      }
      if (response.has_batch()) writer->Write(response);
    }
    return grpc::Status::CANCELLED;
  }

 private:
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
