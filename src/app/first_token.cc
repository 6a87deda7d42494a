#include "app/first_token.h"

#include <memory>

#include "absl/synchronization/notification.h"
#include "identity/tokens/api_token.h"
#include "identity/tokens/token_file.h"
#include "nexus/core/status_macros.h"

namespace nexus::app {

absl::StatusOr<bool> MakeFirstToken(identity::AccessRegistry& access, SecretSource& secrets,
                                    const std::string& path) {
  if (!access.Snapshot()->untouched()) return false;
  const identity::MintedToken minted = identity::MintToken(secrets);
  NEXUS_RETURN_IF_ERROR(identity::WriteTokenFile(path, minted.text));
  identity::TokenRecord token;
  token.id = minted.id;
  token.digest = minted.digest;
  token.principal = "admin";
  token.roles = {"admin"};
  token.comment = "made at the first start";
  AdmissionStamp stamp;
  stamp.principal = "nexusd";
  absl::Notification answered;
  absl::Status outcome;
  access.AddToken(std::move(token), std::move(stamp), [&](const auto& added) {
    outcome = added.status();
    answered.Notify();
  });
  answered.WaitForNotification();
  NEXUS_RETURN_IF_ERROR(outcome);
  return true;
}

}  // namespace nexus::app
