#include "engine/filter_check.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nexus/core/text.h"

namespace nexus::engine {
namespace {

constexpr size_t kItemsMax = 64;
constexpr size_t kValuesMax = 256;
constexpr size_t kValueBytesMax = 255;

using Values = std::vector<std::string>;

struct NamedValues {
  absl::string_view name;
  const Values& values;
};

std::vector<NamedValues> FieldsOf(const FilterItem& item) {
  return {{"types", item.types},
          {"type_prefixes", item.type_prefixes},
          {"stream_prefixes", item.stream_prefixes},
          {"categories", item.categories},
          {"tags", item.tags},
          {"correlation_ids", item.correlation_ids},
          {"principals", item.principals},
          {"policy_revisions", item.policy_revisions},
          {"decision_ids", item.decision_ids}};
}

size_t CountValues(const EventFilter& filter) {
  size_t count = 0;
  for (const FilterItem& item : filter.items) {
    for (const NamedValues& field : FieldsOf(item)) count += field.values.size();
  }
  return count;
}

// The first thing that is wrong with a value; nothing if nothing is.
std::optional<std::pair<ErrorReason, std::string>> FaultOf(const std::string& value) {
  using Fault = std::pair<ErrorReason, std::string>;
  if (value.empty()) return Fault(ErrorReason::kMalformedName, "must not be empty");
  if (value.size() > kValueBytesMax) {
    return Fault(ErrorReason::kLimitExceeded,
                 absl::StrCat("has at most ", kValueBytesMax, " bytes; this has ", value.size()));
  }
  if (const auto byte = FindInvalidUtf8(value)) {
    return Fault(ErrorReason::kInvalidUtf8, absl::StrCat("is not UTF-8 at byte ", *byte));
  }
  if (const auto byte = FindControlCharacter(value)) {
    return Fault(ErrorReason::kMalformedName,
                 absl::StrCat("has a control character at byte ", *byte));
  }
  return std::nullopt;
}

std::string ItemField(absl::string_view field, size_t item) {
  return absl::StrCat(field, ".items[", item, "]");
}

bool CheckValues(const FilterItem& item, const std::string& field, FilterFault fault) {
  bool good = true;
  for (const NamedValues& named : FieldsOf(item)) {
    for (size_t i = 0; i < named.values.size(); ++i) {
      auto found = FaultOf(named.values[i]);
      if (!found.has_value()) continue;
      fault(found->first, absl::StrCat(field, ".", named.name, "[", i, "]"),
            std::move(found->second));
      good = false;
    }
  }
  return good;
}

}  // namespace

bool CheckFilter(const EventFilter& filter, absl::string_view field, FilterFault fault) {
  // The counts first: a flood must be cheap to refuse.
  if (filter.items.size() > kItemsMax) {
    fault(
        ErrorReason::kLimitExceeded, absl::StrCat(field, ".items"),
        absl::StrCat("a filter has at most ", kItemsMax, " items; this has ", filter.items.size()));
    return false;
  }
  if (const size_t values = CountValues(filter); values > kValuesMax) {
    fault(ErrorReason::kLimitExceeded, absl::StrCat(field, ".items"),
          absl::StrCat("a filter has at most ", kValuesMax, " values in all; this has ", values));
    return false;
  }
  bool good = true;
  for (size_t i = 0; i < filter.items.size(); ++i) {
    good = CheckValues(filter.items[i], ItemField(field, i), fault) && good;
  }
  return good;
}

absl::Status CheckFilter(const EventFilter& filter, absl::string_view field) {
  ErrorDetails details;
  const bool good = CheckFilter(
      filter, field, [&details](ErrorReason reason, std::string place, std::string message) {
        if (details.violations.empty()) details.reason = reason;
        Violation violation;
        violation.field = std::move(place);
        violation.message = std::move(message);
        details.violations.push_back(std::move(violation));
      });
  if (good) return absl::OkStatus();
  const Violation& first = details.violations.front();
  return MakeError(absl::StrCat(first.field, ": ", first.message), details);
}

bool CheckIndexableFilter(const EventFilter& filter, absl::string_view field, FilterFault fault) {
  bool good = CheckFilter(filter, field, fault);
  for (size_t i = 0; i < filter.items.size() && i < kItemsMax; ++i) {
    const FilterItem& item = filter.items[i];
    if (item.NamesStamp()) {
      fault(ErrorReason::kMalformedRequest, ItemField(field, i),
            "a condition is about what writers say, not about the stamp of the server");
      good = false;
      continue;
    }
    const bool indexed = !item.types.empty() || !item.tags.empty() || !item.categories.empty() ||
                         !item.correlation_ids.empty();
    if (indexed || item.empty()) continue;
    fault(
        ErrorReason::kMalformedRequest, ItemField(field, i),
        "a prefix alone is not enough: name a type, a tag, a category or a correlation id too, or "
        "nothing for any event");
    good = false;
  }
  return good;
}

}  // namespace nexus::engine
