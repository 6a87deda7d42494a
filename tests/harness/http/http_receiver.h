#pragma once

// A small HTTP server on this machine that takes what is posted to it, over TCP or TLS. A test says
// what it answers.
//
// Thread-safe. One thread for each connection.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

struct ssl_ctx_st;

namespace nexus::harness {

struct HttpPost {
  std::string path;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

struct HttpReply {
  int status = 204;
  std::string headers = {};  // "Name: value\r\n"
  std::string body = {};
};

class HttpReceiver {
 public:
  // Called by the threads of connections; may wait.
  using Answer = std::function<HttpReply(const HttpPost&)>;

  explicit HttpReceiver(Answer answer = {});
  // Over TLS, with PEM of the server's certificate and key; `client_ca`: clients must show one.
  HttpReceiver(Answer answer, const std::string& certificate, const std::string& key,
               const std::string& client_ca);
  ~HttpReceiver();

  std::string url() const;
  // All so far, in the order in which they were answered.
  std::vector<HttpPost> posts();
  bool WaitFor(size_t posts, absl::Duration timeout = absl::Seconds(60));
  // The most that were under way at once, in all and of one `ce-subject`.
  int most_at_once();
  int most_of_one_subject();

 private:
  // Bytes of one connection, in plaintext or TLS.
  struct Wire {
    std::function<int(char*, int)> read;
    std::function<int(const char*, int)> write;
  };

  void Listen();
  void Accept();
  void Talk(int fd);
  void Converse(const Wire& wire);
  HttpReply Take(const HttpPost& post);

  const Answer answer_;
  ssl_ctx_st* tls_ = nullptr;
  int listener_ = -1;
  int port_ = 0;

  absl::Mutex mutex_;
  std::vector<HttpPost> posts_ ABSL_GUARDED_BY(mutex_);
  std::vector<int> fds_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> under_way_ ABSL_GUARDED_BY(mutex_);  // by subject
  int under_way_in_all_ ABSL_GUARDED_BY(mutex_) = 0;
  int most_at_once_ ABSL_GUARDED_BY(mutex_) = 0;
  int most_of_one_subject_ ABSL_GUARDED_BY(mutex_) = 0;

  std::thread acceptor_;
};

}  // namespace nexus::harness
