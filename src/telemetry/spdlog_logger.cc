#include "telemetry/spdlog_logger.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <iostream>
#include <string>

#include "telemetry/log_line.h"
#include "telemetry/metric_names.h"

namespace nexus::telemetry {
namespace {

std::unique_ptr<spdlog::logger> MakeOut(std::ostream& out) {
  auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out, /*force_flush=*/true);
  auto logger = std::make_unique<spdlog::logger>("nexus", std::move(sink));
  logger->set_level(spdlog::level::trace);  // levels are judged before a line is made
  logger->set_pattern("%v");                // the line is complete as it comes
  return logger;
}

}  // namespace

SpdlogLogger::SpdlogLogger(Level level, const Clock& clock, MetricsRegistry& metrics)
    : SpdlogLogger(level, clock, metrics, std::cerr) {}

SpdlogLogger::SpdlogLogger(Level level, const Clock& clock, MetricsRegistry& metrics,
                           std::ostream& out)
    : level_(level), clock_(clock), out_(MakeOut(out)) {
  for (const Level each : {Level::kDebug, Level::kInfo, Level::kWarning, Level::kError}) {
    lines_[static_cast<size_t>(each)] = &metrics.GetCounter(
        metric::kLogLines.name, metric::kLogLines.help, {{"level", std::string(LevelName(each))}});
  }
}

SpdlogLogger::~SpdlogLogger() = default;

void SpdlogLogger::Write(Level level, absl::string_view message,
                         absl::Span<const LogField> fields) {
  lines_[static_cast<size_t>(level)]->Add(1);
  const std::string line = FormatLogLine(clock_.Now(), level, message, fields);
  out_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace nexus::telemetry
