#pragma once

// grpc.health.v1.Health: whether the server and each of its services take calls.
// Source: the gRPC health checking protocol (grpc/grpc, doc/health-checking.md).
//
// Thread-safe. Must outlive the server.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "rpc/transport/method_table.h"

namespace nexus::rpc {

class HealthService {
 public:
  // `services` begin as not serving; "" is the server.
  explicit HealthService(const std::vector<std::string>& services);
  ~HealthService();

  void AddTo(MethodTable& table);

  // For every service; who watches is told.
  void SetServing(bool serving);

 private:
  class Watcher;

  void Check(ServerCall& call, const grpc::ByteBuffer& request);
  void Watch(ServerCall& call, const grpc::ByteBuffer& request);

  absl::Mutex mutex_;
  std::map<std::string, bool, std::less<>> serving_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::weak_ptr<Watcher>> watchers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::rpc
