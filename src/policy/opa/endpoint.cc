#include "policy/opa/endpoint.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::policy {
namespace {

absl::Status Invalid(absl::string_view why) {
  return MakeError(ErrorReason::kConfigurationInvalid, absl::StrCat("policy.opa.address: ", why));
}

}  // namespace

size_t Endpoint::UnixPathBytesMax() { return sizeof(sockaddr_un::sun_path) - 1; }

absl::StatusOr<Endpoint> Endpoint::Parse(absl::string_view text, const std::string& ca_file) {
  absl::string_view rest = text;
  absl::StatusOr<Endpoint> endpoint;
  if (absl::ConsumePrefix(&rest, "unix:")) {
    absl::ConsumePrefix(&rest, "//");
    endpoint = ParseUnix(rest);
  } else {
    const bool encrypted = absl::ConsumePrefix(&rest, "https://");
    if (!encrypted) absl::ConsumePrefix(&rest, "http://");
    absl::ConsumeSuffix(&rest, "/");
    endpoint = ParseTcp(rest);
    if (encrypted && endpoint.ok()) {
      NEXUS_ASSIGN_OR_RETURN(endpoint->tls_, tls::MakeClientContext(ca_file));
    }
  }
  if (endpoint.ok()) endpoint->text_ = std::string(text);
  return endpoint;
}

absl::StatusOr<Endpoint> Endpoint::ParseUnix(absl::string_view path) {
  if (path.empty() || path[0] != '/') return Invalid("the path of a Unix socket must be absolute");
  if (path.size() > UnixPathBytesMax()) {
    return Invalid(absl::StrCat("the path of a Unix socket may have ", UnixPathBytesMax(),
                                " bytes, this one has ", path.size()));
  }
  Endpoint endpoint;
  auto* address = reinterpret_cast<sockaddr_un*>(&endpoint.address_);
  address->sun_family = AF_UNIX;
  std::memcpy(address->sun_path, path.data(), path.size());
  endpoint.address_size_ = sizeof(sockaddr_un);
  endpoint.host_ = "localhost";
  return endpoint;
}

absl::StatusOr<Endpoint> Endpoint::ParseTcp(absl::string_view host_port) {
  const size_t colon = host_port.rfind(':');
  uint32_t port = 0;
  if (colon == absl::string_view::npos || colon == 0 ||
      !absl::SimpleAtoi(host_port.substr(colon + 1), &port) || port == 0 || port > 65535) {
    return Invalid(absl::StrCat("\"", host_port, "\" is neither unix:/path nor host:port"));
  }
  absl::string_view host = host_port.substr(0, colon);
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int rc =
      ::getaddrinfo(std::string(host).c_str(), absl::StrCat(port).c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  if (rc != 0) return Invalid(absl::StrCat("host \"", host, "\": ", ::gai_strerror(rc)));
  Endpoint endpoint;
  std::memcpy(&endpoint.address_, found->ai_addr, found->ai_addrlen);
  endpoint.address_size_ = found->ai_addrlen;
  endpoint.host_ = std::string(host_port);
  endpoint.name_ = std::string(host);
  return endpoint;
}

absl::StatusOr<FileDescriptor> Endpoint::Connect() const {
  FileDescriptor fd(::socket(address_.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return absl::UnavailableError(absl::StrCat("socket: ", std::strerror(errno)));
  if (address_.ss_family != AF_UNIX) {
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  const auto* address = reinterpret_cast<const sockaddr*>(&address_);
  if (::connect(fd.get(), address, address_size_) != 0 && errno != EINPROGRESS) {
    return absl::UnavailableError(absl::StrCat("connect to ", text_, ": ", std::strerror(errno)));
  }
  return fd;
}

}  // namespace nexus::policy
