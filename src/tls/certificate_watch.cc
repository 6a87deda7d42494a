#include "tls/certificate_watch.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"

namespace nexus::tls {
namespace {

constexpr char kReloads[] = "nexus_tls_reloads_total";
constexpr char kReloadsHelp[] = "Certificates that were put in the place of another, or refused.";
constexpr double kMicrosPerSecond = 1e6;

std::string TraitOf(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  // Some turn a link to a folder with the new files.
  const fs::path file = fs::weakly_canonical(path, ignored);
  return absl::StrCat(file.string(), " ", fs::file_size(file, ignored), " ",
                      fs::last_write_time(file, ignored).time_since_epoch().count(), "\n");
}

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
  return absl::StrCat(TraitOf(files.certificate), TraitOf(files.key),
                      files.client_ca.empty() ? "" : TraitOf(files.client_ca));
}

absl::Status CertificateWatch::Start() {
  {
    absl::MutexLock lock(&look_mutex_);
    seen_ = tried_ = Traits();
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
  std::string now = Traits();
  if (now != seen_) {
    seen_ = std::move(now);
    return;
  }
  if (now == tried_) return;
  tried_ = std::move(now);  // whatever comes of it: the same files would fail again
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
