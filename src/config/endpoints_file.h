#pragma once

// `endpoints.json` in the data folder: the addresses in use, for scripts and tests that asked for
// port 0.
//
//   {"grpc":"127.0.0.1:41234","http":"127.0.0.1:41235","pid":4711}
//
// Not thread-safe. The file is there from Publish() until the object goes, which is only at a clean
// stop: who reads it checks the pid.

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace nexus::config {

struct Endpoints {
  std::string grpc;
  std::string http;
  int64_t pid = 0;
};

class EndpointsFile {
 public:
  explicit EndpointsFile(absl::string_view data_folder);
  EndpointsFile(const EndpointsFile&) = delete;
  EndpointsFile& operator=(const EndpointsFile&) = delete;
  ~EndpointsFile();

  // Readable by all (0644); replaces an older file at once, so that a reader sees a whole one.
  // kInternal with the system's reason.
  absl::Status Publish(const Endpoints& endpoints);

  // Takes the file away if this object published it.
  void Remove();

  const std::string& path() const { return path_; }

 private:
  const std::string path_;
  bool published_ = false;
};

}  // namespace nexus::config
