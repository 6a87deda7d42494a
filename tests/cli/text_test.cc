#include <sstream>

#include "cli/digest.h"
#include "cli/error_catalogue.h"
#include "cli/event_text.h"
#include "cli/globals.h"
#include "cli/json.h"
#include "cli/json_parse.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "fake/manual_clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "nexus/core/time_text.h"

namespace nexus::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST(JsonTest, ObjectsKeepTheirOrder) {
  JsonObject json;
  json.Number("b", 18'446'744'073'709'551'615u).Bool("a", false).Real("c", 0.25);
  json.Real("d", 0.0 / 0.0).Raw("e", "[]");
  EXPECT_EQ(json.Take(), R"({"b":18446744073709551615,"a":false,"c":0.25,"d":null,"e":[]})");
  EXPECT_EQ(JsonObject().Take(), "{}");
  EXPECT_EQ(JsonArray({"1", "{}"}), "[1,{}]");
}

TEST(JsonTest, MinifiedNumbersKeepTheirDigits) {
  EXPECT_EQ(MinifiedJson("{ \"a\" : 1.50e3 ,\n\"b\": [ ] }"), R"({"a":1.50e3,"b":[]})");
  for (const char* bad : {"", "{", "nope", "{} {}", "\"\xff\""}) {
    EXPECT_EQ(MinifiedJson(bad), std::nullopt) << bad;
  }
}

TEST(ListingTest, AlignsByCharactersNotBytes) {
  std::ostringstream out;
  Listing listing(out, {}, {"NAME", "N"});
  const auto add = [&](const std::string& name) {
    listing.Add([&] { return std::vector<std::string>{name, "1"}; }, [] { return std::string(); });
  };
  add("\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc");
  add("x");
  listing.End();
  EXPECT_EQ(out.str(), "NAME   N\n\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc  1\nx      1\n");
}

TEST(ListingTest, PrintsMoreRowsThanItWaitsFor) {
  std::ostringstream out;
  Listing listing(out, {}, {"N"});
  for (int i = 0; i < 250; ++i) {
    listing.Add([] { return std::vector<std::string>{"wider than its column"}; },
                [] { return std::string(); });
  }
  listing.End();
  const std::string text = out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 251);
}

TEST(ListingTest, AnEmptyTableIsEmpty) {
  std::ostringstream out;
  Listing(out, {}, {"N"}).End();
  EXPECT_THAT(out.str(), IsEmpty());
}

TEST(PrintableTest, KeepsTheTerminalWhole) {
  EXPECT_EQ(Printable("a\x1b[31mb\nc"), "a [31mb c");
  EXPECT_EQ(Printable("\xc3\xbc\xc3\xbc\xc3\xbc", 2), "\xc3\xbc\xc3\xbc...");
  EXPECT_EQ(Printable("abc", 3), "abc");
}

TEST(TimeTextTest, IsRfc3339InUtc) {
  EXPECT_EQ(TimeText(Timestamp{1'700'000'000'000'001}), "2023-11-14T22:13:20.000001Z");
}

TEST(ParseDurationTest, TakesUnitsOrSeconds) {
  EXPECT_EQ(*ParseDuration("250ms"), absl::Milliseconds(250));
  EXPECT_EQ(*ParseDuration("1.5"), absl::Milliseconds(1'500));
  for (const char* bad : {"", "0", "-1s", "soon", "inf", "nan", "1e300"}) {
    EXPECT_FALSE(ParseDuration(bad).ok()) << bad;
  }
}

TEST(DigestTest, IsSha256AndMayBeAskedOnTheWay) {
  Digest digest;
  digest.Add("ab");
  const std::string early = digest.Value();
  digest.Add("c");
  EXPECT_EQ(absl::string_view(digest.Value()).substr(0, 4), "\xba\x78\x16\xbf");
  EXPECT_NE(digest.Value(), early);
  const Digest copy(digest);
  EXPECT_EQ(copy.Value(), digest.Value());
  const UuidBytes id = UuidOf(digest.Value());
  EXPECT_EQ(id[6] >> 4, 8);
  EXPECT_EQ(id[8] >> 6, 2);
}

TEST(ErrorCatalogueTest, ExplainsEveryReasonOfTheContract) {
  const std::vector<ReasonEntry> entries = AllReasons();
  EXPECT_GE(entries.size(), 35u);
  for (const ReasonEntry& entry : entries) {
    EXPECT_EQ(ReasonName(static_cast<ErrorReason>(entry.number)), entry.name);
    EXPECT_THAT(entry.explanation, Not(IsEmpty())) << entry.name;
    EXPECT_THAT(entry.code, Not(IsEmpty())) << entry.name;
  }
}

TEST(ErrorCatalogueTest, ReadsTraitsAndComments) {
  const auto entries = ParseReasons(
      "enum E {\n  // Zero.\n  ERROR_REASON_UNSPECIFIED = 0;\n\n  // One\n  // thing.\n"
      "  ERROR_REASON_A = 1 [(traits) = {code: \"NOT_FOUND\", retriable: true}];\n}\n");
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0].name, "A");
  EXPECT_EQ(entries[0].code, "NOT_FOUND");
  EXPECT_TRUE(entries[0].retriable);
  EXPECT_EQ(entries[0].explanation, "One thing.");
}

TEST(ProgressTest, IsABarOnATerminal) {
  std::ostringstream err;
  fake::ManualClock clock;
  Progress progress(err, true, 200, clock);
  progress.Update(50, 10);
  progress.Update(60, 11);  // too soon
  EXPECT_THAT(err.str(), HasSubstr("[#######.......................]  25 %  10 events"));
  EXPECT_THAT(err.str(), Not(HasSubstr("11 events")));
  progress.End();
  EXPECT_THAT(err.str(), ::testing::EndsWith("\r\x1b[K"));
}

TEST(ProgressTest, IsALineEveryTenSecondsElsewhere) {
  std::ostringstream err;
  fake::ManualClock clock;
  Progress progress(err, false, 0, clock);
  progress.Update(1, 1);
  EXPECT_THAT(err.str(), IsEmpty());
  clock.Advance(absl::Seconds(10));
  progress.Update(2, 20);
  EXPECT_EQ(err.str(), "20 events, 2/s\n");
  progress.End();
  EXPECT_EQ(err.str(), "20 events, 2/s\n");
}

}  // namespace
}  // namespace nexus::cli
