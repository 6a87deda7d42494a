#include "harness/nexusd/nexusd_process.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/impl/codegen/rpc_method.h>
#include <grpcpp/security/credentials.h>
#include <signal.h>
#include <stdlib.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"

namespace nexus::harness {
namespace {

constexpr absl::Duration kPollInterval = absl::Milliseconds(5);

std::chrono::system_clock::time_point ToChrono(absl::Time time) { return absl::ToChronoTime(time); }

std::string StringField(const google::protobuf::Struct& object, const std::string& name) {
  const auto field = object.fields().find(name);
  return field == object.fields().end() ? "" : field->second.string_value();
}

// Keep-alive connections to a daemon that a test killed must not be shared with the next one.
std::shared_ptr<grpc::Channel> NewChannel(
    const std::string& address, const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 10);
  // By this name gRPC means the time that an attempt may take, and a handshake takes some.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, credentials == nullptr ? 10 : 20'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(
      address, credentials == nullptr ? grpc::InsecureChannelCredentials() : credentials,
      arguments);
}

// grpc.health.v1.Health/Check for the whole server, without the generated stub: an empty request,
// and an answer whose first field is 1 (SERVING).
bool IsServing(grpc::Channel& channel, absl::Time deadline) {
  grpc::ClientContext context;
  context.set_deadline(ToChrono(std::min(deadline, absl::Now() + absl::Seconds(5))));
  context.set_wait_for_ready(true);
  const grpc::Slice empty("");
  const grpc::ByteBuffer request(&empty, 1);
  grpc::ByteBuffer response;
  const grpc::internal::RpcMethod method("/grpc.health.v1.Health/Check",
                                         grpc::internal::RpcMethod::NORMAL_RPC);
  const grpc::Status status = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
      &channel, method, &context, request, &response);
  if (!status.ok()) return false;
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!response.Dump(&slices).ok()) return false;
  for (const grpc::Slice& slice : slices) bytes.append(slice.begin(), slice.end());
  return bytes == "\x08\x01";
}

}  // namespace

std::string DefaultNexusd() {
  const char* folder = getenv("NEXUS_BIN_DIR");
  return absl::StrCat(folder == nullptr ? "build/bin" : folder, "/nexusd");
}

absl::StatusOr<Endpoints> ReadEndpoints(const std::string& data_folder) {
  std::ifstream file(data_folder + "/endpoints.json");
  std::stringstream text;
  text << file.rdbuf();
  google::protobuf::Struct object;
  if (!google::protobuf::util::JsonStringToMessage(text.str(), &object).ok()) {
    return absl::UnavailableError("endpoints.json is not complete");
  }
  Endpoints endpoints;
  endpoints.grpc = StringField(object, "grpc");
  endpoints.http = StringField(object, "http");
  const auto pid = object.fields().find("pid");
  if (pid != object.fields().end()) {
    endpoints.pid = static_cast<pid_t>(pid->second.number_value());
  }
  if (endpoints.grpc.empty()) return absl::UnavailableError("endpoints.json names no address");
  return endpoints;
}

absl::StatusOr<std::unique_ptr<NexusdProcess>> NexusdProcess::Launch(const NexusdOptions& options) {
  ChildOptions child;
  child.command = {options.program.empty() ? DefaultNexusd() : options.program,
                   "--data",
                   options.data_folder,
                   "--grpc",
                   "127.0.0.1:0",
                   "--http",
                   "127.0.0.1:0"};
  child.command.insert(child.command.end(), options.arguments.begin(), options.arguments.end());
  // Where scripts/install put opa, which nexusd starts by name.
  if (const char* tools = getenv("NEXUS_TOOLS"); tools != nullptr) {
    const char* path = getenv("PATH");
    child.environment.emplace_back("PATH",
                                   absl::StrCat(tools, "/bin:", path == nullptr ? "" : path));
  }
  // A test fails for what it tests, not because its machine had no time for a decision.
  for (const char* timeout : {"NEXUS_POLICY__TIMEOUT_MS", "NEXUS_POLICY__QUERY_TIMEOUT_MS",
                              "NEXUS_POLICY__EMBEDDED__EVALUATION_TIMEOUT_MS"}) {
    child.environment.emplace_back(timeout, "5000");
  }
  child.environment.insert(child.environment.end(), options.environment.begin(),
                           options.environment.end());
  NEXUS_ASSIGN_OR_RETURN(std::unique_ptr<ChildProcess> process, ChildProcess::Start(child));
  return absl::WrapUnique(new NexusdProcess(options, std::move(process)));
}

absl::StatusOr<std::unique_ptr<NexusdProcess>> NexusdProcess::Start(const NexusdOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(std::unique_ptr<NexusdProcess> process, Launch(options));
  NEXUS_RETURN_IF_ERROR(process->WaitUntilReady(options.ready_timeout));
  return process;
}

absl::Status NexusdProcess::WaitUntilReady(absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  NEXUS_RETURN_IF_ERROR(WaitForEndpoints(deadline));
  return WaitForService(deadline);
}

absl::Status NexusdProcess::WaitForEndpoints(absl::Time deadline) {
  while (true) {
    const absl::StatusOr<Endpoints> endpoints = ReadEndpoints(data_folder_);
    // A file that an earlier daemon left names another process.
    if (endpoints.ok() && endpoints->pid == pid()) {
      endpoints_ = *endpoints;
      return absl::OkStatus();
    }
    if (absl::StatusOr<ExitStatus> exit = WaitForExit(kPollInterval); exit.ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("nexusd ended with ", exit->ToString(), ": ", Output()));
    }
    if (absl::Now() > deadline) {
      return absl::DeadlineExceededError(absl::StrCat("nexusd wrote no endpoints: ", Output()));
    }
  }
}

absl::Status NexusdProcess::WaitForService(absl::Time deadline) {
  const std::shared_ptr<grpc::Channel> channel = Channel();
  while (!IsServing(*channel, deadline)) {
    if (absl::StatusOr<ExitStatus> exit = WaitForExit(kPollInterval); exit.ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("nexusd ended with ", exit->ToString(), ": ", Output()));
    }
    if (absl::Now() > deadline) {
      return absl::DeadlineExceededError(absl::StrCat("nexusd is not ready: ", Output()));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ExitStatus> NexusdProcess::Terminate(absl::Duration timeout) {
  child_->Signal(SIGTERM);
  return child_->WaitForExit(timeout);
}

void NexusdProcess::Kill() {
  child_->Signal(SIGKILL);
  child_->WaitForExit(absl::InfiniteDuration()).IgnoreError();
}

std::shared_ptr<grpc::Channel> NexusdProcess::Channel(
    const std::shared_ptr<grpc::ChannelCredentials>& credentials) const {
  return NewChannel(endpoints_.grpc, credentials);
}

}  // namespace nexus::harness
