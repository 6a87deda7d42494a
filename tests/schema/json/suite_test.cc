// The official JSON Schema Test Suite: every required case of the five drafts, and the optional
// ones but for `format`, which format_test.cc has.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "fake/requirement.h"
#include "official_suite.h"
#include "schema/json/compiled_json_schema.h"
#include "schema/json/json_schema_validator.h"

namespace nexus::schema {
namespace {

using ::testing::IsEmpty;

struct DraftOfSuite {
  const char* folder;
  Draft draft;
  int cases;
  int optional;  // those of them that pass
};
void PrintTo(const DraftOfSuite& d, std::ostream* os) { *os << d.folder; }

class OfficialSuite : public ::testing::TestWithParam<DraftOfSuite> {
 protected:
  void SetUp() override {
    fake::Require(
        std::filesystem::exists(SuiteFolder()),
        absl::StrCat("no JSON Schema Test Suite in ", SuiteFolder(), ": scripts/install test"));
  }

  void RunGroup(JsonSchemaValidator& validator, const SuiteGroup& group) {
    const std::string name = absl::StrCat(group.file, ": ", group.description);
    const auto compiled = validator.Compile({group.schema, remotes_});
    if (!compiled.ok()) {
      failures_.push_back(absl::StrCat(name, ": ", compiled.status().message()));
      return;
    }
    for (const SuiteCase& test : group.cases) RunCase(**compiled, test, name);
  }

  // The two evaluations have to agree, and Validate() with them.
  void RunCase(const CompiledSchema& schema, const SuiteCase& test, const std::string& group) {
    const std::string name = absl::StrCat(group, ": ", test.description);
    const auto& compiled = dynamic_cast<const CompiledJsonSchema&>(schema);
    const auto document = JsonDocument::Parse(test.data, 64);
    if (document.ok() && compiled.has_fast()) {
      ++fast_;
      const auto exhaustive = compiled.Judge((*document)->root(), 10);
      if (!exhaustive.ok() || exhaustive->empty() != compiled.AcceptsFast((*document)->root())) {
        failures_.push_back(absl::StrCat(name, ": the evaluations differ"));
      }
    }
    const auto violations = schema.Validate(test.data, 10);
    if (!violations.ok()) {
      failures_.push_back(absl::StrCat(name, ": ", violations.status().message()));
    } else if (violations->empty() != test.valid) {
      failures_.push_back(
          absl::StrCat(name, ": ", violations->empty() ? "accepted" : violations->front().message));
    } else {
      ++passed_;
    }
  }

  std::vector<SchemaReference> remotes_;
  std::vector<std::string> failures_;
  int passed_ = 0;
  int fast_ = 0;  // cases that the fast evaluation judged too
};

TEST_P(OfficialSuite, EveryRequiredCasePasses) {
  JsonSchemaOptions options;
  options.default_draft = GetParam().draft;
  JsonSchemaValidator validator(options);
  remotes_ = ReadSuiteRemotes();
  for (const SuiteGroup& group : ReadSuite(GetParam().folder)) RunGroup(validator, group);
  std::printf("%s: %d cases passed, %d of them by both evaluations\n", GetParam().folder, passed_,
              fast_);
  EXPECT_THAT(failures_, IsEmpty());
  EXPECT_EQ(passed_, GetParam().cases);
}

TEST_P(OfficialSuite, OptionalCasesPassButForKnownOnes) {
  JsonSchemaOptions options;
  options.default_draft = GetParam().draft;
  JsonSchemaValidator validator(options);
  remotes_ = ReadSuiteRemotes();
  for (const SuiteGroup& group : ReadSuite(absl::StrCat(GetParam().folder, "/optional"))) {
    RunGroup(validator, group);
  }
  std::printf("%s/optional: %d cases passed\n", GetParam().folder, passed_);
  // Content is not looked into, and a pattern of a schema that is only a value is not compiled.
  const auto known = [](const std::string& failure) {
    return absl::StartsWith(failure, "content.json: ") ||
           absl::StartsWith(failure, "ecmascript-regex.json: \\a is not an ECMA 262");
  };
  failures_.erase(std::remove_if(failures_.begin(), failures_.end(), known), failures_.end());
  EXPECT_THAT(failures_, IsEmpty());
  EXPECT_EQ(passed_, GetParam().optional);
}

INSTANTIATE_TEST_SUITE_P(Drafts, OfficialSuite,
                         ::testing::Values(DraftOfSuite{"draft4", Draft::k4, 610, 91},
                                           DraftOfSuite{"draft6", Draft::k6, 822, 97},
                                           DraftOfSuite{"draft7", Draft::k7, 906, 105},
                                           DraftOfSuite{"draft2019-09", Draft::k2019_09, 1220, 145},
                                           DraftOfSuite{"draft2020-12", Draft::k2020_12, 1245,
                                                        149}),
                         [](const auto& param) {
                           std::string name = param.param.folder;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace nexus::schema
