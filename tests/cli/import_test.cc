#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "cli/cli_fixture.h"
#include "cli/import_cursor.h"
#include "cli/import_line.h"
#include "cli/importer.h"
#include "gmock/gmock.h"
#include "nexus/core/errors.h"

namespace nexus::cli {
namespace {

using ::nexus::testing::RichError;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr auto kJsonLines = ImportFormat::kJsonLines;
constexpr auto kCloudEvents = ImportFormat::kCloudEvents;

TEST(ImportLineTest, TakesEveryField) {
  const auto line = ParseImportLine(kJsonLines, R"({"stream":"a-1","type":"t",
    "data":{"n": 12345678901234567890123, "x":[1, 2]},"id":"i","tags":["x","y"],
    "metadata":{"k\n":"v"},"schema_version":2,"content_type":"application/json",
    "routing":{"criticality":"low","business_impact":0.5,"requires_ordering":true,
    "max_latency_ms":7},"correlation_id":"c","causation_id":"d","traceparent":"e",
    "tracestate":"f"})");
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->stream, "a-1");
  EXPECT_EQ(line->event.data, R"({"n": 12345678901234567890123, "x":[1, 2]})");
  EXPECT_EQ(line->event.event_id, "i");
  EXPECT_THAT(line->event.tags, ElementsAre("x", "y"));
  EXPECT_THAT(line->event.metadata, ElementsAre(Pair("k\n", "v")));
  EXPECT_EQ(line->event.schema_version, 2u);
  const RoutingHints hints{Criticality::kLow, 0.5, true, 7};
  EXPECT_EQ(line->event.routing, hints);
  EXPECT_EQ(line->event.correlation_id, "c");
  EXPECT_EQ(line->event.tracestate, "f");
}

TEST(ImportLineTest, DataMayBeAnyJsonOrBytes) {
  for (const char* data : {"1.50", "\"text\"", "null", "true", "[]"}) {
    const auto line = ParseImportLine(
        kJsonLines, absl::StrCat(R"({"stream":"a","data":)", data, R"(,"type":"t"})"));
    ASSERT_TRUE(line.ok()) << data << line.status();
    EXPECT_EQ(line->event.data, data);
  }
  const auto bytes =
      ParseImportLine(kJsonLines, R"({"stream":"a","type":"t","data_base64":"AP8="})");
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(bytes->event.data, std::string("\0\xff", 2));
}

TEST(ImportLineTest, RefusesWhatItWouldLoseOrGuess) {
  for (const char* line : {"",
                           "[]",
                           "{",
                           "1",
                           R"({"stream":"a","type":"t"})",
                           R"({"stream":"a","data":1})",
                           R"({"type":"t","data":1})",
                           R"({"stream":"a","type":"t","data":1,"tagz":[]})",
                           R"({"stream":1,"type":"t","data":1})",
                           R"({"stream":"a","type":"t","data":1,"tags":"x"})",
                           R"({"stream":"a","type":"t","data":1,"tags":[1]})",
                           R"({"stream":"a","type":"t","data":1,"metadata":{"k":1}})",
                           R"({"stream":"a","type":"t","data":1,"metadata":[]})",
                           R"({"stream":"a","type":"t","data":1,"routing":{"criticality":"huge"}})",
                           R"({"stream":"a","type":"t","data":1,"routing":{"speed":1}})",
                           R"({"stream":"a","type":"t","data":1,"routing":{"max_latency_ms":-1}})",
                           R"({"stream":"a","type":"t","data":1,"schema_version":-1})",
                           R"({"stream":"a","type":"t","data_base64":"*"})",
                           R"({"stream":"a","type":"t","data":1} x)",
                           "{\"stream\":\"\xff\",\"type\":\"t\",\"data\":1}"}) {
    const auto parsed = ParseImportLine(kJsonLines, line);
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << line;
  }
}

TEST(ImportLineTest, ACloudEventBecomesAnEventOfItsSubject) {
  const auto line = ParseImportLine(kCloudEvents, R"({"specversion":"1.0","id":"77","source":"/s",
    "type":"t","subject":"a-1","time":"2026-01-01T00:00:00Z","datacontenttype":"application/json",
    "nexuscorrelationid":"c","traceparent":"p","count":3,"data":{"n":1}})");
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->stream, "a-1");
  EXPECT_EQ(line->event.data, R"({"n":1})");
  EXPECT_EQ(line->event.correlation_id, "c");
  EXPECT_THAT(line->event.metadata,
              ElementsAre(Pair("ce_source", "/s"), Pair("ce_time", "2026-01-01T00:00:00Z"),
                          Pair("ce_count", "3"), Pair("ce_id", "77")));
  EXPECT_TRUE(ParseUuid(line->event.event_id).ok());
}

TEST(ImportLineTest, CloudEventIdsAreOfSourceAndIdTogether) {
  const auto id_of = [](const std::string& source, const std::string& id) {
    return ParseImportLine(kCloudEvents,
                           absl::StrCat(R"({"specversion":"1.0","id":")", id, R"(","source":")",
                                        source, R"(","type":"t","subject":"a"})"))
        ->event.event_id;
  };
  EXPECT_EQ(id_of("a", "1"), id_of("a", "1"));
  EXPECT_NE(id_of("a", "1"), id_of("b", "1"));
  EXPECT_NE(id_of("a", "11"), id_of("a1", "1"));
  EXPECT_EQ(id_of("a", "0190aaaa-0000-7000-8000-000000000001"),
            "0190aaaa-0000-7000-8000-000000000001");
}

TEST(ImportLineTest, RefusesACloudEventOfAnotherVersionOrWithoutItsParts) {
  for (const char* line :
       {R"({"specversion":"0.3","id":"1","source":"s","type":"t","subject":"a"})",
        R"({"specversion":"1.0","source":"s","type":"t","subject":"a"})",
        R"({"specversion":"1.0","id":"1","type":"t","subject":"a"})",
        R"({"specversion":"1.0","id":"1","source":"s","type":"t"})",
        R"({"specversion":"1.0","id":"1","source":"s","subject":"a"})"}) {
    EXPECT_FALSE(ParseImportLine(kCloudEvents, line).ok()) << line;
  }
}

std::string Lines(int from, int to, const std::string& stream = "a") {
  std::string text;
  for (int i = from; i < to; ++i) {
    absl::StrAppend(&text, R"({"stream":")", stream, R"(","type":"t","data":{"n":)", i, "}}\n");
  }
  return text;
}

class ImportTest : public CliFixture {
 protected:
  Outcome Import(const std::string& path, std::vector<std::string> more = {}) {
    std::vector<std::string> line = {"import", path, "--batch", "10", "-o", "json"};
    line.insert(line.end(), more.begin(), more.end());
    return Run(line);
  }
  // Refuses commits that hold the event {"n":13}, as a schema would.
  void RefuseThirteen() {
    const auto gate = [](const v1::AppendRequest& request) {
      for (const auto& event : request.streams(0).events()) {
        if (event.data() == R"({"n":13})") {
          return RichError(grpc::StatusCode::INVALID_ARGUMENT, "SCHEMA_VIOLATION", "unlucky");
        }
      }
      return grpc::Status::OK;
    };
    server_.SetAppendGate(gate);
    server_.SetCheckGate(gate);
  }
  std::vector<std::string> StoredData() {
    std::vector<std::string> data;
    for (const v1::Event& event : server_.events()) data.push_back(event.data());
    return data;
  }
};

TEST_F(ImportTest, StoresLinesInOrderInBatches) {
  const Outcome outcome = Import(WriteFile("e.jsonl", Lines(0, 25)));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(server_.appends(), SizeIs(3));
  ASSERT_THAT(server_.events(), SizeIs(25));
  EXPECT_EQ(server_.events()[24].data(), R"({"n":24})");
  EXPECT_THAT(outcome.out, HasSubstr(R"("stored":25,"repeated":0,"skipped":0)"));
}

TEST_F(ImportTest, AgainStoresNothingTwice) {
  const std::string path = WriteFile("e.jsonl", Lines(0, 25));
  ASSERT_EQ(Import(path).code, 0);
  const Outcome outcome = Import(path);
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(server_.events(), SizeIs(25));
  EXPECT_THAT(outcome.out, HasSubstr(R"("repeated":25)"));
}

TEST_F(ImportTest, AnInputThatHasGrownStoresOnlyWhatIsNew) {
  ASSERT_EQ(Import(WriteFile("e.jsonl", Lines(0, 20))).code, 0);
  ASSERT_EQ(Import(WriteFile("e.jsonl", Lines(0, 30))).code, 0);
  EXPECT_THAT(server_.events(), SizeIs(30));
}

TEST_F(ImportTest, StandardInputGivesTheSameIdsAsAFile) {
  ASSERT_EQ(Import(WriteFile("e.jsonl", Lines(0, 25))).code, 0);
  EXPECT_EQ(Run({"import", "-", "--batch", "10"}, Lines(0, 25)).code, 0);
  EXPECT_THAT(server_.events(), SizeIs(25));
}

TEST_F(ImportTest, AnEmptyInputAndBlankLinesAreFine) {
  EXPECT_EQ(Import(WriteFile("e.jsonl", "")).code, 0);
  EXPECT_EQ(Import(WriteFile("e.jsonl", "\n  \n\n")).code, 0);
  EXPECT_THAT(server_.appends(), IsEmpty());
}

TEST_F(ImportTest, TheLastLineNeedsNoNewline) {
  std::string text = Lines(0, 3);
  text.pop_back();
  EXPECT_EQ(Import(WriteFile("e.jsonl", text)).code, 0);
  EXPECT_THAT(server_.events(), SizeIs(3));
}

TEST_F(ImportTest, StopsAtTheFirstBadLineAndKeepsWhatWasBefore) {
  const Outcome outcome = Import(WriteFile("e.jsonl", Lines(0, 10) + "nonsense\n" + Lines(11, 20)));
  EXPECT_EQ(outcome.code, 8);
  EXPECT_THAT(outcome.err, HasSubstr("line 11: MALFORMED_JSON"));
  EXPECT_THAT(server_.events(), SizeIs(10));
}

TEST_F(ImportTest, SkipsBadLinesAndReportsThem) {
  const std::string report = folder_ + "/report.jsonl";
  const Outcome outcome = Import(WriteFile("e.jsonl", Lines(0, 5) + "nonsense\n" + Lines(6, 20)),
                                 {"--on-error", "skip", "--report", report});
  EXPECT_EQ(outcome.code, 8);
  EXPECT_THAT(server_.events(), SizeIs(19));
  EXPECT_THAT(ReadFile(report), HasSubstr(R"({"line":6,"error":{"reason":"MALFORMED_JSON")"));
}

TEST_F(ImportTest, LeavesOutTheEventThatIsRefusedAndStoresItsNeighbours) {
  RefuseThirteen();
  const std::string path = WriteFile("e.jsonl", Lines(0, 20));
  const Outcome outcome = Import(path, {"--on-error", "skip"});
  EXPECT_EQ(outcome.code, 8);
  EXPECT_THAT(outcome.err, HasSubstr("line 14: SCHEMA_VIOLATION: unlucky"));
  EXPECT_THAT(server_.events(), SizeIs(19));
}

TEST_F(ImportTest, StopsAtARefusalUnlessToldToSkip) {
  RefuseThirteen();
  const Outcome outcome = Import(WriteFile("e.jsonl", Lines(0, 20)));
  EXPECT_EQ(outcome.code, 8);
  EXPECT_THAT(server_.events(), SizeIs(10));
}

TEST_F(ImportTest, ARefusalOfTheFirstBatchIsNoPartialSuccess) {
  RefuseThirteen();
  EXPECT_EQ(Import(WriteFile("e.jsonl", Lines(13, 20))).code, 5);
}

TEST_F(ImportTest, GoesOnFromItsCursor) {
  const std::string cursor = folder_ + "/cursor";
  const std::string path = WriteFile("e.jsonl", Lines(0, 25));
  RefuseThirteen();
  EXPECT_EQ(Import(path, {"--cursor", cursor}).code, 8);
  server_.SetAppendGate(nullptr);
  const size_t before = server_.appends().size();
  const Outcome outcome = Import(path, {"--cursor", cursor});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("going on after line 10"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("lines":25,"batches":3,"stored":25)"));
  EXPECT_EQ(server_.appends().size(), before + 2);
  EXPECT_THAT(server_.events(), SizeIs(25));
}

TEST_F(ImportTest, ACursorOfAnotherInputIsRefused) {
  const std::string cursor = folder_ + "/cursor";
  ASSERT_EQ(Import(WriteFile("e.jsonl", Lines(0, 20)), {"--cursor", cursor}).code, 0);
  EXPECT_EQ(Import(WriteFile("f.jsonl", Lines(5, 25)), {"--cursor", cursor}).code, 1);
  EXPECT_EQ(Import(WriteFile("g.jsonl", ""), {"--cursor", cursor}).code, 1);
  WriteFile("cursor", "{}");
  EXPECT_EQ(Import(WriteFile("e.jsonl", Lines(0, 20)), {"--cursor", cursor}).code, 1);
}

TEST_F(ImportTest, AnInterruptedImportEndsBetweenBatches) {
  stop_.Request();
  EXPECT_EQ(Import(WriteFile("e.jsonl", Lines(0, 25))).code, 130);
  EXPECT_THAT(server_.events(), IsEmpty());
}

TEST_F(ImportTest, OutputOfReadCanBeImportedAgain) {
  server_.Store("a-1", "t", R"({"n":1})");
  server_.Store("b-1", "u", R"([2])");
  const std::string exported = Run({"read", "-o", "jsonl"}).out;
  EXPECT_EQ(Import(WriteFile("e.jsonl", exported)).code, 0);
  EXPECT_THAT(StoredData(), ElementsAre(R"({"n":1})", "[2]", R"({"n":1})", "[2]"));
}

TEST_F(ImportTest, ABatchOfSeveralStreamsIsOneCommit) {
  ASSERT_EQ(
      Import(WriteFile("e.jsonl", Lines(0, 2, "a") + Lines(2, 4, "b") + Lines(4, 5, "a"))).code, 0);
  const v1::AppendRequest commit = server_.appends().at(0);
  ASSERT_EQ(commit.streams_size(), 2);
  EXPECT_EQ(commit.streams(0).events_size(), 3);
}

TEST_F(ImportTest, AnImportOfAMissingFileIsNotFound) {
  EXPECT_EQ(Import(folder_ + "/none").code, 3);
}

TEST(ImportCursorTest, ComesBackAsItWas) {
  const std::string path = ::testing::TempDir() + "nexusctl-cursor-test";
  const ImportCursor cursor{"jsonl", 500, 1'000, 20, 2, 18, 2, "ab"};
  ASSERT_TRUE(SaveCursor(path, cursor).ok());
  EXPECT_EQ(**LoadCursor(path), cursor);
  std::filesystem::remove(path);
  EXPECT_EQ(*LoadCursor(path), std::nullopt);
}

}  // namespace
}  // namespace nexus::cli
