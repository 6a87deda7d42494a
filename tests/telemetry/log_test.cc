#include "telemetry/log.h"

#include <cstdint>
#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "nexus/core/text.h"
#include "telemetry/log_line.h"

namespace nexus::telemetry {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kHead[] = "{\"time\":\"1970-01-01T00:00:00.000000Z\",\"level\":\"info\",";

// What follows the head of a line with these fields and the message "m".
std::string Fields(std::initializer_list<LogField> fields) {
  const std::string line =
      FormatLogLine(Timestamp{}, Level::kInfo, "m", {fields.begin(), fields.size()});
  const std::string head = std::string(kHead) + "\"message\":\"m\"";
  EXPECT_THAT(line, StartsWith(head));
  return line.substr(head.size());
}

TEST(LogLine, SaysWhenHowSevereAndWhat) {
  EXPECT_EQ(FormatLogLine(Timestamp{1'763'714'671'000'250}, Level::kWarning, "sink is away", {}),
            "{\"time\":\"2025-11-21T08:44:31.000250Z\",\"level\":\"warning\","
            "\"message\":\"sink is away\"}");
}

TEST(LogLine, KeepsEachKindOfValue) {
  EXPECT_EQ(Fields({{"text", "a"},
                    {"owned", std::string("b")},
                    {"view", absl::string_view("c")},
                    {"yes", true},
                    {"half", 0.5},
                    {"int", -3},
                    {"size", size_t{3}},
                    {"least", std::numeric_limits<int64_t>::min()},
                    {"most", std::numeric_limits<uint64_t>::max()}}),
            ",\"text\":\"a\",\"owned\":\"b\",\"view\":\"c\",\"yes\":true,\"half\":0.5,\"int\":-3,"
            "\"size\":3,\"least\":-9223372036854775808,\"most\":18446744073709551615}");
}

TEST(LogLine, HasNoWordForInfinity) {
  EXPECT_EQ(Fields({{"x", std::numeric_limits<double>::infinity()}}), ",\"x\":null}");
  EXPECT_EQ(Fields({{"x", std::numeric_limits<double>::quiet_NaN()}}), ",\"x\":null}");
}

TEST(LogLine, StaysOneLineOfJsonWhateverTheText) {
  EXPECT_EQ(Fields({{"a\"b", "x\n\t\"\\\x01\x7F"}}),
            ",\"a\\\"b\":\"x\\n\\t\\\"\\\\\\u0001\\u007f\"}");
  EXPECT_EQ(Fields({{"nul", absl::string_view("a\0b", 3)}}), ",\"nul\":\"a\\u0000b\"}");
}

TEST(LogLine, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(Fields({{"x", "a\xFF\xFE z\u00fc"}}), ",\"x\":\"a\xEF\xBF\xBD\xEF\xBF\xBD z\u00fc\"}");
}

TEST(LogLine, CutsLongText) {
  const std::string line = Fields({{"x", std::string(1'000'000, 'p')}});
  EXPECT_LT(line.size(), 2'000u);
  EXPECT_THAT(line, EndsWith("p... (1000000 bytes)\"}"));
  EXPECT_THAT(Fields({{"x", std::string(kLogTextBytesMax, 'p')}}), EndsWith("p\"}"));
}

TEST(LogLine, CutsBeforeACharacter) {
  for (size_t shift = 0; shift < 4; ++shift) {
    std::string text(shift, 'a');
    while (text.size() < 2 * kLogTextBytesMax) text += "\U0001F600";
    const std::string line = Fields({{"x", text}});
    EXPECT_EQ(FindInvalidUtf8(line), std::nullopt);
    EXPECT_THAT(line, Not(HasSubstr("\xEF\xBF\xBD")));
  }
}

TEST(LogLine, SurvivesLongTextOfContinuationBytes) {
  EXPECT_EQ(FindInvalidUtf8(Fields({{"x", std::string(5'000, '\x80')}})), std::nullopt);
}

TEST(LogLine, PutsTheIdsFirst) {
  EXPECT_EQ(Fields({{"a", 1}, {"trace_id", "t"}, {"b", 2}, {"correlation_id", "c"}}),
            ",\"trace_id\":\"t\",\"correlation_id\":\"c\",\"a\":1,\"b\":2}");
}

TEST(LogLine, LeavesOutEmptyIds) {
  EXPECT_EQ(Fields({{"correlation_id", ""}, {"trace_id", ""}, {"other", ""}}), ",\"other\":\"\"}");
}

TEST(LogLine, TakesTheTraceIdFromATraceparent) {
  EXPECT_EQ(Fields({{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}),
            ",\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\"}");
  EXPECT_EQ(Fields({{"traceparent", ""}}), "}");
  EXPECT_EQ(Fields({{"traceparent", "garbage"}}), "}");
  EXPECT_EQ(Fields({{"traceparent", 5}}), "}");
}

TEST(LogLine, LetsNoFieldPassForAnother) {
  EXPECT_EQ(Fields({{"level", "error"}, {"time", 1}, {"message", "x"}}),
            ",\"field.level\":\"error\",\"field.time\":1,\"field.message\":\"x\"}");
}

TEST(Levels, HaveNames) {
  for (const Level level : {Level::kDebug, Level::kInfo, Level::kWarning, Level::kError}) {
    EXPECT_EQ(*ParseLevel(LevelName(level)), level);
  }
}

TEST(Levels, RefuseOtherNames) {
  for (const char* name : {"", "INFO", "warn", "loud"}) {
    EXPECT_EQ(ReasonOf(ParseLevel(name).status()), ErrorReason::kConfigurationInvalid) << name;
  }
}

}  // namespace
}  // namespace nexus::telemetry
