#pragma once

#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "telemetry/log.h"
#include "telemetry/log_line.h"

namespace nexus::fake {

// Keeps every line as its JSON text, all at time 0. Thread-safe.
class RecordingLogger : public telemetry::Logger {
 public:
  bool Enabled(telemetry::Level) const override { return true; }

  std::vector<std::string> lines() const {
    absl::MutexLock lock(&mutex_);
    return lines_;
  }

 protected:
  void Write(telemetry::Level level, absl::string_view message,
             absl::Span<const telemetry::LogField> fields) override {
    absl::MutexLock lock(&mutex_);
    lines_.push_back(telemetry::FormatLogLine(Timestamp{}, level, message, fields));
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::fake
