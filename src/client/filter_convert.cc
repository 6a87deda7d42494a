#include "client/filter_convert.h"

namespace nexus::client {

void FillFilter(const EventFilter& filter, v1::EventFilter& out) {
  for (const FilterItem& item : filter.items) {
    v1::FilterItem& to = *out.add_items();
    to.mutable_types()->Add(item.types.begin(), item.types.end());
    to.mutable_type_prefixes()->Add(item.type_prefixes.begin(), item.type_prefixes.end());
    to.mutable_stream_prefixes()->Add(item.stream_prefixes.begin(), item.stream_prefixes.end());
    to.mutable_categories()->Add(item.categories.begin(), item.categories.end());
    to.mutable_tags()->Add(item.tags.begin(), item.tags.end());
    to.mutable_correlation_ids()->Add(item.correlation_ids.begin(), item.correlation_ids.end());
    to.mutable_principals()->Add(item.principals.begin(), item.principals.end());
    to.mutable_policy_revisions()->Add(item.policy_revisions.begin(), item.policy_revisions.end());
    to.mutable_decision_ids()->Add(item.decision_ids.begin(), item.decision_ids.end());
  }
}

}  // namespace nexus::client
