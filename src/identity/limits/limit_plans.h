#pragma once

// Which limits hold for whom: everybody's, or those of a principal or of a role.
//
// Immutable; thread-safe.

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "identity/limits/gcra.h"
#include "identity/limits/limit_kind.h"

namespace nexus::identity {

// Who is charged.
struct LimitedClient {
  absl::string_view name;  // of the principal; of who has none, where it calls from
  absl::Span<const std::string> roles = {};
};

struct ClientLimits {
  Rates rates = DefaultRates();
  uint64_t subscriptions_open_max = 0;  // 0: no limit

  friend bool operator==(const ClientLimits&, const ClientLimits&) = default;
};

struct LimitPlansOptions {
  ClientLimits of_all = {};
  // In place of those of all; what names a principal goes before its roles.
  absl::flat_hash_map<std::string, ClientLimits> of_principals = {};
  absl::flat_hash_map<std::string, ClientLimits> of_roles = {};
};

class LimitPlans {
 public:
  struct Plan {
    explicit Plan(const ClientLimits& from);

    ClientLimits limits;
    std::array<Gcra, kLimitKinds> gcra;
  };

  explicit LimitPlans(const LimitPlansOptions& options);

  // Of several roles the most generous limit of each kind counts; `room` is for such a mixture.
  const Plan& Of(const LimitedClient& client, std::optional<Plan>& room) const;

  // Whether anybody has a limited rate.
  bool limits_rates() const { return limits_rates_; }

 private:
  const Plan of_all_;
  absl::flat_hash_map<std::string, Plan> of_principals_;
  absl::flat_hash_map<std::string, Plan> of_roles_;
  bool limits_rates_ = false;
};

}  // namespace nexus::identity
