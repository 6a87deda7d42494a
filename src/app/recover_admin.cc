#include "app/recover_admin.h"

#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "app/exit_code.h"
#include "app/first_token.h"
#include "audit/log_audit_ledger.h"
#include "concurrency/worker_pool.h"
#include "identity/access/access_registry.h"
#include "nexus/core/errors.h"
#include "nexus/core/random_ids.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/system_clock.h"
#include "nexus/core/system_secrets.h"
#include "nexus/core/trusted_clock.h"
#include "schema/json/simd_json_reader.h"
#include "storage/rocksdb/data_folder.h"
#include "storage/rocksdb/rocks_log.h"
#include "telemetry/prometheus/prometheus_registry.h"

namespace nexus::app {
namespace {

absl::Status CheckOwner(const std::string& folder) {
  struct stat info {};
  if (!storage::DataFolder::Exists(folder) || stat(folder.c_str(), &info) != 0) {
    return MakeError(ErrorReason::kConfigurationInvalid,
                     absl::StrCat("'", folder, "' is not a data folder: name it with --data"));
  }
  if (info.st_uid == geteuid()) return absl::OkStatus();
  return MakeError(
      ErrorReason::kConfigurationInvalid,
      absl::StrCat("'", folder, "' belongs to user ", info.st_uid, "; run this as it (",
                   "sudo -u '#", info.st_uid, "' nexusctl admin recover ...)"));
}

void WriteDown(AuditLedger& ledger) {
  AuditRecord record;
  record.type = std::string(kAdminActionType);
  record.client.principal = "$operator";
  record.client.method = "local";
  record.action = "recover_admin";
  record.subject = "admin";
  record.details.emplace_back("user", absl::StrCat(getuid()));
  ledger.Record(std::move(record));
  ledger.Flush();
}

absl::Status Recover(const config::NexusConfig& config) {
  NEXUS_RETURN_IF_ERROR(CheckOwner(config.data));
  SystemClock clock;
  RandomIds ids(clock);
  SystemSecrets secrets;
  schema::SimdJsonReader json;
  telemetry::PrometheusRegistry metrics;
  TrustedClock trusted(clock, [](absl::Duration) {});
  storage::RocksLogOptions with(config.data, metrics);
  with.disk_reserve.free_bytes_min = config.storage.free_bytes_min;
  with.disk_reserve.stop_bytes_min = config.storage.stop_bytes_min;
  with.ballast_bytes = config.storage.ballast_bytes;
  NEXUS_ASSIGN_OR_RETURN(const std::unique_ptr<storage::RocksLog> log,
                         storage::RocksLog::Open(with));
  trusted.NotBefore(log->last_recorded());
  concurrency::WorkerPool workers({}, clock);
  identity::AccessRegistry access({*log, *log, json, workers, trusted, ids, secrets});
  audit::LogAuditLedger ledger({*log, workers, trusted, ids, metrics},
                               absl::Milliseconds(config.audit.window_ms));
  absl::Status made = access.Load();
  if (made.ok()) {
    made = MakeAdminToken(access, secrets, AdminTokenFile(config), "$operator",
                          absl::StrCat("recovered on the machine itself by user ", getuid()));
  }
  if (made.ok()) WriteDown(ledger);
  log->Drain();
  workers.Stop();
  return made;
}

}  // namespace

int RunRecoverAdmin(const config::NexusConfig& config, std::ostream& out, std::ostream& err) {
  const absl::Status recovered = Recover(config);
  if (!recovered.ok()) {
    err << "nexusd: " << std::string(recovered.message()) << "\n";
    return ExitCodeOf(recovered);
  }
  out << "a new administrator's token is in " << AdminTokenFile(config) << "\n"
      << "start nexusd, look at `nexusctl token list`, and revoke what may be in wrong hands\n";
  return kExitOk;
}

}  // namespace nexus::app
