#include "index/query_plan.h"

#include <string>
#include <utility>

namespace nexus::index {
namespace {

void AddGroup(IndexTerm::Kind kind, const std::vector<std::string>& texts, ItemPlan& plan) {
  if (texts.empty()) return;
  TermGroup group;
  for (const std::string& text : texts) group.terms.push_back({kind, text});
  plan.push_back(std::move(group));
}

void AddCorrelations(const std::vector<std::string>& texts, ItemPlan& plan) {
  if (texts.empty()) return;
  TermGroup group;
  for (const std::string& text : texts) {
    group.terms.push_back({IndexTerm::Kind::kCorrelation, text});
    const absl::StatusOr<CommitId> commit = CommitId::Parse(text);
    // Only as the server writes it: filters compare text.
    if (commit.ok() && commit->ToString() == text) group.commits.push_back(*commit);
  }
  plan.push_back(std::move(group));
}

ItemPlan PlanOf(const FilterItem& item) {
  ItemPlan plan;
  for (const std::string& tag : item.tags) AddGroup(IndexTerm::Kind::kTag, {tag}, plan);
  AddCorrelations(item.correlation_ids, plan);
  AddGroup(IndexTerm::Kind::kType, item.types, plan);
  AddGroup(IndexTerm::Kind::kCategory, item.categories, plan);
  return plan;
}

}  // namespace

std::optional<std::vector<ItemPlan>> PlanOf(const EventFilter& filter) {
  if (filter.items.empty()) return std::nullopt;
  std::vector<ItemPlan> plans;
  for (const FilterItem& item : filter.items) {
    plans.push_back(PlanOf(item));
    if (plans.back().empty()) return std::nullopt;
  }
  return plans;
}

}  // namespace nexus::index
