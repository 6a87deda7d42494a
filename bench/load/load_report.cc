#include "load/load_report.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace nexus::bench {
namespace {

void AddLatency(const client::LatencyHistogram& latency, std::string& out) {
  const auto milliseconds = [](absl::Duration d) { return absl::ToDoubleMilliseconds(d); };
  absl::StrAppendFormat(&out, R"(,"p50_ms":%.4f,"p90_ms":%.4f,"p99_ms":%.4f,"p999_ms":%.4f)",
                        milliseconds(latency.Quantile(0.5)), milliseconds(latency.Quantile(0.9)),
                        milliseconds(latency.Quantile(0.99)),
                        milliseconds(latency.Quantile(0.999)));
  absl::StrAppendFormat(&out, R"(,"max_ms":%.4f)", milliseconds(latency.max()));
}

}  // namespace

std::string ToJson(const LoadReport& report) {
  const double seconds = report.seconds > 0 ? report.seconds : 1e-9;
  std::string out = absl::StrFormat(
      R"({"requests_per_second":%.1f,"events_per_second":%.1f,"requests":%d,"events":%d)",
      static_cast<double>(report.requests) / seconds, static_cast<double>(report.events) / seconds,
      report.requests, report.events);
  absl::StrAppendFormat(&out, R"(,"retries":%d,"errors":%d,"seconds":%.3f)", report.retries,
                        report.errors, report.seconds);
  AddLatency(report.latency, out);
  for (const auto& [name, value] : report.more) {
    absl::StrAppendFormat(&out, R"(,"%s":%.4f)", name, value);
  }
  const std::string error = absl::StrReplaceAll(
      report.first_error, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", " "}, {"\t", " "}});
  absl::StrAppend(&out, R"(,"first_error":")", error, "\"}");
  return out;
}

int64_t NowNs() {
  // A bench measures real time.
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void Die(const std::string& why) {
  std::fprintf(stderr, "load: %s\n", why.c_str());
  std::exit(1);
}

}  // namespace nexus::bench
