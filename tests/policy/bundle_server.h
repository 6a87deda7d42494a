#pragma once

// A small bundle server on this machine: one document with an ETag, over TCP, with TLS if wanted.

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

struct ssl_ctx_st;

namespace nexus::policy {

class BundleServer {
 public:
  // With TLS, its own certificate for 127.0.0.1 is written to `certificate_path`.
  explicit BundleServer(const std::string& certificate_path = "");
  ~BundleServer();

  std::string url() const;
  // From now on; another text is another ETag.
  void Serve(std::string document);
  // Instead of the document: this status. 0: the document again.
  void Answer(int status);
  // Only with this bearer token.
  void Demand(std::string token);

  int requests() const;
  std::string last_request() const;  // its head

 private:
  void Accept();
  void Talk(int fd);
  std::string Reply(const std::string& head);
  // Holds the answer back while nothing is new, where the client asks for that.
  void AwaitNews(const std::string& head) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string Etag() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  ssl_ctx_st* tls_ = nullptr;
  int listener_ = -1;
  int port_ = 0;

  mutable absl::Mutex mutex_;
  std::string document_ ABSL_GUARDED_BY(mutex_);
  std::string token_ ABSL_GUARDED_BY(mutex_);
  std::string last_ ABSL_GUARDED_BY(mutex_);
  int status_ ABSL_GUARDED_BY(mutex_) = 0;
  int requests_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread acceptor_;
};

}  // namespace nexus::policy
