#pragma once

// The part of HTTP/1.1 that asking an OPA needs: one request out, one response in.

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace nexus::policy {

struct HttpRequest {
  absl::string_view method;
  absl::string_view target;
  absl::string_view host;
  absl::string_view content_type;
  absl::string_view body;
};

std::string FormatRequest(const HttpRequest& request);

// Reads one response as it arrives, in pieces of any size. Bodies with a Content-Length or chunked;
// a body that only the end of the connection delimits is refused, for nobody could tell it from a
// truncated one. Not thread-safe.
class HttpResponseReader {
 public:
  explicit HttpResponseReader(size_t body_bytes_max) : body_bytes_max_(body_bytes_max) {}

  // kInternal if the bytes are not such a response, or it is larger than allowed. Then the
  // connection is of no use any more.
  absl::Status Feed(absl::string_view bytes);

  bool started() const { return started_; }
  bool done() const { return state_ == State::kDone; }
  int code() const { return code_; }
  bool keep_alive() const { return keep_alive_; }
  const std::string& body() const { return body_; }

  // For the next response on the same connection.
  void Reset();

 private:
  enum class State { kHead, kLength, kChunkSize, kChunk, kChunkEnd, kTrailer, kDone };

  // One step of parsing `buffer_`; `progress` is false if more bytes are needed.
  absl::Status Step(bool& progress);
  absl::Status ReadHead(absl::string_view head);
  absl::Status ReadHeader(absl::string_view line);
  absl::Status ReadChunkSize(absl::string_view line);
  absl::Status TakeBody(bool& progress);
  // The next line without its end, or nothing yet. kInternal if it is too long.
  absl::Status TakeLine(absl::string_view& line, bool& found);

  const size_t body_bytes_max_;
  State state_ = State::kHead;
  bool started_ = false;
  std::string buffer_;  // not parsed yet, from used_
  size_t used_ = 0;
  int code_ = 0;
  bool keep_alive_ = true;
  bool chunked_ = false;
  bool has_length_ = false;
  size_t left_ = 0;  // of the body or the chunk
  std::string body_;
};

}  // namespace nexus::policy
