#pragma once

// Writes JSON lines, one an event, to the standard error stream. Counts them by level.
//
// Thread-safe; each line is written whole and at once.

#include <array>
#include <memory>
#include <ostream>

#include "nexus/core/clock.h"
#include "nexus/port/metrics.h"
#include "telemetry/log.h"

namespace spdlog {
class logger;
}

namespace nexus::telemetry {

class SpdlogLogger : public Logger {
 public:
  // `clock` and `metrics` must outlive the logger. Lines below `level` are neither written nor
  // counted.
  SpdlogLogger(Level level, const Clock& clock, MetricsRegistry& metrics);
  // To another stream, which must outlive the logger.
  SpdlogLogger(Level level, const Clock& clock, MetricsRegistry& metrics, std::ostream& out);
  ~SpdlogLogger() override;

  bool Enabled(Level level) const override { return level >= level_; }

 protected:
  void Write(Level level, absl::string_view message, absl::Span<const LogField> fields) override;

 private:
  const Level level_;
  const Clock& clock_;
  std::array<Counter*, 4> lines_;
  const std::unique_ptr<spdlog::logger> out_;
};

}  // namespace nexus::telemetry
