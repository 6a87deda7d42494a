#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "telemetry/log.h"

namespace nexus::fake {

// Keeps each line as "message key=value ...". Thread-safe.
class RecordingLogger : public telemetry::Logger {
 public:
  bool Enabled(telemetry::Level) const override { return true; }

  std::vector<std::string> lines() {
    absl::MutexLock lock(&mutex_);
    return lines_;
  }

 protected:
  void Write(telemetry::Level, absl::string_view message,
             absl::Span<const telemetry::LogField> fields) override {
    std::string line(message);
    for (const telemetry::LogField& field : fields) {
      absl::StrAppend(&line, " ", field.key, "=");
      if (const auto* text = std::get_if<absl::string_view>(&field.value.value())) {
        absl::StrAppend(&line, *text);
      }
    }
    absl::MutexLock lock(&mutex_);
    lines_.push_back(std::move(line));
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::fake
