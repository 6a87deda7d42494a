#include "rpc/filter_convert.h"

namespace nexus::rpc {

EventFilter ToFilter(const v1::EventFilter& filter) {
  EventFilter out;
  out.items.reserve(static_cast<size_t>(filter.items_size()));
  for (const v1::FilterItem& item : filter.items()) {
    FilterItem& to = out.items.emplace_back();
    to.types.assign(item.types().begin(), item.types().end());
    to.type_prefixes.assign(item.type_prefixes().begin(), item.type_prefixes().end());
    to.stream_prefixes.assign(item.stream_prefixes().begin(), item.stream_prefixes().end());
    to.categories.assign(item.categories().begin(), item.categories().end());
    to.tags.assign(item.tags().begin(), item.tags().end());
    to.correlation_ids.assign(item.correlation_ids().begin(), item.correlation_ids().end());
    to.principals.assign(item.principals().begin(), item.principals().end());
    to.policy_revisions.assign(item.policy_revisions().begin(), item.policy_revisions().end());
    to.decision_ids.assign(item.decision_ids().begin(), item.decision_ids().end());
  }
  return out;
}

}  // namespace nexus::rpc
