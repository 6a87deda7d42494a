#include "cli/filter_options.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "cli/exit_code.h"

namespace nexus::cli {

void AddFilterOptions(CLI::App& command, FilterOptions& options) {
  FilterItem& item = options.item;
  command.add_option("--type", item.types, "Only this event type; repeated: one of these")
      ->type_name("TEXT");
  command.add_option("--type-prefix", item.type_prefixes, "Only event types that begin so")
      ->type_name("TEXT");
  command.add_option("--category", item.categories, "Only streams of this category")
      ->type_name("NAME");
  command.add_option("--stream-prefix", item.stream_prefixes, "Only streams that begin so")
      ->type_name("TEXT");
  command.add_option("--tag", item.tags, "Only events with this tag; repeated: with all of these")
      ->type_name("TEXT");
  command.add_option("--correlation", item.correlation_ids, "Only this correlation id")
      ->type_name("ID");
  command.add_option("--principal", item.principals, "Only events that this principal wrote")
      ->type_name("NAME");
  command
      .add_option("--policy-revision", item.policy_revisions,
                  "Only events that were admitted under this revision of the policies")
      ->type_name("DIGEST");
  command.add_option("--decision", item.decision_ids, "Only events that this decision admitted")
      ->type_name("ID");
  command
      .add_option("--from-time", options.from_time, "Recorded then or later: RFC 3339, or 15m ago")
      ->type_name("TIME");
  command.add_option("--to-time", options.to_time, "Recorded before: RFC 3339, or 15m ago")
      ->type_name("TIME");
  command.add_option("--to", options.to, "Last revision (or position), inclusive")->type_name("N");
}

EventFilter ToFilter(const FilterOptions& options) {
  EventFilter filter;
  if (!options.item.empty()) filter.items.push_back(options.item);
  return filter;
}

absl::StatusOr<std::optional<Timestamp>> ParseTime(const std::string& text,
                                                   const std::string& option, Timestamp now) {
  if (text.empty()) return std::optional<Timestamp>();
  absl::Time time;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) {
    return std::optional<Timestamp>(Timestamp{absl::ToUnixMicros(time)});
  }
  absl::Duration ago;
  if (absl::ParseDuration(text, &ago) && ago >= absl::ZeroDuration()) {
    return std::optional<Timestamp>(Timestamp{now.micros - absl::ToInt64Microseconds(ago)});
  }
  return UsageError(absl::StrCat(option, ": '", text,
                                 "' is neither a time such as 2026-11-21T08:30:00Z nor how long "
                                 "ago, such as 15m"));
}

}  // namespace nexus::cli
