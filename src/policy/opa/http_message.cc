#include "policy/opa/http_message.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "nexus/core/status_macros.h"

namespace nexus::policy {
namespace {

constexpr size_t kHeadBytesMax = 16 << 10;
constexpr size_t kLineBytesMax = 1 << 10;

absl::Status Malformed(absl::string_view what) {
  return absl::InternalError(absl::StrCat("malformed HTTP response: ", what));
}

}  // namespace

std::string FormatRequest(const HttpRequest& request) {
  std::string out;
  out.reserve(request.body.size() + request.target.size() + 160);
  absl::StrAppend(&out, request.method, " ", request.target, " HTTP/1.1\r\nHost: ", request.host,
                  "\r\n");
  if (!request.content_type.empty()) {
    absl::StrAppend(&out, "Content-Type: ", request.content_type,
                    "\r\nContent-Length: ", request.body.size(), "\r\n");
  }
  absl::StrAppend(&out, "\r\n", request.body);
  return out;
}

void HttpResponseReader::Reset() {
  state_ = State::kHead;
  started_ = false;
  buffer_.clear();
  used_ = 0;
  code_ = 0;
  keep_alive_ = true;
  chunked_ = false;
  has_length_ = false;
  left_ = 0;
  body_.clear();
}

absl::Status HttpResponseReader::Feed(absl::string_view bytes) {
  if (bytes.empty()) return absl::OkStatus();
  started_ = true;
  absl::StrAppend(&buffer_, bytes);
  bool progress = true;
  while (progress && state_ != State::kDone) {
    progress = false;
    NEXUS_RETURN_IF_ERROR(Step(progress));
  }
  buffer_.erase(0, used_);
  used_ = 0;
  if (state_ == State::kDone && !buffer_.empty()) return Malformed("bytes after its end");
  return absl::OkStatus();
}

absl::Status HttpResponseReader::Step(bool& progress) {
  if (state_ == State::kLength || state_ == State::kChunk) return TakeBody(progress);
  if (state_ == State::kHead) {
    const absl::string_view rest = absl::string_view(buffer_).substr(used_);
    const size_t end = rest.find("\r\n\r\n");
    if (std::min(end, rest.size()) > kHeadBytesMax) return Malformed("the head is too long");
    if (end == absl::string_view::npos) return absl::OkStatus();
    NEXUS_RETURN_IF_ERROR(ReadHead(rest.substr(0, end)));
    used_ += end + 4;
    progress = true;
    return absl::OkStatus();
  }
  absl::string_view line;
  NEXUS_RETURN_IF_ERROR(TakeLine(line, progress));
  if (!progress) return absl::OkStatus();
  if (state_ == State::kChunkSize) return ReadChunkSize(line);
  if (state_ == State::kChunkEnd) {
    if (!line.empty()) return Malformed("a chunk is longer than it says");
    state_ = State::kChunkSize;
  } else if (line.empty()) {  // kTrailer: its fields are of no interest
    state_ = State::kDone;
  }
  return absl::OkStatus();
}

absl::Status HttpResponseReader::ReadHead(absl::string_view head) {
  const size_t line_end = std::min(head.find("\r\n"), head.size());
  const absl::string_view status_line = head.substr(0, line_end);
  // "HTTP/1.1 200 OK"
  if (!absl::StartsWith(status_line, "HTTP/1.") || status_line.size() < 12 ||
      !absl::SimpleAtoi(status_line.substr(9, 3), &code_) || code_ < 200 || code_ > 599) {
    return Malformed("the status line");
  }
  keep_alive_ = status_line[7] != '0';
  head.remove_prefix(std::min(line_end + 2, head.size()));
  while (!head.empty()) {
    const size_t end = std::min(head.find("\r\n"), head.size());
    NEXUS_RETURN_IF_ERROR(ReadHeader(head.substr(0, end)));
    head.remove_prefix(std::min(end + 2, head.size()));
  }
  if (code_ == 204 || code_ == 304) {
    state_ = State::kDone;
  } else if (chunked_) {
    if (has_length_) return Malformed("a length and chunks");
    state_ = State::kChunkSize;
  } else if (has_length_) {
    state_ = left_ == 0 ? State::kDone : State::kLength;
  } else {
    return Malformed("neither a length nor chunks");
  }
  return absl::OkStatus();
}

absl::Status HttpResponseReader::ReadHeader(absl::string_view line) {
  const size_t colon = line.find(':');
  if (colon == absl::string_view::npos) return Malformed("a header without a colon");
  const absl::string_view name = line.substr(0, colon);
  const absl::string_view value = absl::StripAsciiWhitespace(line.substr(colon + 1));
  if (absl::EqualsIgnoreCase(name, "content-length")) {
    uint64_t length = 0;
    if (has_length_ || !absl::SimpleAtoi(value, &length)) return Malformed("Content-Length");
    if (length > body_bytes_max_) return Malformed("the body is too large");
    has_length_ = true;
    left_ = length;
  } else if (absl::EqualsIgnoreCase(name, "transfer-encoding")) {
    if (!absl::EqualsIgnoreCase(value, "chunked")) return Malformed("Transfer-Encoding");
    chunked_ = true;
  } else if (absl::EqualsIgnoreCase(name, "connection")) {
    if (absl::EqualsIgnoreCase(value, "close")) keep_alive_ = false;
  }
  return absl::OkStatus();
}

absl::Status HttpResponseReader::ReadChunkSize(absl::string_view line) {
  line = absl::StripAsciiWhitespace(line.substr(0, line.find(';')));
  uint64_t size = 0;
  if (line.empty() || line.size() > 15) return Malformed("the size of a chunk");
  for (const char c : line) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) {
      return Malformed("the size of a chunk");
    }
    const int digit = absl::ascii_isdigit(static_cast<unsigned char>(c))
                          ? c - '0'
                          : absl::ascii_tolower(static_cast<unsigned char>(c)) - 'a' + 10;
    size = size * 16 + static_cast<uint64_t>(digit);
  }
  if (size > body_bytes_max_ - body_.size()) return Malformed("the body is too large");
  left_ = size;
  state_ = size == 0 ? State::kTrailer : State::kChunk;
  return absl::OkStatus();
}

absl::Status HttpResponseReader::TakeBody(bool& progress) {
  const size_t take = std::min(left_, buffer_.size() - used_);
  body_.append(buffer_, used_, take);
  used_ += take;
  left_ -= take;
  if (left_ > 0) return absl::OkStatus();
  progress = true;
  state_ = state_ == State::kLength ? State::kDone : State::kChunkEnd;
  return absl::OkStatus();
}

absl::Status HttpResponseReader::TakeLine(absl::string_view& line, bool& found) {
  const absl::string_view rest = absl::string_view(buffer_).substr(used_);
  const size_t end = rest.find("\r\n");
  if (std::min(end, rest.size()) > kLineBytesMax) return Malformed("a line is too long");
  if (end == absl::string_view::npos) return absl::OkStatus();
  found = true;
  line = rest.substr(0, end);
  used_ += end + 2;
  return absl::OkStatus();
}

}  // namespace nexus::policy
