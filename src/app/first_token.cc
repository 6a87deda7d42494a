#include "app/first_token.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "identity/tokens/api_token.h"
#include "identity/tokens/token_file.h"
#include "nexus/core/status_macros.h"

namespace nexus::app {

std::string AdminTokenFile(const config::NexusConfig& config) {
  return config.access.admin_token_file.empty() ? absl::StrCat(config.data, "/admin.token")
                                                : config.access.admin_token_file;
}

absl::Status MakeAdminToken(identity::AccessRegistry& access, SecretSource& secrets,
                            const std::string& path, const std::string& principal,
                            const std::string& comment) {
  const identity::MintedToken minted = identity::MintToken(secrets);
  NEXUS_RETURN_IF_ERROR(identity::WriteTokenFile(path, minted.text));
  identity::TokenRecord token;
  token.id = minted.id;
  token.digest = minted.digest;
  token.principal = "admin";
  token.roles = {"admin"};
  token.comment = comment;
  AdmissionStamp stamp;
  stamp.principal = principal;
  absl::Notification answered;
  absl::Status outcome;
  access.AddToken(std::move(token), std::move(stamp), [&](const auto& added) {
    outcome = added.status();
    answered.Notify();
  });
  answered.WaitForNotification();
  return outcome;
}

absl::StatusOr<bool> MakeFirstToken(identity::AccessRegistry& access, SecretSource& secrets,
                                    const std::string& path) {
  if (!access.Snapshot()->untouched()) return false;
  NEXUS_RETURN_IF_ERROR(MakeAdminToken(access, secrets, path, "nexusd", "made at the first start"));
  return true;
}

}  // namespace nexus::app
