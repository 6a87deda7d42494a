// Who calls and what he may do: tokens, roles, keys of issuers, limits.

#include <utility>

#include "app/daemon_parts.h"
#include "app/first_token.h"
#include "config/rate_text.h"
#include "fetch/http_get.h"
#include "identity/jwks/key_places.h"
#include "nexus/core/status_macros.h"

namespace nexus::app {
namespace {

constexpr absl::Duration kKeyFileInterval = absl::Seconds(5);
constexpr double kMinute = 60;

// What is unused of a second or a minute may be used at once.
identity::Rate PerSecond(double count) { return {count, count}; }
identity::Rate PerMinute(double count) { return {count / kMinute, count}; }

identity::Rates RatesOf(const config::RatesConfig& config) {
  using identity::LimitKind;
  identity::Rates rates;
  const auto set = [&](LimitKind kind, identity::Rate rate) {
    rates[static_cast<size_t>(kind)] = rate;
  };
  set(LimitKind::kRequests, PerSecond(config.requests_per_second));
  set(LimitKind::kEvents, PerSecond(config.events_per_second));
  set(LimitKind::kBytes, PerSecond(config.bytes_per_second));
  set(LimitKind::kStreams, PerSecond(config.streams_per_second));
  set(LimitKind::kSubscriptions, PerMinute(config.subscriptions_per_minute));
  set(LimitKind::kTemporalReads, PerMinute(config.temporal_reads_per_minute));
  return rates;
}

identity::ClientLimits LimitsOf(const config::RatesConfig& config) {
  return {RatesOf(config), config.subscriptions_open_max};
}

// The texts were checked with the rest of the configuration.
absl::StatusOr<identity::LimitPlansOptions> LimitsOf(const config::AccessConfig& config) {
  identity::LimitPlansOptions limits;
  limits.of_all = LimitsOf(config.rates);
  for (const auto& [name, text] : config.rates_of_principals) {
    NEXUS_ASSIGN_OR_RETURN(const auto rates, config::ParseRates(text, config.rates));
    limits.of_principals.emplace(name, LimitsOf(rates));
  }
  for (const auto& [name, text] : config.rates_of_roles) {
    NEXUS_ASSIGN_OR_RETURN(const auto rates, config::ParseRates(text, config.rates));
    limits.of_roles.emplace(name, LimitsOf(rates));
  }
  return limits;
}

}  // namespace

absl::Status Daemon::Parts::StartAccess() {
  const bool enforced = config.access.mode == "enforced";
  access = std::make_unique<identity::AccessRegistry>(
      identity::AccessRegistryParts{*log, *log, json, *workers, trusted_clock, ids, secrets});
  NEXUS_RETURN_IF_ERROR(access->Load());
  NEXUS_RETURN_IF_ERROR(StartJwt());
  NEXUS_RETURN_IF_ERROR(StartLimits());
  if (enforced) {
    const std::string path = AdminTokenFile(config);
    NEXUS_ASSIGN_OR_RETURN(const bool made, MakeFirstToken(*access, secrets, path));
    if (made) {
      logger.Log(telemetry::Level::kInfo,
                 "made the administrator's token; keep this file safe, nothing else has it",
                 {{"file", path}});
    }
  }
  authenticator = std::make_unique<identity::Authenticator>(
      identity::AuthenticatorParts{tokens, access.get(), jwt.get(), enforced});
  return absl::OkStatus();
}

// Whoever calls, and whether or not access is controlled.
absl::Status Daemon::Parts::StartLimits() {
  NEXUS_ASSIGN_OR_RETURN(const identity::LimitPlansOptions limits, LimitsOf(config.access));
  limit_plans = std::make_unique<identity::LimitPlans>(limits);
  limiter = std::make_unique<identity::RateLimiter>(identity::RateLimiterOptions(), *limit_plans,
                                                    clock, metrics);
  open_subscriptions = std::make_unique<identity::OpenSubscriptions>(*limit_plans, metrics);
  return absl::OkStatus();
}

absl::Status Daemon::Parts::StartJwt() {
  const config::JwtConfig& from = config.access.jwt;
  if (from.issuer.empty()) return absl::OkStatus();
  identity::KeyRefresherOptions with;
  with.name = from.issuer;
  with.on_notice = [this](absl::string_view notice) {
    logger.Log(telemetry::Level::kInfo, "keys of tokens", {{"notice", notice}});
  };
  identity::KeyRefresher::Fetch fetch;
  if (!from.keys_file.empty()) {
    with.interval = kKeyFileInterval;
    fetch = identity::KeysFromFile(from.keys_file);
  } else {
    NEXUS_RETURN_IF_ERROR(fetch::CheckTrustworthyUrl("keys", from.keys_url));
    fetch = identity::KeysFromUrl({.url = from.keys_url});
  }
  keys = std::make_unique<identity::KeyRefresher>(std::move(fetch), token_json, *workers, clock,
                                                  ids, std::move(with));
  identity::JwtIssuer issuer;
  issuer.issuer = from.issuer;
  issuer.audiences = from.audiences;
  issuer.subject_claim = from.subject_claim;
  issuer.roles_claim = from.roles_claim;
  issuer.principal_prefix = from.principal_prefix;
  issuer.keys = keys.get();
  identity::JwtOptions verify;
  verify.cached = CacheCounters(metrics, "tokens");
  jwt = std::make_unique<identity::JwtVerifier>(std::vector<identity::JwtIssuer>{issuer}, verify,
                                                clock, token_json);
  // The issuer may be down while this server starts: it goes on asking, and says so.
  (void)keys->Start();
  return absl::OkStatus();
}

}  // namespace nexus::app
