#include "policy/scripted_server.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace nexus::policy {

ScriptedServer::ScriptedServer(const std::string& socket_path, Script script)
    : script_(std::move(script)) {
  ::unlink(socket_path.c_str());
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_path.c_str(), sizeof(address.sun_path) - 1);
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(listener_, 16) != 0) {
    std::abort();
  }
  acceptor_ = std::thread([this] { Accept(); });
}

ScriptedServer::~ScriptedServer() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  std::list<std::thread> threads;
  {
    absl::MutexLock lock(&mutex_);
    threads.swap(threads_);
  }
  for (std::thread& thread : threads) thread.join();
  for (const int fd : open_) ::close(fd);
  ::close(listener_);
}

int ScriptedServer::connections() const {
  absl::MutexLock lock(&mutex_);
  return connections_;
}

std::vector<std::string> ScriptedServer::questions() const {
  absl::MutexLock lock(&mutex_);
  return questions_;
}

void ScriptedServer::Accept() {
  while (true) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    absl::MutexLock lock(&mutex_);
    ++connections_;
    open_.push_back(fd);
    if (stopping_) return;
    threads_.emplace_back([this, fd] { Serve(fd); });
  }
}

void ScriptedServer::Serve(int fd) {
  std::string buffer;
  std::string head;
  std::string body;
  while (ReadRequest(fd, buffer, head, body)) {
    if (CountItems(body) > 0) {
      absl::MutexLock lock(&mutex_);
      questions_.push_back(body);
    }
    const ScriptedReply reply = script_(head, body);
    [[maybe_unused]] const ssize_t n =
        ::send(fd, reply.bytes.data(), reply.bytes.size(), MSG_NOSIGNAL);
    if (reply.close) ::shutdown(fd, SHUT_RDWR);
  }
}

bool ScriptedServer::ReadRequest(int fd, std::string& buffer, std::string& head,
                                 std::string& body) {
  size_t end = 0;
  size_t length = 0;
  while (true) {
    end = buffer.find("\r\n\r\n");
    if (end != std::string::npos) {
      const size_t at = buffer.find("Content-Length: ");
      length = at < end ? std::strtoul(buffer.c_str() + at + 16, nullptr, 10) : 0;
      if (buffer.size() >= end + 4 + length) break;
    }
    std::array<char, 4096> piece{};
    const ssize_t n = ::recv(fd, piece.data(), piece.size(), 0);
    if (n <= 0) return false;
    buffer.append(piece.data(), static_cast<size_t>(n));
  }
  head = buffer.substr(0, end);
  body = buffer.substr(end + 4, length);
  buffer.erase(0, end + 4 + length);
  return true;
}

std::string Http(int code, const std::string& body) {
  return absl::StrCat("HTTP/1.1 ", code, " Whatever\r\nContent-Type: application/json\r\n",
                      "Content-Length: ", body.size(), "\r\n\r\n", body);
}

size_t CountItems(const std::string& body) {
  size_t count = 0;
  for (size_t at = body.find("{\"operation\":"); at != std::string::npos;
       at = body.find("{\"operation\":", at + 1)) {
    ++count;
  }
  return count;
}

std::string DecideAll(const std::string& body, const std::string& decision) {
  std::string answers;
  for (size_t i = 0; i < CountItems(body); ++i) {
    absl::StrAppend(&answers, i == 0 ? "" : ",", "\"", i, "\":", decision);
  }
  return Http(200, absl::StrCat(R"({"provenance":{"bundles":{"b":{"revision":"r1"}}},"result":{)",
                                answers, "}}"));
}

}  // namespace nexus::policy
