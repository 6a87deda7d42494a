#include "http/standard_routes.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "nexus/core/json_text.h"

namespace nexus::http {
namespace {

constexpr char kJson[] = "application/json";
constexpr char kMetricsType[] = "text/plain; version=0.0.4; charset=utf-8";

std::string ReportOf(const std::vector<Component>& components, bool ready) {
  std::vector<std::string> shown;
  shown.reserve(components.size());
  for (const Component& component : components) {
    shown.push_back(absl::StrCat("{\"name\":", JsonString(component.name),
                                 ",\"ok\":", component.ok ? "true" : "false",
                                 ",\"detail\":", JsonString(component.detail), "}"));
  }
  return absl::StrCat("{\"ready\":", ready ? "true" : "false", ",\"components\":[",
                      absl::StrJoin(shown, ","), "]}\n");
}

Response Ready(const std::vector<Component>& components, const Request& request) {
  const bool ready = std::all_of(components.begin(), components.end(),
                                 [](const Component& component) { return component.ok; });
  Response response;
  response.status = ready ? 200 : 503;
  if (IsVerbose(request)) {
    response.content_type = kJson;
    response.body = ReportOf(components, ready);
    return response;
  }
  response.body = ready ? "ready\n" : "not ready\n";
  for (const Component& component : components) {
    if (!component.ok) absl::StrAppend(&response.body, component.name, "\n");
  }
  return response;
}

Response Index(const std::string& version) {
  Response response;
  response.body = absl::StrCat("nexusd ", version,
                               "\n\n"
                               "/metrics                for Prometheus\n"
                               "/health/live            the process runs\n"
                               "/health/ready           it takes and answers calls\n"
                               "/health/ready?verbose   the same, part by part, as JSON\n"
                               "\nEvents are appended and read over gRPC, on the other port.\n");
  return response;
}

}  // namespace

bool IsVerbose(const Request& request) {
  for (const absl::string_view part : absl::StrSplit(request.query, '&')) {
    if (part.substr(0, part.find('=')) == "verbose") return true;
  }
  return false;
}

std::vector<Route> StandardRoutes(StandardRoutesOptions options, MetricsRegistry& metrics) {
  std::vector<Route> routes;
  routes.push_back(
      {"/", [version = std::move(options.version)](const Request&) { return Index(version); }});
  routes.push_back({"/metrics", [&metrics, refresh = std::move(options.refresh_metrics)](
                                    const Request&) mutable {
                      if (refresh) refresh();
                      return Response{200, kMetricsType, metrics.Exposition()};
                    }});
  routes.push_back({"/health/live", [](const Request&) {
                      Response response;
                      response.body = "live\n";
                      return response;
                    }});
  routes.push_back({"/health/ready",
                    [components = std::move(options.components)](const Request& request) mutable {
                      return Ready(components ? components() : std::vector<Component>(), request);
                    }});
  return routes;
}

}  // namespace nexus::http
