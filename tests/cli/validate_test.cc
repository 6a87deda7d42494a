// nexusctl schema validate --schema: data against a schema from a file, without a server.

#include <algorithm>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "cli/cli_fixture.h"
#include "cli/line_reader.h"
#include "gmock/gmock.h"

namespace nexus::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

size_t LinesIn(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

class ValidateTest : public CliFixture {
 protected:
  ValidateTest() { environment_["NEXUS_SERVER"] = "127.0.0.1:1"; }

  Outcome Validate(std::vector<std::string> rest, const std::string& input = "") {
    std::vector<std::string> line = {"schema", "validate", "--schema", schema_};
    line.insert(line.end(), rest.begin(), rest.end());
    return Run(line, input);
  }

  const std::string schema_ = WriteFile(
      "order.json", R"({"type":"object","required":["id"],"properties":{"id":{"type":"string"},)"
                    R"("total":{"type":"number","minimum":0}}})");
};

TEST_F(ValidateTest, ValidFilesAreExitCode0) {
  const std::string a = WriteFile("a.json", R"({"id":"1"})");
  const std::string b = WriteFile("b.json", "{\n\"id\":\"2\",\n\"total\":3}\n");
  const Outcome outcome = Validate({a, b});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr("2 documents, 0 invalid, 0 violations"));
  EXPECT_EQ(Validate({a, "-o", "json"}).out, "[]\n");
}

TEST_F(ValidateTest, EveryViolationIsPrintedWithItsPlace) {
  const std::string good = WriteFile("good.json", R"({"id":"1"})");
  const std::string bad = WriteFile("bad.json", R"({"id":1,"total":-2})");
  const Outcome json = Validate({good, bad, "-o", "jsonl"});
  EXPECT_EQ(json.code, 5);
  EXPECT_EQ(LinesIn(json.out), 2u);
  EXPECT_THAT(json.out, HasSubstr(absl::StrCat(R"({"file":")", bad, R"(","pointer":"/id")")));
  EXPECT_THAT(json.out, HasSubstr(R"("pointer":"/total","keyword":"minimum")"));
  EXPECT_THAT(json.out, Not(HasSubstr(R"("line")")));
  const Outcome text = Validate({bad, "-o", "table"});
  EXPECT_EQ(text.code, 5);
  EXPECT_THAT(text.out, HasSubstr(absl::StrCat(bad, ": minimum at /total: ")));
  EXPECT_THAT(text.out, HasSubstr("; expected "));
  EXPECT_THAT(text.out, HasSubstr("; actual -2\n"));
}

TEST_F(ValidateTest, LinesAreCountedAsInAnEditor) {
  const std::string content = "{\"id\":\"1\"}\r\n\n  \n{\"id\":2}\n{}";
  for (const char* name : {"data.jsonl", "data.ndjson"}) {
    const Outcome outcome = Validate({WriteFile(name, content)});
    EXPECT_EQ(outcome.code, 5);
    EXPECT_THAT(outcome.out, HasSubstr(R"("line":4,"pointer":"/id")"));
    EXPECT_THAT(outcome.out, HasSubstr(R"("line":5,"pointer":"","keyword":"required")"));
    EXPECT_THAT(outcome.err, HasSubstr("3 documents, 2 invalid, 2 violations"));
  }
  const std::string other = WriteFile("data.txt", content);
  EXPECT_THAT(Validate({other, "--lines"}).out, HasSubstr(R"("line":5)"));
  EXPECT_THAT(Validate({other}).out, HasSubstr("MALFORMED_JSON"));  // as one document
}

TEST_F(ValidateTest, StandardInputIsADocumentOrLines) {
  EXPECT_EQ(Validate({"-"}, R"({"id":"1"})").code, 0);
  EXPECT_THAT(Validate({"-", "--lines"}, "{\"id\":\"1\"}\n{}\n").out, HasSubstr(R"("line":2)"));
  EXPECT_EQ(Run({"schema", "validate", "--schema", "-", WriteFile("n.json", "5")}, "true").code, 0);
  EXPECT_EQ(Validate({"-", "-"}).code, 2);
  EXPECT_EQ(Run({"schema", "validate", "--schema", "-", "-"}, "true").code, 2);
}

TEST_F(ValidateTest, WhatIsNoJsonIsAViolationOfItsLine) {
  const Outcome outcome = Validate({"-", "--lines"}, "{\"id\":\"1\"}\n{\"id\":\n{\"id\":\"2\"}\n");
  EXPECT_EQ(outcome.code, 5);
  EXPECT_THAT(outcome.out, HasSubstr(R"("line":2,"pointer":"","keyword":"MALFORMED_JSON")"));
  EXPECT_EQ(LinesIn(outcome.out), 1u);
}

TEST_F(ValidateTest, EndsAtTheViolationsThatItMayPrint) {
  std::string content;
  for (int i = 0; i < 20; ++i) content += "{\"total\":-1}\n";  // two violations each
  const Outcome outcome = Validate({"-", "--lines", "--max-violations", "5"}, content);
  EXPECT_EQ(outcome.code, 5);
  EXPECT_EQ(LinesIn(outcome.out), 5u);
  EXPECT_THAT(outcome.err, HasSubstr("3 documents, 3 invalid, 5 violations; ended there"));
  EXPECT_EQ(Validate({"-", "--max-violations", "0"}, "{}").code, 2);
}

TEST_F(ValidateTest, ALineThatIsTooLongIsToldAndPassedOver) {
  std::string content = "{\"id\":\"";
  content.append(17 << 20, 'x');
  content += "\"}\n{\"id\":1}\n";
  const Outcome outcome = Validate({"-", "--lines"}, content);
  EXPECT_EQ(outcome.code, 5);
  EXPECT_THAT(outcome.out, HasSubstr(R"("line":1,"pointer":"","keyword":"LIMIT_EXCEEDED")"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("line":2,"pointer":"/id")"));
  EXPECT_LT(outcome.out.size(), 1'000u);
}

TEST_F(ValidateTest, ReferencesAreFiles) {
  const std::string money = WriteFile("money.json", R"({"type":"integer"})");
  const std::string schema =
      WriteFile("with.json", R"({"properties":{"m":{"$ref":"https://example.com/m=1"}}})");
  const std::vector<std::string> line = {"schema", "validate", "--schema", schema, "-"};
  EXPECT_EQ(Run(line, "{}").code, 5);  // SCHEMA_INVALID: nothing is fetched
  const auto with = [&](const std::string& reference, const std::string& data) {
    std::vector<std::string> arguments = line;
    arguments.insert(arguments.end(), {"--reference", reference});
    return Run(arguments, data).code;
  };
  EXPECT_EQ(with("https://example.com/m=1=" + money, R"({"m":1})"), 0);
  EXPECT_EQ(with("https://example.com/m=1=" + money, R"({"m":"1"})"), 5);
  EXPECT_EQ(with("name", "{}"), 2);
  EXPECT_EQ(with("name=", "{}"), 2);
  EXPECT_EQ(with("name=" + folder_ + "/none", "{}"), 3);
}

TEST_F(ValidateTest, AnInvalidSchemaNamesItsFile) {
  const std::string schema = WriteFile("broken.json", R"({"type":"nothing"})");
  const Outcome outcome = Run({"schema", "validate", "--schema", schema, "-"}, "{}");
  EXPECT_EQ(outcome.code, 5);
  EXPECT_THAT(outcome.err, StartsWith("error: SCHEMA_INVALID: " + schema));
}

TEST_F(ValidateTest, AvroAndProtobufAreBinaryFiles) {
  const std::string avro = WriteFile("n.avsc", R"("int")");
  const std::string proto =
      WriteFile("m.proto", "syntax = \"proto3\"; message M { string name = 1; }");
  const std::string datum = WriteFile("n.jsonl", "\n");  // 0x0A: the int 5, and no line
  const std::string message = WriteFile("m.bin", std::string("\x0a\x01x", 3));
  const auto validate = [&](const std::string& schema, const std::string& file) {
    return Run({"schema", "validate", "--schema", schema, file});
  };
  EXPECT_EQ(validate(avro, datum).code, 0);
  EXPECT_EQ(validate(proto, message).code, 0);
  EXPECT_EQ(validate(avro, message).code, 5);
  EXPECT_EQ(validate(proto, WriteFile("cut.bin", "\x0a\x05x")).code, 5);
  EXPECT_EQ(Run({"schema", "validate", "--schema", avro, "--lines", datum}).code, 2);
  const std::string unnamed = WriteFile("unnamed", R"("int")");
  EXPECT_EQ(Run({"schema", "validate", "--schema", unnamed, "--format", "avro", datum}).code, 0);
}

TEST_F(ValidateTest, UndeclaredFieldsAreViolationsWhereTheyAreRejected) {
  const std::string slip = WriteFile("slip.json", R"({"id":"1","totl":3})");
  EXPECT_EQ(Validate({slip}).code, 0);
  EXPECT_EQ(Validate({slip, "--undeclared", "ALLOW"}).code, 0);
  const Outcome rejected = Validate({slip, "--undeclared", "reject"});
  EXPECT_EQ(rejected.code, 5);
  EXPECT_THAT(rejected.out, HasSubstr(R"("pointer":"/totl","keyword":"undeclared")"));
  EXPECT_EQ(Validate({slip, "--undeclared", "WARN"}).code, 2);
}

TEST_F(ValidateTest, AProtobufFileRejectsUndeclaredFieldsUnlessToldOtherwise) {
  const std::string proto =
      WriteFile("m.proto", "syntax = \"proto3\"; message M { string name = 1; }");
  const std::string unknown = WriteFile("unknown.bin", "\x18\x01");
  const auto validate = [&](std::vector<std::string> rest) {
    std::vector<std::string> line = {"schema", "validate", "--schema", proto, unknown};
    line.insert(line.end(), rest.begin(), rest.end());
    return Run(line).code;
  };
  EXPECT_EQ(validate({}), 5);
  EXPECT_EQ(validate({"--undeclared", "REJECT"}), 5);
  EXPECT_EQ(validate({"--undeclared", "ALLOW"}), 0);
}

TEST_F(ValidateTest, TheFormsAreNotMixed) {
  for (const std::vector<std::string>& rest :
       std::vector<std::vector<std::string>>{{"placed"},
                                             {"placed", "a.json", "b.json"},
                                             {"placed", "a.json", "--lines"},
                                             {"placed", "a.json", "--report", "sarif"},
                                             {"--schema", "s.json"},
                                             {"--schema", "s.json", "--version", "1", "a.json"}}) {
    std::vector<std::string> line = {"schema", "validate"};
    line.insert(line.end(), rest.begin(), rest.end());
    EXPECT_EQ(Run(line).code, 2) << ::testing::PrintToString(line);
  }
}

TEST_F(ValidateTest, AFileThatIsNotThereIsExitCode3) {
  EXPECT_EQ(Validate({folder_ + "/none.json"}).code, 3);
  EXPECT_EQ(Validate({folder_ + "/none.jsonl"}).code, 3);
  EXPECT_EQ(Run({"schema", "validate", "--schema", folder_ + "/none", "-"}, "1").code, 3);
}

TEST_F(ValidateTest, StopsWhenInterrupted) {
  stop_.Request();
  EXPECT_EQ(Validate({"-", "--lines"}, "{}\n{}\n").code, 130);
}

std::vector<std::string> LinesOf(const std::string& text, size_t bytes_max = 100) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  LineReader reader(in, bytes_max);
  while (reader.Next()) {
    EXPECT_EQ(reader.number(), lines.size() + 1);
    lines.push_back(reader.text() + (reader.is_cut() ? "..." : ""));
  }
  return lines;
}

TEST(LineReaderTest, ALineEndsAtANewLineOrTheEnd) {
  EXPECT_THAT(LinesOf(""), IsEmpty());
  EXPECT_THAT(LinesOf("\n"), ElementsAre(""));
  EXPECT_THAT(LinesOf("a\n\nb"), ElementsAre("a", "", "b"));
  EXPECT_THAT(LinesOf("a\nb\n"), ElementsAre("a", "b"));
}

TEST(LineReaderTest, KeepsOnlyTheBeginningOfALongLine) {
  EXPECT_THAT(LinesOf("abcd\nef\n", 3), ElementsAre("abc...", "ef"));
  EXPECT_THAT(LinesOf("abc\n", 3), ElementsAre("abc"));
}

TEST(LineReaderTest, LinesCrossTheBlocksOfTheFile) {
  const std::string long_line(200'000, 'x');
  const std::vector<std::string> lines = LinesOf(long_line + "\nend\n" + long_line, 1 << 20);
  EXPECT_THAT(lines, ElementsAre(long_line, "end", long_line));
  // A new line that is the last byte of a block.
  const std::string block(65'535, 'y');
  EXPECT_THAT(LinesOf(block + "\nz", 1 << 20), ElementsAre(block, "z"));
}

}  // namespace
}  // namespace nexus::cli
