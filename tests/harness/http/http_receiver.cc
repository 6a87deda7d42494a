#include "harness/http/http_receiver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace nexus::harness {
namespace {

void UseCertificate(SSL_CTX* tls, const std::string& certificate, const std::string& key,
                    const std::string& client_ca) {
  const auto bio = [](const std::string& pem) {
    return BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  };
  BIO* text = bio(certificate);
  X509* own = PEM_read_bio_X509(text, nullptr, nullptr, nullptr);
  SSL_CTX_use_certificate(tls, own);
  X509_free(own);
  BIO_free(text);
  text = bio(key);
  EVP_PKEY* own_key = PEM_read_bio_PrivateKey(text, nullptr, nullptr, nullptr);
  SSL_CTX_use_PrivateKey(tls, own_key);
  EVP_PKEY_free(own_key);
  BIO_free(text);
  if (client_ca.empty()) return;
  text = bio(client_ca);
  X509* issuer = PEM_read_bio_X509(text, nullptr, nullptr, nullptr);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(tls), issuer);
  X509_free(issuer);
  BIO_free(text);
  SSL_CTX_set_verify(tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

// More bytes at the end of `text`. False: the connection is over.
bool ReadMore(const std::function<int(char*, int)>& read, std::string& text) {
  char bytes[16 << 10];
  const int got = read(bytes, sizeof(bytes));
  if (got <= 0) return false;
  text.append(bytes, static_cast<size_t>(got));
  return true;
}

// The next request of a connection, taken off the beginning of `text`.
std::optional<HttpPost> NextPost(const std::function<int(char*, int)>& read, std::string& text) {
  size_t end;
  while ((end = text.find("\r\n\r\n")) == std::string::npos) {
    if (!ReadMore(read, text)) return std::nullopt;
  }
  HttpPost post;
  const std::vector<std::string> lines = absl::StrSplit(text.substr(0, end), "\r\n");
  const std::vector<std::string> words = absl::StrSplit(lines[0], ' ');
  if (words.size() == 3) post.path = words[1];
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::pair<std::string, std::string> header =
        absl::StrSplit(lines[i], absl::MaxSplits(": ", 1));
    post.headers[absl::AsciiStrToLower(header.first)] = header.second;
  }
  size_t length = 0;
  if (post.headers.contains("content-length")) {
    static_cast<void>(absl::SimpleAtoi(post.headers["content-length"], &length));
  }
  text.erase(0, end + 4);
  while (text.size() < length) {
    if (!ReadMore(read, text)) return std::nullopt;
  }
  post.body = text.substr(0, length);
  text.erase(0, length);
  return post;
}

}  // namespace

HttpReceiver::HttpReceiver(Answer answer) : answer_(std::move(answer)) { Listen(); }

HttpReceiver::HttpReceiver(Answer answer, const std::string& certificate, const std::string& key,
                           const std::string& client_ca)
    : answer_(std::move(answer)), tls_(SSL_CTX_new(TLS_server_method())) {
  ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to clients that have gone
  UseCertificate(tls_, certificate, key, client_ca);
  Listen();
}

void HttpReceiver::Listen() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
  ::listen(listener_, 64);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

HttpReceiver::~HttpReceiver() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  std::vector<std::thread> threads;
  {
    absl::MutexLock lock(&mutex_);
    for (const int fd : fds_) ::shutdown(fd, SHUT_RDWR);
    threads.swap(threads_);
  }
  for (std::thread& thread : threads) thread.join();
  for (const int fd : fds_) ::close(fd);
  ::close(listener_);
  SSL_CTX_free(tls_);
}

std::string HttpReceiver::url() const {
  return absl::StrCat(tls_ == nullptr ? "http" : "https", "://127.0.0.1:", port_, "/events");
}

void HttpReceiver::Accept() {
  for (int fd = ::accept(listener_, nullptr, nullptr); fd >= 0;
       fd = ::accept(listener_, nullptr, nullptr)) {
    absl::MutexLock lock(&mutex_);
    fds_.push_back(fd);
    threads_.emplace_back([this, fd] { Talk(fd); });
  }
}

void HttpReceiver::Talk(int fd) {
  if (tls_ == nullptr) {
    Converse({[fd](char* bytes, int size) {
                return static_cast<int>(::recv(fd, bytes, static_cast<size_t>(size), 0));
              },
              [fd](const char* bytes, int size) {
                return static_cast<int>(::send(fd, bytes, static_cast<size_t>(size), MSG_NOSIGNAL));
              }});
    ::shutdown(fd, SHUT_RDWR);
    return;
  }
  SSL* ssl = SSL_new(tls_);
  SSL_set_fd(ssl, fd);
  if (SSL_accept(ssl) == 1) {
    Converse({[ssl](char* bytes, int size) { return SSL_read(ssl, bytes, size); },
              [ssl](const char* bytes, int size) { return SSL_write(ssl, bytes, size); }});
  }
  SSL_free(ssl);
  ERR_clear_error();
  ::shutdown(fd, SHUT_RDWR);
}

void HttpReceiver::Converse(const Wire& wire) {
  std::string text;
  while (const std::optional<HttpPost> post = NextPost(wire.read, text)) {
    const HttpReply reply = Take(*post);
    if (reply.status == 0) return;  // no answer at all
    std::string answer = absl::StrCat("HTTP/1.1 ", reply.status, " X\r\n", reply.headers);
    if (reply.status != 204)
      absl::StrAppend(&answer, "Content-Length: ", reply.body.size(), "\r\n");
    absl::StrAppend(&answer, "\r\n", reply.body);
    if (wire.write(answer.data(), static_cast<int>(answer.size())) <= 0) return;
  }
}

HttpReply HttpReceiver::Take(const HttpPost& post) {
  const auto subject = post.headers.find("ce-subject");
  const std::string name = subject == post.headers.end() ? "" : subject->second;
  {
    absl::MutexLock lock(&mutex_);
    most_at_once_ = std::max(most_at_once_, ++under_way_in_all_);
    most_of_one_subject_ = std::max(most_of_one_subject_, ++under_way_[name]);
  }
  const HttpReply reply = answer_ ? answer_(post) : HttpReply();
  absl::MutexLock lock(&mutex_);
  --under_way_in_all_;
  --under_way_[name];
  posts_.push_back(post);
  return reply;
}

std::vector<HttpPost> HttpReceiver::posts() {
  absl::MutexLock lock(&mutex_);
  return posts_;
}

bool HttpReceiver::WaitFor(size_t posts, absl::Duration timeout) {
  absl::MutexLock lock(&mutex_);
  const auto enough = [&] {
    mutex_.AssertHeld();
    return posts_.size() >= posts;
  };
  return mutex_.AwaitWithTimeout(absl::Condition(&enough), timeout);
}

int HttpReceiver::most_at_once() {
  absl::MutexLock lock(&mutex_);
  return most_at_once_;
}

int HttpReceiver::most_of_one_subject() {
  absl::MutexLock lock(&mutex_);
  return most_of_one_subject_;
}

}  // namespace nexus::harness
