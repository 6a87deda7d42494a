#include "cli/domain_folder.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "fake/temp_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kDomain[] = "apiVersion: nexus/v1\nkind: Domain\nmetadata: {name: library}\n";

std::string Declaration(const std::string& kind, const std::string& name,
                        const std::string& spec = "{}") {
  return "apiVersion: nexus/v1\nkind: " + kind + "\nmetadata: {name: " + name + "}\nspec: " + spec +
         "\n";
}

class DomainFolderTest : public ::testing::Test {
 protected:
  DomainFolderTest() { Write("domain.yaml", kDomain); }

  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path whole = std::filesystem::path(folder_.path()) / path;
    std::filesystem::create_directories(whole.parent_path());
    std::ofstream(whole, std::ios::binary) << text;
  }
  absl::StatusOr<DomainFolder> Read() { return ReadDomainFolder(folder_.path()); }

  // "FILE:LINE: message" of every fault.
  std::vector<std::string> Faults() {
    std::vector<std::string> faults;
    const auto read = Read();
    if (read.ok()) return faults;
    for (const Violation& one : DetailsOf(read.status()).violations) {
      faults.push_back(one.field + ": " + one.message);
    }
    return faults;
  }
  // What one declaration of the spec becomes.
  std::string SpecOf(const std::string& spec) {
    Write("a.yaml", "apiVersion: nexus/v1\nkind: Role\nmetadata: {name: r}\nspec: " + spec + "\n");
    const auto read = Read();
    if (!read.ok()) return std::string(read.status().message());
    const std::string& json = read->declarations.at(0).document.json;
    const size_t begin = json.find("\"spec\":") + 7;
    return json.substr(begin, json.size() - begin - 1);
  }

  fake::TempFolder folder_;
};

TEST_F(DomainFolderTest, TakesDeclarationsAndWhatTheyReferTo) {
  Write("schemas.yaml", Declaration("Schema", "LendBook", "{file: schemas/LendBook.json}"));
  Write("schemas/LendBook.json", "{}");
  Write("schemas/Unused.json", "{}");
  Write("aggregates/book.yml", Declaration("Aggregate", "book", "{script: aggregates/book.js}"));
  Write("aggregates/book.js", "export const initial = {};");
  Write("aggregates/rules.js", "export const days = 30;");
  const auto read = Read();
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->name, "library");
  ASSERT_THAT(read->declarations, SizeIs(2));
  EXPECT_EQ(read->declarations[0].path, "aggregates/book.yml");
  EXPECT_EQ(read->declarations[1].path, "schemas.yaml");
  EXPECT_EQ(read->declarations[1].document.json,
            R"({"apiVersion":"nexus/v1","kind":"Schema","metadata":{"name":"LendBook"},)"
            R"("spec":{"file":"schemas/LendBook.json"}})");
  ASSERT_THAT(read->files, SizeIs(3));
  EXPECT_EQ(read->files[0].path, "aggregates/book.js");
  EXPECT_EQ(read->files[1].path, "aggregates/rules.js");
  EXPECT_EQ(read->files[2].path, "schemas/LendBook.json");
  EXPECT_EQ(read->files[1].text, "export const days = 30;");
}

TEST_F(DomainFolderTest, PassesOverWhatIsNoPartOfIt) {
  Write("a.yaml", Declaration("Role", "r"));
  for (const char* path : {"README.yaml", ".hidden.yaml", ".git/x.yaml", "tests/case.yaml",
                           "tests/case.js", "policies/p.yaml", "node_modules/m/index.js"}) {
    Write(path, "[");
  }
  const auto read = Read();
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->declarations, SizeIs(1));
  EXPECT_THAT(read->files, IsEmpty());
}

TEST_F(DomainFolderTest, NumbersTheDocumentsOfAFile) {
  Write("a.yaml", "---\n" + Declaration("Role", "one") + "---\n" + Declaration("Role", "two") +
                      "---\n# nothing\n---\n" + Declaration("Role", "three"));
  const auto read = Read();
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_THAT(read->declarations, SizeIs(3));
  EXPECT_EQ(read->declarations[0].path, "a.yaml");
  EXPECT_EQ(read->declarations[1].path, "a.yaml.2");
  EXPECT_EQ(read->declarations[2].path, "a.yaml.3");
  EXPECT_EQ(read->declarations[2].name, "three");
  EXPECT_EQ(read->declarations[1].file, "a.yaml");
}

TEST_F(DomainFolderTest, KeepsTextAsTextAndNumbersAsTheyAreWritten) {
  EXPECT_EQ(SpecOf("{a: 1.50, b: -0, c: 1e3, d: 12345678901234567890}"),
            R"({"a":1.50,"b":-0,"c":1e3,"d":12345678901234567890})");
  EXPECT_EQ(SpecOf(R"({a: "1", b: '2.0', c: "true", d: !!str 4, e: "null", f: ""})"),
            R"({"a":"1","b":"2.0","c":"true","d":"4","e":"null","f":""})");
  EXPECT_EQ(SpecOf("{a: yes, b: off, c: 2026-01-31, d: 1.2.3, e: /id, f: 12:30, g: ., h: -}"),
            R"({"a":"yes","b":"off","c":"2026-01-31","d":"1.2.3","e":"/id","f":"12:30",)"
            R"("g":".","h":"-"})");
  EXPECT_EQ(SpecOf("{a: true, b: False, c: null, d: ~, e: }"),
            R"({"a":true,"b":false,"c":null,"d":null,"e":null})");
  EXPECT_EQ(SpecOf("\n  a: |\n    1\n  b: [[], {}, [x]]\n  \"k\\\"\": 1"),
            R"({"a":"1\n","b":[[],{},["x"]],"k\"":1})");
  EXPECT_EQ(SpecOf("{a: &x {y: 1}, b: *x}"), R"({"a":{"y":1},"b":{"y":1}})");
}

TEST_F(DomainFolderTest, RefusesWhatReadersOfYamlDisagreeAbout) {
  for (const char* value : {"007", "+5", ".5", "5.", "0x1F", "0o17", ".inf", "-.Inf", ".nan"}) {
    SpecOf(std::string("{a: ") + value + "}");
    EXPECT_THAT(Faults(), ElementsAre(HasSubstr("is no number of JSON"))) << value;
  }
  SpecOf("\n  a: 1\n  b: 2\n  a: 3");
  EXPECT_THAT(Faults(), ElementsAre("a.yaml:7: a is there twice"));
  SpecOf("{a: &x {y: 1}, b: {<<: *x}}");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("merge keys")));
  SpecOf("{a: !secret x}");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("the tag !secret")));
  SpecOf("{[1]: x}");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("a key is text")));
}

TEST_F(DomainFolderTest, BoundsWhatAliasesMake) {
  std::string bomb = "\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "  a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int k = 0; k < 8; ++k) bomb += ", " + last;
    bomb += "]\n";
  }
  SpecOf(bomb);
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("256 KiB")));
}

TEST_F(DomainFolderTest, NamesFileAndLineOfWhatIsWrong) {
  Write("a.yaml", Declaration("Role", "one") + "---\nkind: [unclosed\n");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("is not YAML")));
  EXPECT_THAT(Faults().at(0), ::testing::StartsWith("a.yaml:"));
  Write("a.yaml", Declaration("Agregate", "one") + "---\napiVersion: nexus/v2\nkind: Role\n");
  EXPECT_THAT(Faults(), ElementsAre("a.yaml:2: kind 'Agregate' is not known; known are Schema, "
                                    "Aggregate, Upcaster, Route, Policy, Role",
                                    "a.yaml:6: apiVersion 'nexus/v2' is not known; known is "
                                    "nexus/v1",
                                    "a.yaml:6: metadata.name is needed, as text",
                                    "a.yaml:6: spec is needed"));
  Write("a.yaml", Declaration("Role", "one") + "---\n" + Declaration("Role", "one"));
  EXPECT_THAT(Faults(), ElementsAre("a.yaml:8: Role one is declared at a.yaml:1 already"));
  Write("a.yaml", Declaration("Domain", "one"));
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("a Domain stands in the domain.yaml")));
  Write("a.yaml", std::string("a: \xFF\n"));
  EXPECT_THAT(Faults(), ElementsAre("a.yaml:1: is not UTF-8"));
}

TEST_F(DomainFolderTest, NamesAFileThatIsMissingOrElsewhere) {
  for (const char* path :
       {"none.js", "../secret", "/etc/passwd", "a//b", "a/../b", ".env", "a b"}) {
    Write("a.yaml", Declaration("Aggregate", "x", "\n  script: \"" + std::string(path) + "\""));
    EXPECT_THAT(Faults(), ElementsAre(::testing::StartsWith("a.yaml:5: "))) << path;
  }
  Write("a.yaml", Declaration("Aggregate", "x", "{script: x.js}"));
  std::filesystem::create_symlink("/etc/passwd", std::filesystem::path(folder_.path()) / "x.js");
  EXPECT_THAT(Faults(), ElementsAre("x.js: leads out of the folder"));
}

TEST_F(DomainFolderTest, RefusesPathsThatTheServerDoesNotTake) {
  Write("my role.yaml", Declaration("Role", "r"));
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("my role.yaml: a path is of")));
}

TEST_F(DomainFolderTest, NeedsADomainAndADeclaration) {
  EXPECT_THAT(std::string(Read().status().message()), HasSubstr("declares nothing"));
  Write("a.yaml", Declaration("Role", "r"));
  Write("domain.yaml", "apiVersion: nexus/v1\nkind: Domain\nmetadata: {name: Shop Floor}\n");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("domain.yaml:3: metadata.name 'Shop Floor'")));
  Write("domain.yaml", std::string(kDomain) + "---\n" + kDomain);
  EXPECT_THAT(Faults(), ElementsAre("domain.yaml: has 2 documents; it needs one"));
  std::filesystem::remove(std::filesystem::path(folder_.path()) / "domain.yaml");
  EXPECT_EQ(ReasonOf(Read().status()), ErrorReason::kNotFound);
  EXPECT_EQ(ReasonOf(ReadDomainFolder("/no/such/folder").status()), ErrorReason::kNotFound);
}

TEST_F(DomainFolderTest, GivesTheServersWordsTheirLines) {
  Write("a.yaml", Declaration("Role", "one") + "---\n" +
                      Declaration("Schema", "two", "\n  format: yaml\n  list: [1]"));
  const auto read = Read();
  ASSERT_TRUE(read.ok()) << read.status();
  ErrorDetails details;
  details.reason = ErrorReason::kSchemaInvalid;
  details.violations.resize(3);
  details.violations[0].field = "a.yaml.2";
  details.violations[0].pointer = "/spec/format";
  details.violations[1].field = "a.yaml.2";
  details.violations[1].pointer = "/spec/none/at/all";
  details.violations[2].field = "schemas/x.json";
  const absl::Status status = WithLines(MakeError("no", details), *read);
  EXPECT_EQ(ReasonOf(status), ErrorReason::kSchemaInvalid);
  const std::vector<Violation> found = DetailsOf(status).violations;
  EXPECT_EQ(found.at(0).field, "a.yaml:10");
  EXPECT_EQ(found.at(0).pointer, "/spec/format");
  EXPECT_EQ(found.at(1).field, "a.yaml:9");
  EXPECT_EQ(found.at(2).field, "schemas/x.json");
}

}  // namespace
}  // namespace nexus::cli
