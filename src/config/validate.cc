#include "config/validate.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "config/rate_text.h"
#include "nexus/core/stream_name.h"

namespace nexus::config {
namespace {

constexpr size_t kTopicBytesMax = 249;

class Checker {
 public:
  Checker(const std::map<std::string, std::string>& sources, std::vector<Problem>& problems)
      : sources_(sources), problems_(problems) {}

  // `option` is the key whose source is named, `key` what the problem is about.
  void Complain(const std::string& option, const std::string& key, std::string message) {
    problems_.push_back({sources_.at(option), key, std::move(message)});
  }
  void Address(const std::string& key, const std::string& address) {
    if (IsListenAddress(address)) return;
    Complain(key, key,
             absl::StrCat("must be host:port, with a port from 0 to 65535; it is '", address, "'"));
  }
  void NotEmpty(const std::string& key, const std::string& text) {
    if (text.empty()) Complain(key, key, "must not be empty");
  }
  void AtMost(const std::string& key, uint64_t value, const std::string& other, uint64_t bound) {
    if (value <= bound) return;
    Complain(key, key,
             absl::StrCat("must not be more than ", other, " (", bound, "); it is ", value));
  }
  void Categories(const std::string& key, const std::vector<std::string>& categories) {
    for (size_t i = 0; i < categories.size(); ++i) {
      const std::string at = absl::StrCat(key, "[", i, "]");
      const auto name = StreamName::Parse(categories[i]);
      if (!name.ok()) {
        Complain(key, at, std::string(name.status().message()));
      } else if (absl::StrContains(categories[i], '-')) {
        Complain(key, at, "a category has no dash: it is what precedes the first one");
      }
    }
  }

 private:
  const std::map<std::string, std::string>& sources_;
  std::vector<Problem>& problems_;
};

bool IsOpaAddress(absl::string_view address) {
  if (absl::StartsWith(address, "unix:")) return address.size() > 5;
  return (absl::StartsWith(address, "http://") && address.size() > 7) ||
         (absl::StartsWith(address, "https://") && address.size() > 8) || IsListenAddress(address);
}

bool IsTopic(absl::string_view topic) {
  if (topic.empty() || topic.size() > kTopicBytesMax || topic == "." || topic == "..") return false;
  return std::all_of(topic.begin(), topic.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
  });
}

// Only what needs no look at the network is believed to be this machine.
bool IsLoopback(absl::string_view address) {
  absl::string_view host = address.substr(0, address.rfind(':'));
  if (host == "localhost" || host == "[::1]") return true;
  in_addr parsed{};
  return inet_pton(AF_INET, std::string(host).c_str(), &parsed) == 1 &&
         (ntohl(parsed.s_addr) >> 24) == 127;
}

void CheckPlaintext(const NexusConfig& config, Checker& check) {
  if (config.tls.allow_plaintext_network) return;
  const auto local = [&](const char* key, const std::string& address, bool encrypted) {
    if (encrypted || !IsListenAddress(address) || IsLoopback(address)) return;
    check.Complain(key, key,
                   absl::StrCat("'", address,
                                "' can be reached by other machines, and is not encrypted: give "
                                "tls.certificate and tls.key, listen on 127.0.0.1, or, where "
                                "something else encrypts, say --allow-plaintext-network"));
  };
  const bool has_tls = !config.tls.certificate.empty();
  local("grpc.address", config.grpc.address, has_tls);
  local("http.address", config.http.address, has_tls && config.tls.http);
  local("http.schema_registry_address", config.http.schema_registry_address,
        has_tls && config.tls.http);
}

void CheckTls(const TlsConfig& tls, Checker& check) {
  if (tls.certificate.empty() != tls.key.empty()) {
    const char* key = tls.key.empty() ? "tls.key" : "tls.certificate";
    check.Complain(key, key, "must be given too: tls.certificate and tls.key belong together");
  }
  if (tls.certificate.empty() && !tls.client_ca.empty()) {
    check.Complain("tls.client_ca", "tls.client_ca",
                   "needs tls.certificate: without TLS no client can show a certificate");
  }
  for (const auto& [key, value] :
       {std::pair("tls.client_certificates", tls.client_certificates),
        std::pair("tls.http_client_certificates", tls.http_client_certificates)}) {
    if (value != "require" || !tls.client_ca.empty()) continue;
    check.Complain(key, key, "is require, but tls.client_ca does not say whose certificates count");
  }
}

void CheckRates(const std::string& key, const std::map<std::string, std::string>& texts,
                const RatesConfig& of_all, Checker& check) {
  for (const auto& [name, text] : texts) {
    const absl::StatusOr<RatesConfig> rates = ParseRates(text, of_all);
    if (rates.ok()) continue;
    check.Complain(key, absl::StrCat(key, ".", name), std::string(rates.status().message()));
  }
}

void CheckAccess(const NexusConfig& config, Checker& check) {
  CheckRates("access.rates_of_principals", config.access.rates_of_principals, config.access.rates,
             check);
  CheckRates("access.rates_of_roles", config.access.rates_of_roles, config.access.rates, check);
  const JwtConfig& jwt = config.access.jwt;
  if (jwt.issuer.empty()) return;
  if (jwt.audiences.empty()) {
    check.Complain("access.jwt.audiences", "access.jwt.audiences",
                   "must not be empty: a token for somebody else must not be good here");
  }
  if (jwt.keys_file.empty() == jwt.keys_url.empty()) {
    check.Complain("access.jwt.keys_file", "access.jwt.keys_file",
                   "either this or access.jwt.keys_url says where the issuer's keys are");
  }
  check.NotEmpty("access.jwt.subject_claim", jwt.subject_claim);
}

// As policy/operations.h: what policies need not decide.
const std::set<std::string> kOptionalOperations = {"read",   "subscribe", "query",
                                                   "replay", "admin",     "access_change"};

// Policies that are configured for one engine must not be left out because another one runs.
void CheckPolicyEngine(const PolicyConfig& policy, Checker& check) {
  const auto belongs_to = [&](const char* engine, const char* key, const std::string& value) {
    if (value.empty() || policy.engine == engine || policy.engine == "none") return;
    check.Complain(key, key,
                   absl::StrCat("is set, but policy.engine is ", policy.engine, ", not ", engine));
  };
  belongs_to("opa", "policy.opa.address", policy.opa.address);
  belongs_to("opa", "policy.opa.folder", policy.opa.folder);
  belongs_to("opa", "policy.opa.ca_file", policy.opa.ca_file);
  if (!policy.opa.ca_file.empty() && !absl::StartsWith(policy.opa.address, "https://")) {
    check.Complain("policy.opa.ca_file", "policy.opa.ca_file",
                   "is set, but policy.opa.address does not begin with https://");
  }
  belongs_to("embedded", "policy.embedded.bundle", policy.embedded.bundle);
  belongs_to("embedded", "policy.embedded.url", policy.embedded.url);
  const std::vector<std::string>& asked = policy.opa.operations;
  for (const std::string& operation : asked) {
    if (kOptionalOperations.contains(operation)) continue;
    check.Complain(
        "policy.opa.operations", "policy.opa.operations",
        absl::StrCat("\"", operation, "\" is none of ", absl::StrJoin(kOptionalOperations, ", ")));
  }
  if (!asked.empty() && policy.opa.address.empty()) {
    check.Complain("policy.opa.operations", "policy.opa.operations",
                   "is set, but policy.opa.address is not: nexusd sees what its policies decide");
  }
}

void CheckTokens(const NexusConfig& config, Checker& check) {
  std::set<std::string> seen;
  for (size_t i = 0; i < config.tokens.size(); ++i) {
    const TokenConfig& token = config.tokens[i];
    const std::string at = absl::StrCat("tokens[", i, "]");
    if (token.principal.empty()) {
      check.Complain("tokens", absl::StrCat(at, ".principal"), "must not be empty");
    } else if (token.principal == "anonymous") {
      check.Complain("tokens", absl::StrCat(at, ".principal"),
                     "anonymous is who has no token; choose another name");
    }
    const bool printable = std::all_of(token.token.begin(), token.token.end(),
                                       [](char c) { return c > 0x20 && c < 0x7F; });
    if (token.token.empty()) {
      check.Complain("tokens", absl::StrCat(at, ".token"), "must not be empty");
    } else if (!printable) {
      check.Complain("tokens", absl::StrCat(at, ".token"),
                     "must be printable ASCII without spaces: it travels in a header");
    } else if (!seen.insert(token.token).second) {
      check.Complain("tokens", absl::StrCat(at, ".token"), "is another principal's too");
    }
  }
}

}  // namespace

bool IsListenAddress(absl::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == absl::string_view::npos || colon == 0) return false;
  const absl::string_view host = address.substr(0, colon);
  const bool bracketed = host.front() == '[' && host.back() == ']' && host.size() > 2;
  if (host.find_first_of(":[]") != absl::string_view::npos && !bracketed) return false;
  const absl::string_view digits = address.substr(colon + 1);
  uint32_t port = 0;
  return !digits.empty() && std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(digits, &port) && port <= 65'535;
}

void Validate(const std::map<std::string, std::string>& sources, const NexusConfig& config,
              std::vector<Problem>& problems) {
  Checker check(sources, problems);
  check.NotEmpty("data", config.data);
  check.Address("grpc.address", config.grpc.address);
  check.Address("http.address", config.http.address);
  if (config.grpc.address == config.http.address && !absl::EndsWith(config.http.address, ":0")) {
    check.Complain("http.address", "http.address", "is grpc.address too");
  }
  check.AtMost("limits.event_bytes_max", config.limits.event_bytes_max, "limits.commit_bytes_max",
               config.limits.commit_bytes_max);
  check.AtMost("limits.commit_bytes_max", config.limits.commit_bytes_max, "grpc.message_bytes_max",
               config.grpc.message_bytes_max);
  if (config.storage.free_bytes_min > 0) {
    check.AtMost("storage.stop_bytes_min", config.storage.stop_bytes_min, "storage.free_bytes_min",
                 config.storage.free_bytes_min);
  }
  check.Categories("schema.optional_categories", config.schema.optional_categories);
  check.Categories("route.ordered_categories", config.route.ordered_categories);
  CheckPolicyEngine(config.policy, check);
  if (!config.policy.opa.address.empty()) {
    if (!IsOpaAddress(config.policy.opa.address)) {
      check.Complain("policy.opa.address", "policy.opa.address",
                     "must be https://host:port, http://host:port, host:port or unix:/path");
    }
  } else if (config.policy.engine == "opa") {
    check.NotEmpty("policy.opa.program", config.policy.opa.program);
  }
  if (!IsTopic(config.route.kafka.topic)) {
    check.Complain("route.kafka.topic", "route.kafka.topic",
                   "must be 1 to 249 letters, digits, dots, underscores and dashes");
  }
  CheckTls(config.tls, check);
  CheckPlaintext(config, check);
  CheckTokens(config, check);
  CheckAccess(config, check);
}

}  // namespace nexus::config
