#include "cli/policy_tests.h"

#include <simdjson.h>

#include <filesystem>
#include <string_view>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "policy/opa/opa_output.h"

namespace nexus::cli {
namespace {

std::string TextOfTest(simdjson::simdjson_result<simdjson::dom::element> value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

bool IsTrue(simdjson::simdjson_result<simdjson::dom::element> value) {
  bool yes = false;
  return value.get(yes) == simdjson::SUCCESS && yes;
}

}  // namespace

absl::StatusOr<std::vector<PolicyTest>> RunPolicyTests(const std::string& folder,
                                                       const std::string& opa) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    return MakeError(ErrorReason::kConfigurationInvalid,
                     absl::StrCat(folder, " is not a folder of policies"));
  }
  // Tests that fail are an exit code, too: what it prints tells whether it came to run them.
  NEXUS_ASSIGN_OR_RETURN(const policy::OpaEnd end,
                         policy::RunOpaToTheEnd({opa, {"test", "--format", "json", "."}, folder}));
  simdjson::dom::parser parser;
  simdjson::dom::array results;
  if (parser.parse(end.output).get(results) != simdjson::SUCCESS) {
    return MakeError(ErrorReason::kConfigurationInvalid,
                     absl::StrCat("`opa test` ended with ", end.how, ": ", end.output));
  }
  std::vector<PolicyTest> tests;
  for (const simdjson::dom::element result : results) {
    PolicyTest test;
    test.package = TextOfTest(result["package"]);
    test.name = TextOfTest(result["name"]);
    test.file = TextOfTest(result["location"]["file"]);
    uint64_t line = 0;
    if (result["location"]["row"].get(line) == simdjson::SUCCESS) test.line = line;
    test.skipped = IsTrue(result["skip"]);
    test.error = TextOfTest(result["error"]["message"]);
    const bool has_error = result["error"].error() == simdjson::SUCCESS;
    test.passed = !test.skipped && !IsTrue(result["fail"]) && !has_error;
    tests.push_back(std::move(test));
  }
  return tests;
}

}  // namespace nexus::cli
