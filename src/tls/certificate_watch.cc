#include "tls/certificate_watch.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "file/settled_files.h"
#include "nexus/core/status_macros.h"

namespace nexus::tls {
namespace {

constexpr char kReloads[] = "nexus_tls_reloads_total";
constexpr char kReloadsHelp[] = "Certificates that were put in the place of another, or refused.";
constexpr double kMicrosPerSecond = 1e6;

}  // namespace

CertificateWatch::CertificateWatch(CertificateWatchOptions options, Executor& executor,
                                   const Clock& clock, MetricsRegistry& metrics)
    : executor_(executor),
      clock_(clock),
      used_(metrics.GetCounter(kReloads, kReloadsHelp, {{"result", "used"}})),
      refused_(metrics.GetCounter(kReloads, kReloadsHelp, {{"result", "refused"}})),
      expires_(metrics.GetGauge("nexus_tls_certificate_expiry_timestamp_seconds",
                                "When the server's certificate in use expires.", {})),
      options_(std::move(options)) {}

std::string CertificateWatch::Traits() const {
  const CertificateFiles& files = options_.files;
  return absl::StrCat(file::TraitsOf(files.certificate), file::TraitsOf(files.key),
                      files.client_ca.empty() ? "" : file::TraitsOf(files.client_ca));
}

absl::Status CertificateWatch::Start() {
  {
    absl::MutexLock lock(&look_mutex_);
    files_.Begin(Traits());
    NEXUS_RETURN_IF_ERROR(Load());
  }
  Schedule();
  return absl::OkStatus();
}

void CertificateWatch::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  executor_.CancelTimer(timer_);
}

absl::Status CertificateWatch::Load() {
  NEXUS_ASSIGN_OR_RETURN(const ServerCertificate loaded,
                         LoadServerCertificate(options_.files, clock_.Now()));
  NEXUS_RETURN_IF_ERROR(options_.use(loaded));
  fingerprint_ = loaded.fingerprint;
  expires_.Set(static_cast<double>(loaded.expires.micros) / kMicrosPerSecond);
  return absl::OkStatus();
}

void CertificateWatch::Look() {
  absl::MutexLock lock(&look_mutex_);
  if (!files_.Changed(Traits())) return;
  const std::string before = fingerprint_;
  const absl::Status loaded = Load();
  (loaded.ok() ? used_ : refused_).Add(1);
  if (!options_.on_change) return;
  if (loaded.ok()) {
    options_.on_change(true, absl::StrCat(fingerprint_, " after ", before));
  } else {
    options_.on_change(false, absl::StrCat(before, " goes on: ", loaded.message()));
  }
}

void CertificateWatch::Schedule() {
  absl::MutexLock lock(&mutex_);
  if (stopped_) return;
  timer_ = executor_.RunAfter(options_.interval, [this] {
    Look();
    Schedule();
  });
}

}  // namespace nexus::tls
