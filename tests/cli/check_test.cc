// nexusctl check: one gate over a folder of schemas, policies and the service graph.

#include <string>

#include "absl/strings/str_cat.h"
#include "cli/check_fixture.h"
#include "cli/pointer_line.h"
#include "cli/schema_folder.h"
#include "gmock/gmock.h"

namespace nexus::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using CheckTest = CheckFixture;

constexpr char kV1[] =
    "{\n \"type\": \"object\",\n \"properties\": {\n"
    "  \"id\": {\"type\": \"string\"}\n }\n}\n";

TEST_F(CheckTest, TheExampleHasNoFinding) {
  if (!HasOpa()) return;
  const std::string example = CopyExample("example");
  const Outcome outcome = Check({example, "--strict", "--require-opa"});
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr("check: 10 files, 0 errors, 0 warnings and notes"));
  EXPECT_THAT(outcome.err, HasSubstr("schemas are compared with nothing"));
  const Outcome compared = Check({example, "--against", CopyExample("before")});
  EXPECT_EQ(compared.code, 0) << compared.out << compared.err;
  EXPECT_THAT(compared.err, Not(HasSubstr("compared with nothing")));
}

TEST_F(CheckTest, ABreakingSchemaIsFoundWhereItStands) {
  Write("old/schemas/placed.json", kV1);
  Write("new/schemas/placed.json",
        "{\n \"type\": \"object\",\n \"properties\": {\n"
        "  \"id\": {\"type\": \"string\"},\n  \"note\": {\"type\": \"string\"}\n }\n}\n");
  const Outcome outcome = Check({At("new"), "--against", At("old")});
  EXPECT_EQ(outcome.code, 100);
  EXPECT_THAT(outcome.out,
              HasSubstr(absl::StrCat(At("new/schemas/placed.json"),
                                     ":5: error: NEW_FIELD_WITHOUT_DEFAULT at /properties/note")));
  EXPECT_THAT(outcome.err, HasSubstr("1 errors"));
  EXPECT_EQ(Check({At("new"), "--against", At("old"), "--mode", "NONE", "--flag",
                   "require_defaults=false"})
                .code,
            0);
}

TEST_F(CheckTest, ASchemaThatIsGoneOrOfAnotherFormatIsAFinding) {
  Write("old/schemas/placed.json", kV1);
  Write("old/schemas/moved.json", "{}");
  Write("new/schemas/moved.avsc", R"("string")");
  const Outcome outcome = Check({At("new"), "--against", At("old")});
  EXPECT_EQ(outcome.code, 100);
  EXPECT_THAT(outcome.out, HasSubstr("error: SCHEMA_REMOVED: the schema of placed"));
  EXPECT_THAT(outcome.out, HasSubstr("error: FORMAT_CHANGED: moved was JSON_SCHEMA and is AVRO"));
  // What is gone may have been all there was.
  Remove("new");
  Write("new/other.txt", "");
  EXPECT_EQ(Check({At("new"), "--against", At("old")}).code, 100);
}

TEST_F(CheckTest, ASchemaThatDoesNotCompileIsAFinding) {
  Write("d/schemas/a.json", "{\n \"type\": \"nothing\"\n}\n");
  Write("d/schemas/b.avsc", R"({"type":"record","name":"B"})");
  Write("d/schemas/c.proto", "syntax = \"proto3\"; message C { strin x = 1; }");
  Write("d/schemas/x/dup.json", "{}");
  Write("d/schemas/y/dup.json", "{}");
  const Outcome outcome = Check({At("d")});
  EXPECT_EQ(outcome.code, 100);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("schemas/a.json"), HasSubstr("schemas/b.avsc"),
                                 HasSubstr("schemas/c.proto")));
  EXPECT_THAT(outcome.out, HasSubstr("schemas/y/dup.json: error: SUBJECT_TWICE: dup is the subject "
                                     "of x/dup.json, too"));
}

TEST_F(CheckTest, SchemasUseEachOther) {
  Write("d/schemas/money.json", R"({"type":"object","properties":{"amount":{"type":"number"}}})");
  Write("d/schemas/a.json", R"({"$ref":"money.json"})");
  Write("d/schemas/in/b.json",
        R"({"properties":{"x":{"$ref":"../money.json#/properties/amount"}}})");
  Write("d/schemas/Price.avsc", R"({"type":"record","name":"Price","namespace":"shop",)"
                                R"("fields":[{"name":"amount","type":"long"}]})");
  Write("d/schemas/Sold.avsc", R"({"type":"record","name":"Sold","namespace":"shop",)"
                               R"("fields":[{"name":"price","type":"shop.Price"}]})");
  Write("d/schemas/unit.proto", "syntax = \"proto3\"; message Unit { string name = 1; }");
  Write("d/schemas/line.proto",
        "syntax = \"proto3\"; import \"unit.proto\"; message Line { Unit unit = 1; }");
  const Outcome outcome = Check({At("d")});
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
  // A change of what is used breaks its users.
  std::filesystem::copy(At("d"), At("old"), std::filesystem::copy_options::recursive);
  Write("d/schemas/money.json", R"({"type":"object","properties":{"amount":{"type":"string"}}})");
  EXPECT_THAT(Check({At("d"), "--against", At("old")}).out,
              AllOf(HasSubstr("schemas/money.json"), HasSubstr("schemas/a.json"),
                    HasSubstr("schemas/in/b.json")));
}

TEST_F(CheckTest, AnEarlierRevisionOfGitIsComparedWith) {
  const std::string git =
      absl::StrCat("git -C ", folder_, "/repo -c user.name=t -c user.email=t@t ");
  Write("repo/sub/schemas/placed.json", kV1);
  ASSERT_EQ(std::system(absl::StrCat(git, "init -q && ", git, "add -A && ", git,
                                     "commit -q -m one && ", git, "tag one")
                            .c_str()),
            0);
  Write("repo/sub/schemas/placed.json", R"({"type":"string"})");
  Write("repo/late/schemas/late.json", "{}");
  EXPECT_EQ(Check({At("repo/sub"), "--against-git", "one"}).code, 100);
  // A folder that was not there before breaks nothing.
  EXPECT_EQ(Check({At("repo/late"), "--against-git", "one"}).code, 0);
  Write("repo/sub/schemas/placed.json", kV1);
  EXPECT_EQ(Check({At("repo/sub"), "--against-git", "HEAD"}).code, 0);
  const Outcome unknown = Check({At("repo/sub"), "--against-git", "two"});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.err, HasSubstr("two"));
  EXPECT_EQ(Check({At("repo/sub"), "--against-git=--output=x"}).code, 2);
  // Nothing of the work tree or the index was touched.
  EXPECT_EQ(std::system(absl::StrCat("test -z \"$(", git, "status --porcelain -uno)\"").c_str()),
            0);
}

TEST_F(CheckTest, TheServersSchemasAreComparedWith) {
  environment_["NEXUS_SERVER"] = server_.address();
  Write("d/schemas/fine.json", "true");
  EXPECT_EQ(Check({At("d"), "--registered"}).code, 0);
  Write("d/schemas/placed.json", "{}");
  const Outcome outcome = Check({At("d"), "--registered"});
  EXPECT_EQ(outcome.code, 100);
  EXPECT_THAT(outcome.out, HasSubstr("placed.json:1: error: MINIMUM_ADDED at /minimum"));
  environment_["NEXUS_SERVER"] = "127.0.0.1:1";
  EXPECT_EQ(Check({At("d"), "--registered", "--timeout", "1s"}).code, 7);
}

TEST_F(CheckTest, FailedTestsAndFaultsOfPoliciesAreFound) {
  if (!HasOpa()) return;
  Write("d/policies/a.rego",
        "package nexus.append\n\ndefault decision := {\"allow\": true, \"deny\": []}\n");
  const Outcome untested = Check({At("d")});
  EXPECT_EQ(untested.code, 0) << untested.out;
  EXPECT_THAT(untested.out, HasSubstr("policies: warning: NO_POLICY_TESTS"));
  EXPECT_EQ(Check({At("d"), "--strict"}).code, 100);
  Write("d/policies/a_test.rego",
        "package nexus.append_test\n\ntest_fails if data.nexus.append.decision.allow == false\n"
        "test_passes if data.nexus.append.decision.allow\n");
  const Outcome failing = Check({At("d")});
  EXPECT_EQ(failing.code, 100);
  EXPECT_THAT(failing.out, HasSubstr("policies/a_test.rego:3: error: POLICY_TEST_FAILED at "
                                     "data.nexus.append_test.test_fails: test_fails failed"));
  Write("d/policies/a_test.rego", "package nexus.append_test\n\nx = = 1\n");
  EXPECT_THAT(Check({At("d")}).out, HasSubstr("policies/a_test.rego:3: error: POLICY_INVALID"));
  Write("d/policies/a_test.rego", "package nexus.append_test\n\ntest_it if true\n");
  Write("d/policies/a.rego", "package nexus.append\n");
  EXPECT_THAT(Check({At("d")}).out, HasSubstr("policies: error: POLICY_NOT_LOADABLE: no rule"));
}

TEST_F(CheckTest, ThePoliciesOfADomainAreCompiledTestedAndBounded) {
  if (!HasOpa()) return;
  Write("d/domain.yaml", "apiVersion: nexus/v1\nkind: Domain\nmetadata: {name: shop}\n");
  Write("d/policy.yaml",
        "apiVersion: nexus/v1\nkind: Policy\nmetadata: {name: rules}\n"
        "spec:\n  folder: rules\n  categories: [order]\n");
  const std::string decision = "\n\ndecision := {\"allow\": true, \"deny\": []}\n";
  Write("d/rules/execute.rego", "package nexus.execute" + decision);
  Write("d/rules/execute_test.rego",
        "package nexus.execute_test\n\ntest_it if data.nexus.execute.decision.allow\n");
  const Outcome good = Check({At("d")});
  EXPECT_EQ(good.code, 0) << good.out;
  EXPECT_THAT(good.out, Not(HasSubstr("POLICY")));

  Write("d/rules/more.rego", "package nexus.register_schema" + decision);
  const Outcome more = Check({At("d")});
  EXPECT_EQ(more.code, 100);
  EXPECT_THAT(more.out, HasSubstr("policy.yaml:5: error: POLICY_OPERATION: a domain's policies "
                                  "decide append and execute alone; these decide "
                                  "register_schema, too"));
  Remove("d/rules/more.rego");
  Write("d/rules/execute.rego", "package nexus.execute\n");
  Write("d/rules/execute_test.rego", "package nexus.execute_test\n\ntest_it if true\n");
  EXPECT_THAT(Check({At("d")}).out, HasSubstr("policy.yaml:5: error: POLICY_NOT_LOADABLE: no rule "
                                              "data.nexus.<operation>.decision"));
  Write("d/rules/execute.rego", "package nexus.execute\n\nallow := nobody\n");
  EXPECT_THAT(Check({At("d")}).out,
              HasSubstr("rules/execute.rego:3: error: POLICY_INVALID: rego_unsafe_var_error"));
  Write("d/rules/execute.rego", "package nexus.execute" + decision);
  Write("d/rules/execute_test.rego", "package nexus.execute_test\n\ntest_it if false\n");
  EXPECT_THAT(Check({At("d")}).out, HasSubstr("rules/execute_test.rego:3: error: "
                                              "POLICY_TEST_FAILED"));
}

TEST_F(CheckTest, TheFolderOfADomainsPolicyIsNotTheServers) {
  if (!HasOpa()) return;
  Write("d/domains/shop/domain.yaml",
        "apiVersion: nexus/v1\nkind: Domain\nmetadata: {name: shop}\n");
  Write("d/domains/shop/policy.yaml",
        "apiVersion: nexus/v1\nkind: Policy\nmetadata: {name: rules}\n"
        "spec: {categories: [order]}\n");
  const std::string schema =
      "package nexus.register_schema\n\n"
      "decision := {\"allow\": true, \"deny\": []}\n";
  Write("d/policies/schemas.rego", schema);
  Write("d/domains/shop/policies/schemas.rego", schema);
  const Outcome outcome = Check({At("d"), "--only", "policies"});
  EXPECT_EQ(outcome.code, 100);
  EXPECT_THAT(outcome.out, HasSubstr("domains/shop/policy.yaml:4: error: POLICY_OPERATION"));
  EXPECT_THAT(outcome.out, HasSubstr("d/policies: warning: NO_POLICY_TESTS"));
  Remove("d/domains/shop/policies/schemas.rego");
  EXPECT_THAT(Check({At("d"), "--only", "policies"}).out,
              HasSubstr("domains/shop/policy.yaml:4: error: POLICY_NOT_LOADABLE: no *.rego file"));
}

TEST_F(CheckTest, ADomainIsCheckedWithoutOpaButForItsPolicies) {
  Write("d/domain.yaml", "apiVersion: nexus/v1\nkind: Domain\nmetadata: {name: shop}\n");
  Write("d/policy.yaml", "apiVersion: nexus/v1\nkind: Policy\nmetadata: {name: rules}\nspec: {}\n");
  Write("d/policies/a.rego", "package nexus.execute\n");
  const Outcome outcome = Check({At("d"), "--opa", "/nowhere/opa"});
  EXPECT_EQ(outcome.code, 100);
  EXPECT_THAT(outcome.out, HasSubstr("note: POLICIES_NOT_CHECKED"));
  EXPECT_THAT(outcome.out, HasSubstr("policy.yaml:4: error: DOMAIN_DECLARATION"));
  EXPECT_THAT(outcome.out, HasSubstr("categories must say what this is about"));
}

TEST_F(CheckTest, AMissingOpaIsSaid) {
  Write("d/policies/a.rego", "package a\n");
  const Outcome outcome = Check({At("d"), "--opa", "/nowhere/opa"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out,
              HasSubstr("note: POLICIES_NOT_CHECKED: the program opa is not installed"));
  EXPECT_EQ(Check({At("d"), "--opa", "/nowhere/opa", "--require-opa"}).code, 1);
}

TEST_F(CheckTest, TheDeclaredGraphIsChecked) {
  Write("d/schemas/OrderPlaced.json", "{}");
  Write("d/graph.yaml",
        "services:\n  orders:\n    publishes: [OrderPlaced]\n    calls: [billing]\n"
        "  billing:\n    consumes: [OrderPlaced, OrderShipped]\n");
  const Outcome outcome = Check({At("d")});
  EXPECT_EQ(outcome.code, 100);
  EXPECT_THAT(outcome.out, HasSubstr("graph.yaml:4: error: DIRECT_CALL at orders calls billing"));
  EXPECT_THAT(outcome.out, HasSubstr("graph.yaml:6: error: NOT_PUBLISHED"));
  EXPECT_THAT(outcome.out, HasSubstr("graph.yaml:6: error: NO_SCHEMA"));
  EXPECT_EQ(Check({At("d"), "--only", "schemas"}).code, 0);
  Write("d/graph.yaml", "services: [a]\n");
  EXPECT_THAT(Check({At("d")}).out,
              HasSubstr("graph.yaml:1: error: DECLARATION_INVALID: services is not a map"));
}

TEST_F(CheckTest, FaultsInTheCommandAreNoFindings) {
  Write("d/schemas/a.json", "{}");
  EXPECT_EQ(Check({}).code, 2);
  EXPECT_EQ(Check({At("d"), "--only", "everything"}).code, 2);
  EXPECT_EQ(Check({At("d"), "--format", "pdf"}).code, 2);
  EXPECT_EQ(Check({At("d"), "--format", "sarif="}).code, 2);
  EXPECT_EQ(Check({At("d"), "--format", "sarif", "--format", "junit"}).code, 2);
  EXPECT_EQ(Check({At("d"), "--mode", "SIDEWAYS"}).code, 2);
  EXPECT_EQ(Check({At("d"), "--against", At("d"), "--registered"}).code, 2);
  EXPECT_EQ(Check({At("none")}).code, 3);
  EXPECT_EQ(Check({At("d"), "--against", At("none")}).code, 3);
  EXPECT_EQ(Check({At("d"), "--against", At(std::string(300, 'a'))}).code, 3);
  Write("empty/readme.txt", "");
  const Outcome empty = Check({At("empty")});
  EXPECT_EQ(empty.code, 3);
  EXPECT_THAT(empty.err, HasSubstr("holds nothing to check"));
}

TEST(PointerLine, IsThatOfTheLastPartThatIsThere) {
  const std::string json = "{\n \"a\": {\n  \"b\": [\n   1,\n   {\"c~/d\": 2}\n  ]\n }\n}";
  EXPECT_EQ(LineOfPointer(json, ""), 1u);
  EXPECT_EQ(LineOfPointer(json, "/a"), 2u);
  EXPECT_EQ(LineOfPointer(json, "/a/b/1"), 5u);
  EXPECT_EQ(LineOfPointer(json, "/a/b/1/c~0~1d"), 5u);
  EXPECT_EQ(LineOfPointer(json, "/a/gone/b"), 2u);
  EXPECT_EQ(LineOfPointer("{\"a\": [", "/a"), 0u);
}

}  // namespace
}  // namespace nexus::cli
