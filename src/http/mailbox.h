#pragma once

// Brings answers from other threads to the server's one, as long as there is a server.

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace nexus::http {

// Thread-safe. Shared by the server and by answers that are still to come, of which some may
// outlive it.
class Mailbox {
 public:
  explicit Mailbox(boost::asio::io_context& io) : io_(&io) {}

  // Runs `work` on the server's thread, soon; never after Close().
  template <typename Work>
  void Post(Work work) {
    absl::MutexLock lock(&mutex_);
    if (io_ != nullptr) boost::asio::post(*io_, std::move(work));
  }
  void Close() {
    absl::MutexLock lock(&mutex_);
    io_ = nullptr;
  }

 private:
  absl::Mutex mutex_;
  boost::asio::io_context* io_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::http
