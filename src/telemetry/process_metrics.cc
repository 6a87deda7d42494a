#include "telemetry/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

#include "telemetry/metric_names.h"

namespace nexus::telemetry {
namespace {

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);  // cannot fail for the process itself
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Nothing read: zero pages.
double ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  double total = 0;
  double resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double OpenFiles() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  double files = 0;
  while (const dirent* entry = readdir(folder)) files += entry->d_name[0] != '.';
  closedir(folder);
  return files - 1;  // the folder itself
}

Gauge& GaugeOf(MetricsRegistry& metrics, const MetricInfo& info, const MetricLabels& labels = {}) {
  return metrics.GetGauge(info.name, info.help, labels);
}

}  // namespace

ProcessMetrics::ProcessMetrics(MetricsRegistry& metrics, const Clock& clock,
                               absl::string_view version)
    : cpu_seconds_(metrics.GetCounter(metric::kCpuSeconds.name, metric::kCpuSeconds.help, {})),
      resident_bytes_(GaugeOf(metrics, metric::kResidentBytes)),
      open_files_(GaugeOf(metrics, metric::kOpenFiles)) {
  GaugeOf(metrics, metric::kStartTime).Set(static_cast<double>(clock.Now().micros) / 1e6);
  GaugeOf(metrics, metric::kBuildInfo, {{"version", std::string(version)}}).Set(1);
  Refresh();
}

void ProcessMetrics::Refresh() {
  const double cpu = CpuSeconds();
  cpu_seconds_.Add(cpu - cpu_seconds_seen_);
  cpu_seconds_seen_ = cpu;
  if (const double bytes = ResidentBytes(); bytes > 0) resident_bytes_.Set(bytes);
  if (const double files = OpenFiles(); files > 0) open_files_.Set(files);
}

}  // namespace nexus::telemetry
