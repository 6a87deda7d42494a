#pragma once

// Puts a new certificate into use when its files change. One that cannot be used is refused, told
// and counted, and the one in use stays.
//
// Thread-safe. Looks on the executor. Stop() before the executor stops; both before this is
// destroyed.

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "file/settled_files.h"
#include "nexus/core/clock.h"
#include "nexus/port/executor.h"
#include "nexus/port/metrics.h"
#include "tls/server_certificate.h"

namespace nexus::tls {

struct CertificateWatchOptions {
  CertificateFiles files;
  absl::Duration interval = absl::Seconds(1);
  // Puts it into use; an error refuses it. Called by one look at a time.
  absl::AnyInvocable<absl::Status(const ServerCertificate&)> use;
  // Told of every certificate that comes into use or is refused, but the first.
  absl::AnyInvocable<void(bool used, absl::string_view what)> on_change;
};

class CertificateWatch {
 public:
  // The references must outlive this.
  CertificateWatch(CertificateWatchOptions options, Executor& executor, const Clock& clock,
                   MetricsRegistry& metrics);

  // Loads the first one, which must be good, and looks from then on.
  absl::Status Start();
  void Stop();

  // One look. Files that change are read when they have been the same for two looks: key and
  // certificate are two files.
  void Look() ABSL_LOCKS_EXCLUDED(look_mutex_, mutex_);

 private:
  std::string Traits() const;
  absl::Status Load() ABSL_EXCLUSIVE_LOCKS_REQUIRED(look_mutex_);
  void Schedule() ABSL_LOCKS_EXCLUDED(mutex_);

  Executor& executor_;
  const Clock& clock_;
  Counter& used_;
  Counter& refused_;
  Gauge& expires_;

  absl::Mutex look_mutex_;
  CertificateWatchOptions options_;
  file::SettledFiles files_ ABSL_GUARDED_BY(look_mutex_);
  std::string fingerprint_ ABSL_GUARDED_BY(look_mutex_);

  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  Executor::TimerId timer_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace nexus::tls
