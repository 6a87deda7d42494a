// The same schemas and data given to avsc, an implementation of Avro by other people: what it
// encodes is valid here, and both see the same values.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "fake/requirement.h"
#include "schema/avro/compat/compare.h"
#include "schema/avro/datum_maker.h"
#include "schema/avro/datum_resolver.h"
#include "schema/avro/schema_parser.h"
#include "schema/json/json_compare.h"
#include "schema/json/json_document.h"

namespace nexus::schema {
namespace {

std::string AvscFolder() {
  const char* tools = std::getenv("NEXUS_TOOLS");
  const char* home = std::getenv("HOME");
  const std::string root = tools != nullptr && *tools != '\0'
                               ? std::string(tools)
                               : absl::StrCat(home == nullptr ? "" : home, "/.cache/nexus/tools");
  return root + "/avsc-5.7.9/node_modules/avsc";
}

struct Case {
  std::string writer;
  std::string reader;
  std::vector<std::string> data;
};

std::shared_ptr<const AvroSchema> Parsed(const std::string& text) {
  auto schema = ParseAvroSchema(text, {});
  return schema.ok() ? *std::move(schema) : nullptr;
}

std::vector<Case> MakeCases(size_t count) {
  std::vector<Case> cases;
  for (uint32_t seed = 0; cases.size() < count; ++seed) {
    DatumMaker maker(seed);
    const auto [writer, reader] = maker.Schema(seed % 2 == 1);
    const auto parsed = Parsed(writer);
    if (parsed == nullptr || Parsed(reader) == nullptr) continue;
    Case made{writer, reader, {}};
    for (int i = 0; i < 10; ++i) made.data.push_back(maker.Datum(*parsed->root));
    cases.push_back(std::move(made));
  }
  return cases;
}

std::string JsonOfCases(const std::vector<Case>& cases) {
  std::vector<std::string> texts;
  for (const Case& one : cases) {
    std::string text = "{\"schema\":";
    AppendQuoted(text, one.writer);
    text += ",\"reader\":";
    AppendQuoted(text, one.reader);
    std::vector<std::string> data;
    for (const std::string& datum : one.data) {
      data.push_back(absl::StrCat("\"", absl::BytesToHexString(datum), "\""));
    }
    texts.push_back(absl::StrCat(text, ",\"data\":[", absl::StrJoin(data, ","), "]}"));
  }
  return absl::StrCat("[", absl::StrJoin(texts, ",\n"), "]");
}

// One run of node for all tests.
class AvscOracle : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!std::filesystem::exists(AvscFolder()) || std::system("node --version >/dev/null") != 0) {
      return;
    }
    cases_ = new std::vector<Case>(MakeCases(400));
    const std::filesystem::path folder =
        std::filesystem::path(::testing::TempDir()) / absl::StrCat("avsc-", getpid());
    std::filesystem::create_directories(folder);
    const std::string in = (folder / "cases.json").string();
    const std::string out = (folder / "answers.json").string();
    std::ofstream(in) << JsonOfCases(*cases_);
    const std::string command =
        absl::StrCat("node ", ORACLE_SCRIPT, " ", AvscFolder(), " ", in, " ", out, " 2>&1");
    succeeded_ = std::system(command.c_str()) == 0;
    std::ifstream file(out);
    const std::string text((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
    auto document = JsonDocument::Parse(text, 512);
    if (document.ok()) answers_ = document->release();
    std::filesystem::remove_all(folder);
  }
  static void TearDownTestSuite() {
    delete cases_;
    delete answers_;
  }

  void SetUp() override {
    const std::string missing =
        absl::StrCat("no node, or no ", AvscFolder(), ": scripts/install test");
    if (!fake::Require(cases_ != nullptr, missing)) return;
    ASSERT_TRUE(succeeded_);
    ASSERT_NE(answers_, nullptr);
  }

  // Calls `look` for each case that avsc takes.
  template <typename Look>
  static void ForEachAnswer(Look look) {
    size_t index = 0;
    size_t taken = 0;
    for (const JsonElement answer : ItemsOf(answers_->root())) {
      const Case& one = (*cases_)[index++];
      if (!answer["error"].error()) continue;
      ++taken;
      look(one, answer);
      if (HasFailure()) return;
    }
    EXPECT_EQ(index, cases_->size());
    EXPECT_GT(taken, 350u);
  }

  static std::string Canonical(const std::string& json) {
    const auto document = JsonDocument::Parse(json, 512);
    return document.ok() ? CanonicalJson((*document)->root()) : "not JSON: " + json;
  }

  static inline std::vector<Case>* cases_ = nullptr;
  static inline const JsonDocument* answers_ = nullptr;
  static inline bool succeeded_ = false;
};

TEST_F(AvscOracle, SeesTheSameValues) {
  ForEachAnswer([](const Case& one, JsonElement answer) {
    const auto schema = CompiledAvro(one.writer);
    size_t index = 0;
    for (const JsonElement value : ItemsOf(answer["json"].value_unsafe())) {
      const auto json = schema->ToJson(one.data[index++]);
      ASSERT_TRUE(json.ok()) << one.writer;
      EXPECT_EQ(Canonical(*json), CanonicalJson(value)) << one.writer;
    }
    EXPECT_EQ(index, one.data.size());
  });
}

TEST_F(AvscOracle, EncodesWhatIsValidHere) {
  size_t data = 0;
  ForEachAnswer([&](const Case& one, JsonElement answer) {
    const auto schema = CompiledAvro(one.writer);
    for (const JsonElement made : ItemsOf(answer["random"].value_unsafe())) {
      const auto bytes = absl::HexStringToBytes(std::string(made["hex"].get_string().value()));
      const auto json = schema->ToJson(bytes);
      ASSERT_TRUE(json.ok()) << one.writer << " " << absl::BytesToHexString(bytes) << " "
                             << json.status();
      EXPECT_EQ(Canonical(*json), CanonicalJson(made["value"].value_unsafe())) << one.writer;
      ++data;
    }
  });
  EXPECT_GT(data, 1000u);
}

TEST_F(AvscOracle, WritesTheSameParsingCanonicalForm) {
  ForEachAnswer([](const Case& one, JsonElement answer) {
    EXPECT_EQ(CompiledAvro(one.writer)->schema().parsing_canonical_form,
              std::string(answer["canonical"].get_string().value()));
  });
}

TEST_F(AvscOracle, ReadsWithAnotherSchemaAlike) {
  size_t compatible = 0;
  size_t refused = 0;
  ForEachAnswer([&](const Case& one, JsonElement answer) {
    const auto verdict = JudgeAvro(
        {one.writer, one.reader}, {CompatibilityMode::kBackward, CompatibilityPolicy::kStrict, {}});
    const bool resolves = answer["resolves"].get_bool().value();
    EXPECT_EQ(verdict.compatible(), resolves) << one.writer << "\n"
                                              << one.reader << "\n"
                                              << RulesAndPathsOf(verdict);
    (resolves ? compatible : refused) += 1;
    if (!resolves || !verdict.compatible()) return;
    const auto resolver = DatumResolver::Make(Parsed(one.writer), Parsed(one.reader));
    size_t index = 0;
    for (const JsonElement value : ItemsOf(answer["resolved"].value_unsafe())) {
      const auto json = (*resolver)->ConvertToJson(one.data[index++]);
      ASSERT_TRUE(json.ok()) << json.status();
      EXPECT_EQ(Canonical(*json), CanonicalJson(value)) << one.writer << "\n" << one.reader;
    }
  });
  EXPECT_GT(compatible, 200u);
  EXPECT_GT(refused, 30u);
}

}  // namespace
}  // namespace nexus::schema
