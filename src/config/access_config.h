#pragma once

// Who may call, how much, and what is written down of it.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace nexus::config {

struct TokenConfig {
  std::string principal;
  std::string token;
  std::string token_file;  // read into `token` when the configuration is loaded
  std::vector<std::string> roles;

  friend bool operator==(const TokenConfig&, const TokenConfig&) = default;
};

// One issuer of JSON Web Tokens; without a name none is believed.
struct JwtConfig {
  std::string issuer;
  std::vector<std::string> audiences;
  std::string keys_file;
  std::string keys_url;
  std::string subject_claim = "sub";
  std::string roles_claim;
  std::string principal_prefix;
};

// Of each principal, or of each address that anonymous calls come from; 0: without limit.
struct RatesConfig {
  double requests_per_second = 0;
  double events_per_second = 0;
  double bytes_per_second = 0;
  double streams_per_second = 0;
  double subscriptions_per_minute = 0;
  double temporal_reads_per_minute = 10;
  uint64_t subscriptions_open_max = 1'024;
};

struct AccessConfig {
  std::string mode = "open";
  std::string admin_token_file;  // empty: "admin.token" in the data folder
  JwtConfig jwt;
  RatesConfig rates;
  std::map<std::string, std::string> rates_of_principals;  // config/rate_text.h
  std::map<std::string, std::string> rates_of_roles;
};

struct AuditConfig {
  uint64_t window_ms = 10'000;
  uint64_t bulk_read_events = 100'000;  // 0: no read is much
};

}  // namespace nexus::config
