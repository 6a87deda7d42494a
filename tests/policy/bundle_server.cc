#include "policy/bundle_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <functional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace nexus::policy {
namespace {

constexpr long kDay = 86'400;

// A certificate that vouches for itself, for 127.0.0.1.
void MakeCertificate(SSL_CTX* tls, const std::string& path) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), kDay);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("bundles"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(certificate, key, EVP_sha256());
  std::FILE* file = std::fopen(path.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  SSL_CTX_use_certificate(tls, certificate);
  SSL_CTX_use_PrivateKey(tls, key);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

std::string ReadHead(const std::function<int(char*, int)>& read) {
  std::string head;
  char buffer[1024];
  while (!absl::StrContains(head, "\r\n\r\n")) {
    const int count = read(buffer, sizeof(buffer));
    if (count <= 0) return "";
    head.append(buffer, static_cast<size_t>(count));
  }
  return head;
}

void WriteAll(absl::string_view text, const std::function<int(const char*, int)>& write) {
  while (!text.empty()) {
    const int count = write(text.data(), static_cast<int>(text.size()));
    if (count <= 0) return;
    text.remove_prefix(static_cast<size_t>(count));
  }
}

}  // namespace

BundleServer::BundleServer(const std::string& certificate_path) {
  if (!certificate_path.empty()) {
    tls_ = SSL_CTX_new(TLS_server_method());
    MakeCertificate(tls_, certificate_path);
  }
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
  ::listen(listener_, 16);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

BundleServer::~BundleServer() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  SSL_CTX_free(tls_);
}

std::string BundleServer::url() const {
  return absl::StrCat(tls_ == nullptr ? "http" : "https", "://127.0.0.1:", port_,
                      "/bundles/nexus.tar.gz");
}

void BundleServer::Serve(std::string document) {
  absl::MutexLock lock(&mutex_);
  document_ = std::move(document);
}

void BundleServer::Answer(int status) {
  absl::MutexLock lock(&mutex_);
  status_ = status;
}

void BundleServer::Demand(std::string token) {
  absl::MutexLock lock(&mutex_);
  token_ = std::move(token);
}

int BundleServer::requests() const {
  absl::MutexLock lock(&mutex_);
  return requests_;
}

std::string BundleServer::last_request() const {
  absl::MutexLock lock(&mutex_);
  return last_;
}

// One connection after the other: a client asks one question at a time.
void BundleServer::Accept() {
  for (int fd = ::accept(listener_, nullptr, nullptr); fd >= 0;
       fd = ::accept(listener_, nullptr, nullptr)) {
    Talk(fd);
    ::close(fd);
  }
}

void BundleServer::Talk(int fd) {
  if (tls_ == nullptr) {
    const std::string head = ReadHead([fd](char* data, int size) {
      return static_cast<int>(::recv(fd, data, static_cast<size_t>(size), 0));
    });
    if (head.empty()) return;
    WriteAll(Reply(head), [fd](const char* data, int size) {
      return static_cast<int>(::send(fd, data, static_cast<size_t>(size), MSG_NOSIGNAL));
    });
    return;
  }
  SSL* ssl = SSL_new(tls_);
  SSL_set_fd(ssl, fd);
  if (SSL_accept(ssl) == 1) {
    const std::string head =
        ReadHead([ssl](char* data, int size) { return SSL_read(ssl, data, size); });
    if (!head.empty()) {
      WriteAll(Reply(head),
               [ssl](const char* data, int size) { return SSL_write(ssl, data, size); });
      SSL_shutdown(ssl);
    }
  }
  SSL_free(ssl);
}

std::string BundleServer::Etag() const {
  return absl::StrCat("\"", std::hash<std::string>()(document_), "\"");
}

void BundleServer::AwaitNews(const std::string& head) {
  if (!absl::StrContains(head, "Prefer: modes=snapshot;wait=")) return;
  const auto news = [this, &head]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !absl::StrContains(head, absl::StrCat("If-None-Match: ", Etag(), "\r\n"));
  };
  mutex_.Await(absl::Condition(&news));
}

std::string BundleServer::Reply(const std::string& head) {
  absl::MutexLock lock(&mutex_);
  ++requests_;
  last_ = head;
  AwaitNews(head);
  const bool known = absl::StrContains(head, absl::StrCat("If-None-Match: ", Etag(), "\r\n"));
  const bool welcome =
      token_.empty() ||
      absl::StrContains(head, absl::StrCat("Authorization: Bearer ", token_, "\r\n"));
  int status = status_;
  if (status == 0) status = !welcome ? 401 : known ? 304 : 200;
  const std::string body = status == 200 ? document_ : "";
  return absl::StrCat("HTTP/1.1 ", status, " X\r\nETag: ", Etag(),
                      "\r\nContent-Type: application/gzip\r\nConnection: close\r\n",
                      status == 304 ? "" : absl::StrCat("Content-Length: ", body.size(), "\r\n"),
                      "\r\n", body);
}

}  // namespace nexus::policy
