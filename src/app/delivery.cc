#include "app/delivery.h"

#include <utility>

#include "app/stamp_check.h"
#include "nexus/core/status_macros.h"

namespace nexus::app {
namespace {

route::CriticalityRules RulesOf(const config::RouteConfig& config) {
  const config::CriticalityConfig& from = config.criticality;
  route::CriticalityRules rules;
  rules.business_impact_weight = from.business_impact;
  rules.ordering_weight = from.ordering;
  rules.latency_weight = from.latency;
  rules.type_weight = from.type;
  rules.threshold = from.threshold;
  rules.type_weights.insert(from.type_weights.begin(), from.type_weights.end());
  // Whole streams in order need the path that keeps its promises longest.
  for (const std::string& category : config.ordered_categories) {
    rules.ordered_categories[category] = route::Path::kCritical;
  }
  return rules;
}

}  // namespace

Delivery::Delivery(const DeliveryParts& parts)
    : sinks_(parts.config.route, parts.config.data, parts.schemas, parts.json, parts.clock) {}

absl::StatusOr<std::unique_ptr<Delivery>> Delivery::Create(const DeliveryParts& parts) {
  std::unique_ptr<Delivery> delivery(new Delivery(parts));
  Delivery& d = *delivery;
  route::RouteBookOptions routes;
  routes.rules = RulesOf(parts.config.route);
  NEXUS_RETURN_IF_ERROR(route::CheckRules(routes.rules));
  routes.routes = SinkFactory::Defaults(parts.config.route);
  d.book_ = std::make_unique<route::RouteBook>(
      route::RouteBookParts{parts.log, parts.reader, parts.json, parts.executor,
                            parts.recording_clock, parts.ids},
      std::move(routes));
  NEXUS_RETURN_IF_ERROR(d.book_->Load());
  d.letters_ = std::make_unique<route::LogDeadLetters>(
      route::LogDeadLettersParts{parts.log, parts.reader, parts.json, parts.executor,
                                 parts.recording_clock, parts.ids, parts.metrics});
  const route::RouteContext context{parts.reader,
                                    parts.head,
                                    parts.executor,
                                    parts.clock,
                                    parts.ids,
                                    parts.checkpoints,
                                    parts.metrics,
                                    d.book_->classifications(),
                                    d.letters_.get(),
                                    parts.ledger,
                                    StampCheck(parts.schemas),
                                    parts.pace};
  d.router_ = route::Router::Create(
      context, *d.book_, [&d](const route::RouteDeclaration& route, const std::string& run) {
        return d.sinks_.Make(route, run);
      });
  d.letters_->SetListener(
      [weak = std::weak_ptr<route::Router>(d.router_)](const route::Letter& letter) {
        if (auto router = weak.lock()) router->Retry(letter);
      });
  return delivery;
}

}  // namespace nexus::app
