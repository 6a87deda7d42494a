// `format`: an annotation unless it is asked for; the optional cases of the official suite.

#include "schema/json/format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fake/requirement.h"
#include "official_suite.h"
#include "schema/json/json_schema_validator.h"

namespace nexus::schema {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

size_t ViolationsOf(const SchemaSource& source, absl::string_view data, bool assert_formats) {
  JsonSchemaOptions options;
  options.assert_formats = assert_formats;
  const auto compiled = JsonSchemaValidator(options).Compile(source);
  EXPECT_TRUE(compiled.ok()) << compiled.status();
  const auto violations = (*compiled)->Validate(data, 10);
  EXPECT_TRUE(violations.ok());
  return violations.ok() ? violations->size() : 0;
}

TEST(Format, IsAnAnnotationUnlessAskedFor) {
  EXPECT_EQ(ViolationsOf(R"({"format":"date"})", "\"x\"", false), 0u);
  EXPECT_EQ(ViolationsOf(R"({"format":"date"})", "\"x\"", true), 1u);
  EXPECT_EQ(ViolationsOf(R"({"format":"date"})", "1", true), 0u);
  EXPECT_EQ(ViolationsOf(R"({"format":"whatever"})", "\"x\"", true), 0u);
}

TEST(Format, IsAssertedWhereTheMetaschemaDemandsIt) {
  const std::string schema = R"({"$schema":"http://x/meta","format":"date"})";
  const auto meta = [](const char* draft, const char* vocabulary, const char* demanded) {
    return std::vector<SchemaReference>{
        {"http://x/meta", absl::StrCat(R"({"$schema":"https://json-schema.org/draft/)", draft,
                                       R"(/schema","$vocabulary":{"https://json-schema.org/draft/)",
                                       draft, "/vocab/", vocabulary, "\":", demanded, "}}")}};
  };
  EXPECT_EQ(ViolationsOf({schema, meta("2020-12", "format-assertion", "false")}, "\"x\"", false),
            1u);
  EXPECT_EQ(ViolationsOf({schema, meta("2020-12", "format-annotation", "true")}, "\"x\"", false),
            0u);
  EXPECT_EQ(ViolationsOf({schema, meta("2019-09", "format", "true")}, "\"x\"", false), 1u);
  EXPECT_EQ(ViolationsOf({schema, meta("2019-09", "format", "false")}, "\"x\"", false), 0u);
}

TEST(Format, SaysWhatWasExpected) {
  JsonSchemaOptions options;
  options.assert_formats = true;
  const auto compiled = JsonSchemaValidator(options).Compile(R"({"format":"ipv4"})");
  const auto violations = (*compiled)->Validate("\"1.2.3\"", 10);
  ASSERT_THAT(*violations, SizeIs(1));
  EXPECT_EQ((*violations)[0].keyword, "format");
  EXPECT_EQ((*violations)[0].expected, "text of the format ipv4");
  EXPECT_EQ((*violations)[0].actual, "\"1.2.3\"");
}

struct TextCase {
  const char* format;
  const char* text;
  bool holds;
};
void PrintTo(const TextCase& c, std::ostream* os) { *os << c.format << ": " << c.text; }

class FormatOfText : public ::testing::TestWithParam<TextCase> {};

TEST_P(FormatOfText, IsJudged) {
  const Format* format = FindFormat(GetParam().format);
  ASSERT_NE(format, nullptr);
  EXPECT_EQ(format->holds(GetParam().text), GetParam().holds);
}

INSTANTIATE_TEST_SUITE_P(
    Edges, FormatOfText,
    ::testing::Values(
        TextCase{"date", "2000-02-29", true}, TextCase{"date", "1900-02-29", false},
        TextCase{"date", "", false}, TextCase{"date", "2024-13-01", false},
        TextCase{"date-time", "2016-12-31T23:59:60Z", true},
        TextCase{"date-time", "2017-01-01T00:59:60+01:00", true},
        TextCase{"date-time", "2017-01-01T00:58:60+01:00", false},
        TextCase{"date-time", "2017-01-01T00:58:50.Z", false},
        TextCase{"date-time", "2017-01-01T00:58:50", false}, TextCase{"duration", "P", false},
        TextCase{"duration", "PT", false}, TextCase{"duration", "P1Y2D", false},
        TextCase{"duration", "P1Y2M3DT4H5M6S", true}, TextCase{"duration", "P1M1Y", false},
        TextCase{"duration", "P2W", true}, TextCase{"duration", "P1Y2W", false},
        TextCase{"duration", "P1", false}, TextCase{"duration", "P1DT", false},
        TextCase{"duration", "PT0S", true}, TextCase{"hostname", "", false},
        TextCase{"hostname", "a.", false}, TextCase{"hostname", "a-b.c1", true},
        TextCase{"hostname", "-a", false}, TextCase{"ipv4", "255.0.0.1", true},
        TextCase{"ipv4", "256.0.0.1", false}, TextCase{"ipv4", "01.0.0.1", false},
        TextCase{"ipv4", "1.0.0.1.", false}, TextCase{"ipv6", "::", true},
        TextCase{"ipv6", "1::2::3", false}, TextCase{"ipv6", "::1.2.3.4", true},
        TextCase{"ipv6", "1.2.3.4::", false}, TextCase{"ipv6", "1:2:3:4:5:6:7::", true},
        TextCase{"ipv6", "1:2:3:4:5:6:7:8::", false}, TextCase{"ipv6", ":1:2:3:4:5:6:7", false},
        TextCase{"ipv6", "", false}, TextCase{"email", "a@b", true},
        TextCase{"email", "a@@b", false}, TextCase{"email", "\"a b@\"@c.d", true},
        TextCase{"email", "a@[IPv6:::1]", true}, TextCase{"email", "a@[1.2.3]", false},
        TextCase{"email", "\"a\"b\"@c", false}, TextCase{"email", ".a@b", false},
        TextCase{"email", "@b", false}, TextCase{"uri", "urn:a:b", true},
        TextCase{"uri", "//a", false}, TextCase{"uri", "http://[::1]:80/a?b#c", true},
        TextCase{"uri", "http://[::1", false}, TextCase{"uri", "http://a:b/", false},
        TextCase{"uri", "1a:b", false}, TextCase{"uri", "a:%4", false},
        TextCase{"uri", "a:#b#c", false}, TextCase{"uri", "http://[v1.a:b]/", true},
        TextCase{"uri-reference", "", true}, TextCase{"uri-reference", "a b", false},
        TextCase{"iri", "http://é/ü", true}, TextCase{"uri", "http://é/", false},
        TextCase{"uri-template", "/a{?b,c:3,d*}", true}, TextCase{"uri-template", "{", false},
        TextCase{"uri-template", "}", false}, TextCase{"uri-template", "{a:0}", false},
        TextCase{"uri-template", "{}", false},
        TextCase{"uuid", "2eb8aa08-AA98-11ea-B4aa-73b441d16380", true},
        TextCase{"uuid", "2eb8aa08-AA98-11ea-B4aa-73b441d1638", false},
        TextCase{"json-pointer", "/a~1", true}, TextCase{"json-pointer", "a", false},
        TextCase{"relative-json-pointer", "01", false},
        TextCase{"relative-json-pointer", "0#", true},
        TextCase{"relative-json-pointer", "/a", false}, TextCase{"regex", "(", false}));

struct DraftOfFormats {
  const char* folder;
  int passed;
  int differ;  // all in idn-hostname.json: internationalised names are taken as they are
};
void PrintTo(const DraftOfFormats& d, std::ostream* os) { *os << d.folder; }

class OptionalFormats : public ::testing::TestWithParam<DraftOfFormats> {};

TEST_P(OptionalFormats, OfTheOfficialSuiteHoldButForKnownOnes) {
  const std::string folder = absl::StrCat(GetParam().folder, "/optional/format");
  if (!fake::Require(std::filesystem::exists(SuiteFolder()), "no JSON Schema Test Suite")) return;
  JsonSchemaOptions options;
  options.default_draft = Draft::k7;
  options.assert_formats = true;
  int passed = 0;
  std::vector<std::string> failures;
  int differ = 0;
  for (const SuiteGroup& group : ReadSuite(folder)) {
    const auto compiled = JsonSchemaValidator(options).Compile(group.schema);
    ASSERT_TRUE(compiled.ok()) << group.description << compiled.status();
    for (const SuiteCase& test : group.cases) {
      const auto violations = (*compiled)->Validate(test.data, 1);
      const std::string name = absl::StrCat(group.file, ": ", test.description);
      if (violations.ok() && violations->empty() == test.valid) {
        ++passed;
      } else if (group.file == "idn-hostname.json") {
        ++differ;
      } else {
        failures.push_back(name);
      }
    }
  }
  std::printf("%s: %d cases passed, %d differ\n", folder.c_str(), passed, differ);
  EXPECT_THAT(failures, IsEmpty());
  EXPECT_EQ(passed, GetParam().passed);
  EXPECT_EQ(differ, GetParam().differ);
}

INSTANTIATE_TEST_SUITE_P(Drafts, OptionalFormats,
                         ::testing::Values(DraftOfFormats{"draft4", 151, 0},
                                           DraftOfFormats{"draft6", 212, 0},
                                           DraftOfFormats{"draft7", 394, 29},
                                           DraftOfFormats{"draft2019-09", 442, 29},
                                           DraftOfFormats{"draft2020-12", 449, 29}));

}  // namespace
}  // namespace nexus::schema
