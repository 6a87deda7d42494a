#pragma once

// An HTTP server on a Unix socket that does what a test tells it to, right or wrong.

#include <cstddef>
#include <functional>
#include <list>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"

namespace nexus::policy {

struct ScriptedReply {
  std::string bytes;   // sent as they are; none: the request is never answered
  bool close = false;  // afterwards
};

class ScriptedServer {
 public:
  // Runs on the thread of a connection, for each request; may block.
  using Script = std::function<ScriptedReply(const std::string& head, const std::string& body)>;

  ScriptedServer(const std::string& socket_path, Script script);
  ~ScriptedServer();

  int connections() const;
  // Bodies of requests that asked something (probes ask nothing).
  std::vector<std::string> questions() const;

 private:
  void Accept();
  void Serve(int fd);
  // One request, or false at the end of the connection.
  static bool ReadRequest(int fd, std::string& buffer, std::string& head, std::string& body);

  const Script script_;
  int listener_ = -1;
  mutable absl::Mutex mutex_;
  std::list<std::thread> threads_ ABSL_GUARDED_BY(mutex_);
  std::vector<int> open_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> questions_ ABSL_GUARDED_BY(mutex_);
  int connections_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread acceptor_;
};

std::string Http(int code, const std::string& body);
// The items of a batch.
size_t CountItems(const std::string& body);
// 200 and `decision` for each item, with a revision.
std::string DecideAll(const std::string& body, const std::string& decision);

inline constexpr char kAllow[] = R"({"allow":true,"deny":[]})";

}  // namespace nexus::policy
