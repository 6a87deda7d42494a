// What the API answers, and what each answer asks of the caller: the operations of the same calls
// of gRPC.

#include <array>
#include <utility>

#include "absl/strings/str_split.h"
#include "confluent/registry_api.h"

namespace nexus::confluent {
namespace {

bool Matches(absl::string_view path, const std::vector<std::string>& segments) {
  size_t at = 0;
  for (const absl::string_view part : absl::StrSplit(path, '/', absl::SkipEmpty())) {
    if (at == segments.size() || (part != "*" && part != segments[at])) return false;
    ++at;
  }
  return at == segments.size();
}

}  // namespace

absl::Span<const RegistryApi::Row> RegistryApi::Rows() {
  using enum identity::Operation;
  using Api = RegistryApi;
  // Of two that match the first counts.
  static constexpr std::array kRows = {
      Row{{"GET", "", kSchemaRead}, &Api::GetRoot},
      Row{{"GET", "subjects", kSchemaRead}, &Api::ListSubjects},
      Row{{"POST", "subjects/*", kSchemaRead}, &Api::Lookup},
      Row{{"DELETE", "subjects/*", kSchemaWrite}, &Api::DeleteSubject},
      Row{{"GET", "subjects/*/metadata", kSchemaRead}, &Api::GetMetadata},
      Row{{"GET", "subjects/*/versions", kSchemaRead}, &Api::ListVersions},
      Row{{"POST", "subjects/*/versions", kSchemaWrite}, &Api::Register},
      Row{{"GET", "subjects/*/versions/*", kSchemaRead}, &Api::GetVersion},
      Row{{"DELETE", "subjects/*/versions/*", kSchemaWrite}, &Api::DeleteVersion},
      Row{{"GET", "subjects/*/versions/*/schema", kSchemaRead}, &Api::GetVersionSchema},
      Row{{"GET", "subjects/*/versions/*/referencedby", kSchemaRead}, &Api::GetReferencedBy},
      Row{{"GET", "schemas", kSchemaRead}, &Api::ListSchemas},
      Row{{"GET", "schemas/types", kSchemaRead}, &Api::ListTypes},
      Row{{"GET", "schemas/guids/*", kSchemaRead}, &Api::GetByGuid},
      Row{{"GET", "schemas/ids/*", kSchemaRead}, &Api::GetById},
      Row{{"GET", "schemas/ids/*/schema", kSchemaRead}, &Api::GetIdSchema},
      Row{{"GET", "schemas/ids/*/subjects", kSchemaRead}, &Api::GetIdSubjects},
      Row{{"GET", "schemas/ids/*/versions", kSchemaRead}, &Api::GetIdVersions},
      Row{{"GET", "contexts", kSchemaRead}, &Api::ListContexts},
      Row{{"GET", "v1/metadata/*", kSchemaRead}, &Api::GetClusterId},
      Row{{"POST", "compatibility/subjects/*/versions", kSchemaRead}, &Api::CheckCompatibility},
      Row{{"POST", "compatibility/subjects/*/versions/*", kSchemaRead}, &Api::CheckCompatibility},
      Row{{"GET", "config", kSchemaRead}, &Api::GetConfig},
      Row{{"GET", "config/*", kSchemaRead}, &Api::GetConfig},
      Row{{"PUT", "config", kSchemaWrite}, &Api::PutConfig},
      Row{{"PUT", "config/*", kSchemaWrite}, &Api::PutConfig},
      Row{{"DELETE", "config", kSchemaWrite}, &Api::DeleteConfig},
      Row{{"DELETE", "config/*", kSchemaWrite}, &Api::DeleteConfig},
      Row{{"GET", "mode", kSchemaRead}, &Api::GetMode},
      Row{{"GET", "mode/*", kSchemaRead}, &Api::GetMode},
      Row{{"PUT", "mode", kSchemaWrite}, &Api::PutMode},
      Row{{"PUT", "mode/*", kSchemaWrite}, &Api::PutMode},
      Row{{"DELETE", "mode", kSchemaWrite}, &Api::DeleteMode},
      Row{{"DELETE", "mode/*", kSchemaWrite}, &Api::DeleteMode},
  };
  return kRows;
}

const RegistryApi::Row* RegistryApi::FindRow(absl::string_view method,
                                             const std::vector<std::string>& segments) {
  for (const Row& row : Rows()) {
    if (row.route.method == method && Matches(row.route.path, segments)) return &row;
  }
  return nullptr;
}

std::vector<RegistryRoute> RegistryApi::Routes() {
  std::vector<RegistryRoute> routes;
  for (const Row& row : Rows()) routes.push_back(row.route);
  return routes;
}

}  // namespace nexus::confluent
