#pragma once

// One keep-alive connection, driven by whoever polls: one request at a time, nothing blocks.
//
// Not thread-safe. After an error the connection is closed; the next Send() opens a new one.

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "policy/opa/endpoint.h"
#include "policy/opa/http_message.h"
#include "policy/opa/socket_stream.h"

namespace nexus::policy {

class HttpConnection {
 public:
  // `endpoint` must outlive the connection.
  HttpConnection(const Endpoint& endpoint, size_t body_bytes_max)
      : endpoint_(endpoint), reader_(body_bytes_max) {}

  // Starts to send a whole request, on the open connection if there is one. Requires !busy().
  absl::Status Send(std::string request);

  // For poll(): -1 and 0 while closed. An idle connection is watched for its end.
  int fd() const { return stream_.fd(); }
  short PollEvents() const;

  // Call when poll() reported something for fd(). An error: kUnavailable if the peer went away,
  // kInternal if it sent what no response is.
  absl::Status OnReady();

  bool busy() const { return busy_; }
  // A response is there: read it, then Finish().
  bool answered() const { return busy_ && reader_.done(); }
  const HttpResponseReader& response() const { return reader_; }
  void Finish();
  void Close();

  // The request went out on a connection that had been idle, and nothing came back yet: if it fails
  // now, the peer had most likely closed it before, and the request may be sent again.
  bool maybe_stale() const { return reused_ && !reader_.started(); }

 private:
  absl::Status Flush();
  absl::Status Receive();

  const Endpoint& endpoint_;
  SocketStream stream_;
  HttpResponseReader reader_;
  std::string out_;
  size_t sent_ = 0;
  bool busy_ = false;
  bool reused_ = false;
};

}  // namespace nexus::policy
