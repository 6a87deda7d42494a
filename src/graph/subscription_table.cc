#include "graph/subscription_table.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace nexus::graph {
namespace {

// What an item selects besides types. A stream that was named goes before the filter.
std::vector<std::string> PlacesOf(absl::string_view stream, const FilterItem& item) {
  if (!stream.empty()) return {std::string(stream)};
  std::vector<std::string> places;
  for (const std::string& category : item.categories) {
    places.push_back(absl::StrCat(category, "-*"));
  }
  for (const std::string& prefix : item.stream_prefixes) {
    places.push_back(absl::StrCat(prefix, "*"));
  }
  if (places.empty()) places.emplace_back("*");
  return places;
}

std::vector<std::string> TypesOf(const FilterItem& item) {
  std::vector<std::string> types = item.types;
  for (const std::string& prefix : item.type_prefixes) types.push_back(absl::StrCat(prefix, "*"));
  if (types.empty()) types.emplace_back("*");
  return types;
}

}  // namespace

void SubscriptionTable::Note(absl::string_view principal, absl::string_view stream,
                             const EventFilter& filter, Timestamp now) {
  if (!stream.empty() && stream.front() == '$') return;  // the server's own
  static const FilterItem& all = *new FilterItem();
  absl::MutexLock lock(&mutex_);
  const auto note = [&](const FilterItem& item) {
    mutex_.AssertHeld();
    for (const std::string& place : PlacesOf(stream, item)) {
      for (const std::string& type : TypesOf(item)) {
        NoteRow({std::string(principal), place, type}, now);
      }
    }
  };
  if (filter.items.empty()) note(all);
  for (const FilterItem& item : filter.items) note(item);
}

void SubscriptionTable::NoteRow(Key key, Timestamp now) {
  const auto [at, is_new] = rows_.try_emplace(std::move(key));
  if (!is_new) by_use_.erase(at->second.used);
  ++at->second.times;
  at->second.last = now;
  at->second.used = ++uses_;
  by_use_.emplace(uses_, at->first);
  if (rows_.size() <= rows_max_) return;
  rows_.erase(by_use_.begin()->second);
  by_use_.erase(by_use_.begin());
}

std::vector<GraphSubscription> SubscriptionTable::List() const {
  absl::MutexLock lock(&mutex_);
  std::vector<GraphSubscription> list;
  list.reserve(rows_.size());
  for (const auto& [key, row] : rows_) {
    list.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), row.times, row.last});
  }
  return list;
}

}  // namespace nexus::graph
