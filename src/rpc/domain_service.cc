#include "rpc/domain_service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "rpc/domain_convert.h"
#include "rpc/service_names.h"

namespace nexus::rpc {
namespace {

// For ApplyDomain and RollbackDomain, which answer alike.
template <typename Request>
auto Answering(UnaryPtr<Request, admin::v1::ApplyDomainResponse> call) {
  return [call = std::move(call)](absl::StatusOr<domain::ApplyOutcome> outcome) {
    if (outcome.ok()) FillOutcome(*outcome, call->response());
    call->Finish(outcome.status());
  };
}

template <typename Request>
domain::ApplyOptions OptionsOf(const Request& request) {
  domain::ApplyOptions options;
  options.validate_only = request.validate_only();
  if (request.upcaster_sample() != 0) options.sample = request.upcaster_sample();
  if (request.upcaster_sample_all()) options.sample = 0;
  return options;
}

}  // namespace

void DomainService::AddTo(MethodTable& table) {
  using Self = DomainService;
  table.Add(kDomainService, "ApplyDomain", Unary(parts_, *this, &Self::ApplyDomain));
  table.Add(kDomainService, "RemoveDomain", Unary(parts_, *this, &Self::RemoveDomain));
  table.Add(kDomainService, "ListDomains", Unary(parts_, *this, &Self::ListDomains));
  table.Add(kDomainService, "GetDomain", Unary(parts_, *this, &Self::GetDomain));
  table.Add(kDomainService, "ListDomainVersions", Unary(parts_, *this, &Self::ListDomainVersions));
  table.Add(kDomainService, "RollbackDomain", Unary(parts_, *this, &Self::RollbackDomain));
}

void DomainService::ApplyDomain(
    UnaryPtr<admin::v1::ApplyDomainRequest, admin::v1::ApplyDomainResponse> call) {
  admin::v1::ApplyDomainRequest& request = call->request();
  domain::DomainEvent event;
  event.comment = request.comment();
  event.package = ToPackage(request);
  applier_.Apply(std::move(event), OptionsOf(request), call->caller(), Answering(call));
}

void DomainService::RollbackDomain(
    UnaryPtr<admin::v1::RollbackDomainRequest, admin::v1::ApplyDomainResponse> call) {
  const admin::v1::RollbackDomainRequest& request = call->request();
  absl::StatusOr<domain::DomainRecord> record =
      applier_.book().Find(request.name(), request.version());
  if (record.ok() && (record->removed || request.version() == 0)) {
    record = MakeError(ErrorReason::kNotFound,
                       absl::StrCat("version ", request.version(), " of ", request.name(),
                                    " is no package to go back to"));
  }
  if (!call->Ready(record.status())) return;
  domain::DomainEvent event;
  event.comment = request.comment();
  event.package = *record->package;
  event.rolled_back_to = record->version;
  applier_.Apply(std::move(event), OptionsOf(request), call->caller(), Answering(call));
}

void DomainService::RemoveDomain(UnaryPtr<admin::v1::RemoveDomainRequest, admin::v1::Domain> call) {
  applier_.Remove(call->request().name(), call->request().comment(), call->caller(),
                  [call](absl::StatusOr<domain::DomainRecord> record) {
                    if (record.ok()) FillDomain(*record, WithFiles::kNo, call->response());
                    call->Finish(record.status());
                  });
}

void DomainService::ListDomains(
    UnaryPtr<admin::v1::ListDomainsRequest, admin::v1::ListDomainsResponse> call) {
  const domain::DomainBook::SnapshotPtr now = applier_.book().Snapshot();
  for (const auto& [name, record] : now->domains()) {
    admin::v1::Domain& out = *call->response().add_domains();
    FillDomain(record, WithFiles::kNo, out);
    FillDeclared(*now, name, out);
  }
  call->Finish(absl::OkStatus());
}

void DomainService::GetDomain(UnaryPtr<admin::v1::GetDomainRequest, admin::v1::Domain> call) {
  const absl::StatusOr<domain::DomainRecord> record =
      applier_.book().Find(call->request().name(), call->request().version());
  if (!call->Ready(record.status())) return;
  FillDomain(*record, WithFiles::kYes, call->response());
  const domain::DomainBook::SnapshotPtr now = applier_.book().Snapshot();
  const auto found = now->domains().find(call->request().name());
  if (found != now->domains().end() && found->second.version == record->version) {
    FillDeclared(*now, call->request().name(), call->response());
  }
  call->Finish(absl::OkStatus());
}

void DomainService::ListDomainVersions(
    UnaryPtr<admin::v1::ListDomainVersionsRequest, admin::v1::ListDomainVersionsResponse> call) {
  std::vector<domain::DomainRecord> history = applier_.book().History(call->request().name());
  if (history.empty()) {
    return call->Finish(MakeError(
        ErrorReason::kNotFound, absl::StrCat("there never was a domain ", call->request().name())));
  }
  std::reverse(history.begin(), history.end());
  for (const domain::DomainRecord& record : history) {
    FillDomain(record, WithFiles::kNo, *call->response().add_versions());
  }
  call->Finish(absl::OkStatus());
}

}  // namespace nexus::rpc
