#pragma once

// Which method a call means, and how it begins.
//
// Filled before the server starts; thread-safe from then on.

#include <functional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "grpcpp/support/byte_buffer.h"

namespace nexus::rpc {

class ServerCall;

struct Method {
  // Attaches a reactor to the call and starts its first step, on the polling thread. `request` is
  // the call's one request; empty if `streams_requests`, then the reactor reads them.
  std::function<void(ServerCall& call, const grpc::ByteBuffer& request)> begin;
  bool streams_requests = false;
};

class MethodTable {
 public:
  // A name is added once.
  void Add(absl::string_view service, absl::string_view name, Method method) {
    methods_.emplace(absl::StrCat(service, "/", name), std::move(method));
  }

  // "nexus.v1.EventStoreService/Append". nullptr: there is no such method.
  const Method* Find(absl::string_view name) const {
    const auto found = methods_.find(name);
    return found == methods_.end() ? nullptr : &found->second;
  }

 private:
  absl::flat_hash_map<std::string, Method> methods_;
};

}  // namespace nexus::rpc
