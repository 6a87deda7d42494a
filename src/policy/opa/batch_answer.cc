#include "policy/opa/batch_answer.h"

#include <simdjson.h>

#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "policy/bundle/rule_table.h"
#include "policy/decision.h"
#include "policy/failure.h"

namespace nexus::policy {
namespace {

using simdjson::dom::element;

constexpr size_t kDepthMax = 64;

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

std::string ParseRevision(element document) {
  simdjson::dom::object bundles;
  if (document["provenance"]["bundles"].get(bundles) != simdjson::SUCCESS) return "unversioned";
  std::string revision;
  size_t count = 0;
  for (const auto& [name, bundle] : bundles) {
    std::string_view of_bundle;
    if (bundle["revision"].get(of_bundle) != simdjson::SUCCESS) continue;
    absl::StrAppend(&revision, count == 0 ? "" : ",", bundles.size() == 1 ? "" : View(name),
                    bundles.size() == 1 ? "" : "=", View(of_bundle));
    ++count;
  }
  return revision.empty() ? "unversioned" : revision;
}

absl::Status FillAnswers(element result, BatchAnswer& batch) {
  simdjson::dom::object by_index;
  if (result.get(by_index) != simdjson::SUCCESS) {
    return Undecided(kMalformedAnswer, "its result is not an object");
  }
  std::vector<bool> seen(batch.answers.size());
  std::shared_ptr<const RuleModes> modes;
  for (const auto& [key, decision] : by_index) {
    uint32_t index = 0;
    if (key == "enforcement") {
      absl::StatusOr<std::shared_ptr<const RuleModes>> read = ReadEnforcement(decision);
      if (!read.ok()) return Undecided(kMalformedAnswer, read.status().message());
      modes = *std::move(read);
      continue;
    }
    if (!absl::SimpleAtoi(View(key), &index) || index >= seen.size() || seen[index]) {
      return Undecided(kMalformedAnswer, "its result has an index that was not asked");
    }
    seen[index] = true;
    batch.answers[index] = ReadDecision(decision);
    if (batch.answers[index].ok()) batch.answers[index]->revision = batch.revision;
  }
  for (absl::StatusOr<PolicyAnswer>& answer : batch.answers) {
    if (answer.ok()) answer->modes = modes;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<BatchAnswer> ParseBatchAnswer(absl::string_view body, size_t items) {
  simdjson::dom::parser parser;
  element document;
  if (parser.allocate(body.size() + 1, kDepthMax) != simdjson::SUCCESS ||
      parser.parse(body.data(), body.size()).get(document) != simdjson::SUCCESS ||
      !document.is_object()) {
    return Undecided(kMalformedAnswer, "its answer is not a JSON object");
  }
  BatchAnswer batch;
  batch.revision = ParseRevision(document);
  batch.answers.assign(items, Undecided(kUndefined, "its decision is undefined for this input"));
  element result;
  if (document["result"].get(result) != simdjson::SUCCESS) return batch;
  batch.has_result = true;
  NEXUS_RETURN_IF_ERROR(FillAnswers(result, batch));
  return batch;
}

std::string ParseEngineError(absl::string_view body) {
  simdjson::dom::parser parser;
  element document;
  std::string_view code;
  std::string_view message;
  if (parser.parse(body.data(), body.size()).get(document) != simdjson::SUCCESS ||
      document["code"].get(code) != simdjson::SUCCESS ||
      document["message"].get(message) != simdjson::SUCCESS) {
    return "";
  }
  std::string text = absl::StrCat(View(code), ": ", View(message));
  std::string_view first;
  if (document["errors"].at(0)["message"].get(first) == simdjson::SUCCESS) {
    absl::StrAppend(&text, ": ", View(first));
  }
  return text;
}

}  // namespace nexus::policy
