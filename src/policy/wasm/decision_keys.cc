#include "policy/wasm/decision_keys.h"

#include "absl/strings/str_cat.h"

namespace nexus::policy {

std::string DecisionKeys::Key(const InputProjection* projection) const {
  if (projection == nullptr) return absl::StrCat(name_, "\n", input_json_);
  std::string key = absl::StrCat(name_, "\n");
  if (!projection->Append(input_json_, key)) key.clear();
  return key;
}

std::string DecisionKeys::Unformatted() const {
  if (!operation_.reads_unformatted.has_value()) return "";
  return Key(&*operation_.reads_unformatted);
}

std::string DecisionKeys::All() const {
  return Key(operation_.reads.has_value() ? &*operation_.reads : nullptr);
}

}  // namespace nexus::policy
