// The templates in policies/templates, adopted as their page says: copied into the policies that
// ship, tested, built and asked.

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/cli_fixture.h"
#include "fake/requirement.h"
#include "fake/source_folder.h"
#include "gmock/gmock.h"
#include "policy/opa/opa_program.h"

namespace nexus::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

// An input and the rule that is to refuse it; empty: none does.
struct Example {
  std::string input;
  std::string rule;
};

struct Template {
  std::string name;
  std::vector<Example> examples;
};

// An append of one event with classes to a category, by a caller with one role.
std::string Append(const std::string& category, const std::string& role, const std::string& classes,
                   const std::string& metadata = "{}") {
  return absl::StrCat(
      R"({"operation":"append","tenant":0,"principal":{"name":"a","authenticated":true,)"
      R"("method":"token","roles":[")",
      role, R"("]},"streams":[{"name":")", category, R"(-1","category":")", category,
      R"(","system":false,"expected":{"kind":"any"}}],"events":[{"stream":")", category,
      R"(-1","category":")", category,
      R"(","type":"Changed","schema":{"registered":true,"version":1,"required":true,"classes":)",
      classes, R"(,"subject_key":true},"content_type":"application/json","tags":[],"metadata":)",
      metadata,
      R"(,"routing":{"criticality":"low","business_impact":0,"requires_ordering":false,)"
      R"("max_latency_ms":0},"count":1,"first_index":0,"bytes_max":9}]})");
}

std::string Read(const std::string& category, const std::string& role) {
  return absl::StrCat(
      R"({"operation":"read","tenant":0,"principal":{"name":"a","authenticated":true,)"
      R"("method":"token","roles":[")",
      role, R"("]},"call":"read","stream":{"name":")", category, R"(-1","category":")", category,
      R"(","system":false},"whole_log":false,"system_events":false,"filter":[],"events_max":10})");
}

std::string Grant(const std::string& comment) {
  return absl::StrCat(
      R"({"operation":"access_change","tenant":0,"principal":{"name":"a","authenticated":true,)"
      R"("method":"token","roles":["admin"]},"action":"create_token","id":"","member":"b",)"
      R"("roles":["writer"],"operations":[],"system_streams":false,"deny":false,"expires":true,)"
      R"("comment":")",
      comment, R"("})");
}

const std::vector<Template>& Templates() {
  static const auto& templates = *new std::vector<Template>{
      {"gdpr",
       {{Append("customer", "w", R"(["pii.email"])", R"({"purpose":"support"})"), ""},
        {Append("customer", "w", R"(["pii.email"])"), "gdpr_purpose_required"},
        {Append("note", "w", R"(["pii.email"])"), "gdpr_only_declared_personal_data"},
        {Read("customer", "support"), ""},
        {Read("customer", "sales"), "gdpr_access_by_role"}}},
      {"hipaa",
       {{Append("encounter", "ehr", R"(["phi.diagnosis"])"), ""},
        {Append("encounter", "shop", R"(["phi.diagnosis"])"), "hipaa_writers_by_role"},
        {Read("encounter", "clinician"), ""},
        {Read("encounter", "shop"), "hipaa_access_by_role"}}},
      {"soc2",
       {{Append("contract", "w", R"(["confidential.price"])"), ""},
        {Append("note", "w", R"(["secret"])"), "soc2_confidential_data_in_their_place"},
        {Grant("OPS-7 a new service"), ""},
        {Grant("because"), "soc2_change_names_its_ticket"}}},
      {"pci_dss",
       {{Append("payment", "gateway", R"(["card.pan.token"])"), ""},
        {Append("payment", "gateway", R"(["card.pan"])"), "pci_no_clear_card_number"},
        {Append("payment", "gateway", R"(["card.cvv"])"), "pci_no_authentication_data"},
        {Append("order", "w", "[]", R"({"card":"4111111111111111"})"),
         "pci_no_card_number_in_names"},
        {Read("payment", "shop"), "pci_need_to_know"}}}};
  return templates;
}

class PolicyTemplatesTest : public CliFixture, public ::testing::WithParamInterface<Template> {
 protected:
  PolicyTemplatesTest() { environment_["NEXUS_SERVER"] = "127.0.0.1:1"; }
  void SetUp() override {
    const char* source = fake::SourceFolder();
    if (source == nullptr) return;
    policies_ = absl::StrCat(source, "/policies");
    fake::Require(policy::FindOpa("").ok(), "opa is missing: scripts/install test");
  }
  // The policies that ship less their tests, and the template in them.
  std::string Adopt(const std::string& name) {
    const std::string folder = folder_ + "/mine";
    fs::copy(policies_ + "/shipped", folder, fs::copy_options::recursive);
    std::vector<fs::path> tests;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (absl::EndsWith(entry.path().string(), "_test.rego")) tests.push_back(entry.path());
    }
    for (const fs::path& test : tests) fs::remove(test);
    fs::copy(policies_ + "/templates/" + name, folder, fs::copy_options::recursive);
    return folder;
  }

  std::string policies_;
};

TEST_P(PolicyTemplatesTest, PassTheirTestsWithinAndWithoutThePoliciesThatShip) {
  const Outcome alone =
      Run({"policy", "test", absl::StrCat(policies_, "/templates/", GetParam().name)});
  EXPECT_EQ(alone.code, 0) << alone.out << alone.err;
  const Outcome adopted = Run({"policy", "test", Adopt(GetParam().name)});
  EXPECT_EQ(adopted.code, 0) << adopted.out << adopted.err;
}

TEST_P(PolicyTemplatesTest, DecideTheirExamplesOnceTheyAreBuilt) {
  const std::string bundle = folder_ + "/mine.tar.gz";
  const Outcome built = Run({"policy", "build", Adopt(GetParam().name), "--output", bundle});
  ASSERT_EQ(built.code, 0) << built.err;
  for (const Example& example : GetParam().examples) {
    const Outcome said =
        Run({"policy", "eval", "--bundle", bundle, "--input", "-", "-o", "json"}, example.input);
    EXPECT_EQ(said.code, example.rule.empty() ? 0 : 5) << example.input << said.out << said.err;
    if (example.rule.empty()) continue;
    EXPECT_THAT(said.out, HasSubstr(absl::StrCat(R"("rule":")", example.rule, R"(","message")")));
  }
}

TEST_P(PolicyTemplatesTest, SayOfEachRuleWhatItIsForOnTheirPage) {
  const std::string page =
      ReadFile(absl::StrCat(policies_, "/templates/", GetParam().name, "/README.md"));
  EXPECT_THAT(page, HasSubstr("## What it cannot do"));
  const Outcome listed = Run({"policy", "ls", "--bundle", Adopt(GetParam().name), "-o", "jsonl"});
  ASSERT_EQ(listed.code, 0) << listed.err;
  EXPECT_THAT(listed.out, Not(HasSubstr(R"("title":"")")));
  EXPECT_THAT(listed.out, Not(HasSubstr(R"("reason":"")")));
  const std::string prefix = GetParam().name == "pci_dss" ? "pci_" : GetParam().name + "_";
  size_t rules = 0;
  const std::string mark = absl::StrCat(R"("rule":")", prefix);
  for (size_t at = listed.out.find(mark); at != std::string::npos;
       at = listed.out.find(mark, at + 1)) {
    const size_t begin = at + 8;
    const std::string rule = listed.out.substr(begin, listed.out.find('"', begin) - begin);
    EXPECT_THAT(page, HasSubstr(absl::StrCat("| `", rule, "` |")));
    ++rules;
  }
  EXPECT_GE(rules, 8u);
}

INSTANTIATE_TEST_SUITE_P(EveryTemplate, PolicyTemplatesTest, ::testing::ValuesIn(Templates()),
                         [](const auto& with) { return with.param.name; });

}  // namespace
}  // namespace nexus::cli
