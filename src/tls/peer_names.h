#pragma once

// How a client's certificate names its owner.

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

struct ssl_st;  // OpenSSL's connection

namespace nexus::tls {

struct PeerNames {
  std::vector<std::string> uris = {};       // subject alternative names
  std::vector<std::string> dns_names = {};  // likewise
  std::vector<std::string> common_names = {};
};

// Of the first certificate of `pem`; none if it cannot be read.
PeerNames NamesInPem(absl::string_view pem);

// Of a peer that showed a certificate which was verified; nothing if it showed none.
std::optional<PeerNames> PeerNamesOf(const ssl_st* connection);

}  // namespace nexus::tls
