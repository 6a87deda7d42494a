#include "route/declaration/classification.h"

#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "declaration/strict_object.h"
#include "digest/sha256.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"

namespace nexus::route {
namespace {

constexpr size_t kTypesMax = 1'000;
constexpr std::pair<Path, absl::string_view> kPaths[] = {{Path::kCritical, "critical"},
                                                         {Path::kStandard, "standard"}};

absl::Status ParseWeights(const std::string& text, JsonReader& json, CriticalityRules& rules) {
  declaration::StrictObject object(json, text, "/weights");
  object.Share("business_impact", rules.business_impact_weight);
  object.Share("ordering", rules.ordering_weight);
  object.Share("latency", rules.latency_weight);
  object.Share("type", rules.type_weight);
  return object.Finish();
}

absl::Status ParseTypes(const std::string& text, JsonReader& json, CriticalityRules& rules) {
  declaration::StrictObject object(json, text, "/types");
  const auto members = json.ReadObject(text);
  if (members.ok() && members->size() > kTypesMax) {
    return declaration::DeclarationFault("/types", absl::StrCat("there are more than ", kTypesMax));
  }
  if (members.ok()) {
    for (const auto& [type, weight] : *members) object.Share(type, rules.type_weights[type]);
  }
  return object.Finish();
}

absl::Status ParseOrdered(const std::string& text, JsonReader& json, CriticalityRules& rules) {
  declaration::StrictObject object(json, text, "/ordered_categories");
  const auto members = json.ReadObject(text);
  if (members.ok()) {
    for (const auto& [category, path] : *members) {
      object.OneOf(category, kPaths, rules.ordered_categories[category]);
    }
  }
  return object.Finish();
}

absl::Status ParseModelPart(const std::string& text, JsonReader& json, CriticalityRules& rules) {
  NEXUS_ASSIGN_OR_RETURN(rules.model, ParseModel(text, json, "/model"));
  return absl::OkStatus();
}

// The shortest text that reads back as the same number.
std::string Share(double value) {
  for (const int digits : {6, 15}) {
    std::string text = absl::StrFormat("%.*g", digits, value);
    double back = 0;
    if (absl::SimpleAtod(text, &back) && back == value) return text;
  }
  return absl::StrFormat("%.17g", value);
}

}  // namespace

absl::StatusOr<CriticalityRules> ParseClassification(absl::string_view text, JsonReader& json) {
  if (text.size() > kClassificationBytesMax) {
    return declaration::DeclarationFault(
        "", absl::StrCat("it has ", text.size(), " bytes; at most ", kClassificationBytesMax));
  }
  declaration::StrictObject object(json, text, "");
  CriticalityRules rules;
  const auto part = [&](absl::string_view name, auto parse) {
    if (!object.Has(name)) return;
    std::string inner;
    object.Json(name, inner);
    if (object.status().ok()) object.Take(parse(inner, json, rules));
  };
  part("weights", ParseWeights);
  object.Share("threshold", rules.threshold);
  part("types", ParseTypes);
  part("ordered_categories", ParseOrdered);
  part("model", ParseModelPart);
  NEXUS_RETURN_IF_ERROR(object.Finish());
  return rules;
}

std::string ClassificationText(const CriticalityRules& rules) {
  std::string out = absl::StrCat(
      "{\"weights\":{\"business_impact\":", Share(rules.business_impact_weight),
      ",\"ordering\":", Share(rules.ordering_weight), ",\"latency\":", Share(rules.latency_weight),
      ",\"type\":", Share(rules.type_weight), "},\"threshold\":", Share(rules.threshold));
  const std::map<std::string, double> types(rules.type_weights.begin(), rules.type_weights.end());
  out += ",\"types\":{";
  for (const auto& [type, weight] : types) {
    absl::StrAppend(&out, out.back() == '{' ? "" : ",", JsonString(type), ":", Share(weight));
  }
  const std::map<std::string, Path> ordered(rules.ordered_categories.begin(),
                                            rules.ordered_categories.end());
  out += "},\"ordered_categories\":{";
  for (const auto& [category, path] : ordered) {
    absl::StrAppend(&out, out.back() == '{' ? "" : ",", JsonString(category), ":\"",
                    NameIn(kPaths, path), "\"");
  }
  out += "}";
  if (rules.model != nullptr) absl::StrAppend(&out, ",\"model\":", ModelText(*rules.model));
  return out + "}";
}

ClassificationHistory::ClassificationHistory(CriticalityRules configured, JsonReader& json)
    : json_(json) {
  auto first = std::make_shared<Classification>();
  first->revision = Sha256Hex(ClassificationText(configured));
  first->rules = std::move(configured);
  absl::MutexLock lock(&mutex_);
  by_position_[0] = std::move(first);
}

absl::Status ClassificationHistory::Learn(Position position, absl::string_view text) {
  NEXUS_ASSIGN_OR_RETURN(CriticalityRules rules, ParseClassification(text, json_));
  absl::MutexLock lock(&mutex_);
  if (by_position_.contains(position.value)) return absl::OkStatus();
  auto learned = std::make_shared<Classification>();
  learned->from = position;
  learned->revision = Sha256Hex(ClassificationText(rules));
  learned->rules = std::move(rules);
  const auto at = by_position_.emplace(position.value, nullptr).first;
  learned->version = static_cast<uint64_t>(std::distance(by_position_.begin(), at));
  at->second = std::move(learned);
  return absl::OkStatus();
}

absl::Status ClassificationHistory::LearnEvent(Position position, absl::string_view data) {
  NEXUS_ASSIGN_OR_RETURN(const auto members, json_.ReadObject(data));
  const auto found = members.find("classification");
  return Learn(position, found == members.end() ? "" : found->second.text);
}

ClassificationPtr ClassificationHistory::At(Position position) const {
  absl::MutexLock lock(&mutex_);
  // The last that was declared before it.
  return std::prev(by_position_.lower_bound(std::max<uint64_t>(1, position.value)))->second;
}

ClassificationPtr ClassificationHistory::Latest() const {
  absl::MutexLock lock(&mutex_);
  return std::prev(by_position_.end())->second;
}

uint64_t ClassificationHistory::count() const {
  absl::MutexLock lock(&mutex_);
  return by_position_.size() - 1;
}

}  // namespace nexus::route
