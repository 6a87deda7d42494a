#include "rpc/transport/health_service.h"

#include <optional>
#include <utility>

#include "grpc/health/v1/health.pb.h"
#include "rpc/transport/message_bytes.h"
#include "rpc/transport/server_call.h"

namespace nexus::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

HealthCheckResponse::ServingStatus Wire(bool serving) {
  return serving ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

grpc::ByteBuffer ResponseBytes(HealthCheckResponse::ServingStatus status) {
  HealthCheckResponse response;
  response.set_status(status);
  return ToBytes(response);
}

grpc::Status Malformed() {
  return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT,
                      "the request is not a grpc.health.v1.HealthCheckRequest");
}

}  // namespace

// One Watch call: tells the state, then each change, and skips those that came while it wrote.
class HealthService::Watcher final : public CallReactor {
 public:
  Watcher(ServerCall& call, std::string service) : call_(call), service_(std::move(service)) {}

  const std::string& service() const { return service_; }

  void Tell(HealthCheckResponse::ServingStatus status) {
    absl::MutexLock lock(&mutex_);
    wanted_ = status;
    WriteIfDue();
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    if (ok) WriteIfDue();
  }

  void OnCancel() override {
    absl::MutexLock lock(&mutex_);
    ended_ = true;
    call_.Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the client has gone"));
  }

 private:
  void WriteIfDue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (ended_ || writing_ || wanted_ == told_) return;
    told_ = wanted_;
    writing_ = true;
    call_.StartWrite(ResponseBytes(*told_));
  }

  ServerCall& call_;
  const std::string service_;
  absl::Mutex mutex_;
  std::optional<HealthCheckResponse::ServingStatus> wanted_ ABSL_GUARDED_BY(mutex_);
  std::optional<HealthCheckResponse::ServingStatus> told_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

HealthService::HealthService(const std::vector<std::string>& services) {
  for (const std::string& service : services) serving_[service] = false;
}

HealthService::~HealthService() = default;

void HealthService::AddTo(MethodTable& table) {
  table.Add("grpc.health.v1.Health", "Check",
            {[this](ServerCall& call, const grpc::ByteBuffer& request) { Check(call, request); }});
  table.Add("grpc.health.v1.Health", "Watch",
            {[this](ServerCall& call, const grpc::ByteBuffer& request) { Watch(call, request); }});
}

void HealthService::SetServing(bool serving) {
  std::vector<std::shared_ptr<Watcher>> told;
  {
    absl::MutexLock lock(&mutex_);
    for (auto& [service, state] : serving_) state = serving;
    for (const std::weak_ptr<Watcher>& watcher : watchers_) {
      std::shared_ptr<Watcher> live = watcher.lock();
      if (live != nullptr && serving_.contains(live->service())) told.push_back(std::move(live));
    }
  }
  for (const std::shared_ptr<Watcher>& watcher : told) watcher->Tell(Wire(serving));
}

void HealthService::Check(ServerCall& call, const grpc::ByteBuffer& request) {
  HealthCheckRequest asked;
  if (!FromBytes(request, asked)) return call.Finish(Malformed());
  std::optional<bool> serving;
  {
    absl::MutexLock lock(&mutex_);
    if (const auto at = serving_.find(asked.service()); at != serving_.end()) serving = at->second;
  }
  if (!serving.has_value()) {
    call.Finish(grpc::Status(grpc::StatusCode::NOT_FOUND, "there is no such service"));
    return;
  }
  call.StartWriteAndFinish(ResponseBytes(Wire(*serving)), grpc::Status::OK);
}

void HealthService::Watch(ServerCall& call, const grpc::ByteBuffer& request) {
  HealthCheckRequest asked;
  if (!FromBytes(request, asked)) return call.Finish(Malformed());
  auto watcher = std::make_shared<Watcher>(call, asked.service());
  call.Attach(watcher);
  HealthCheckResponse::ServingStatus status = HealthCheckResponse::SERVICE_UNKNOWN;
  {
    absl::MutexLock lock(&mutex_);
    if (const auto at = serving_.find(asked.service()); at != serving_.end()) {
      status = Wire(at->second);
    }
    std::erase_if(watchers_, [](const std::weak_ptr<Watcher>& old) { return old.expired(); });
    watchers_.push_back(watcher);
    // Under the lock: a change that comes now must not be told before the state that it changes.
    watcher->Tell(status);
  }
}

}  // namespace nexus::rpc
