// What could make two runs of the same code differ, and is not there.

#include <cstdlib>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "script/script_fixture.h"

namespace nexus::script {
namespace {

using testing::HasSubstr;

class ScriptDeterminismTest : public ScriptFixture {
 protected:
  // A zone that is far from UTC, by three quarters of an hour as well. The engine reads it once.
  static void SetUpTestSuite() {
    setenv("TZ", "Asia/Kathmandu", 1);
    setenv("LC_ALL", "tr_TR.UTF-8", 1);
    tzset();
  }

  std::string Is(absl::string_view expression) {
    const absl::StatusOr<std::string> result = Evaluate(expression);
    return result.ok() ? *result : std::string(result.status().message());
  }
};

TEST_F(ScriptDeterminismTest, HasNoClock) {
  for (const absl::string_view expression :
       {"new Date()", "Date()", "Date.now()", "Date(0)", "new (class extends Date {})()",
        "new Date(0).constructor()", "new (Object.getPrototypeOf(new Date(0)).constructor)",
        "Reflect.construct(Date, [], Object)"}) {
    const absl::Status status = Evaluate(expression).status();
    EXPECT_TRUE(absl::IsAborted(status)) << expression << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("TypeError: Date"));
    EXPECT_THAT(std::string(status.message()), HasSubstr("ctx.now")) << expression;
  }
}

TEST_F(ScriptDeterminismTest, HasNoChance) {
  EXPECT_THAT(Is("Math.random()"),
              HasSubstr("TypeError: Math.random: chance is not deterministic"));
  EXPECT_EQ(Is("typeof crypto"), "\"undefined\"");
}

TEST_F(ScriptDeterminismTest, HasNoLocale) {
  for (const absl::string_view expression :
       {"'a'.localeCompare('b')", "'I'.toLocaleLowerCase()", "'i'.toLocaleUpperCase()",
        "(1234.5).toLocaleString()", "(5n).toLocaleString()", "[1.5].toLocaleString()",
        "new Date(0).toLocaleString()", "new Date(0).toLocaleDateString()",
        "new Date(0).toLocaleTimeString()"}) {
    EXPECT_THAT(Is(expression), HasSubstr("the locale of a machine")) << expression;
  }
  EXPECT_EQ(Is("'I\\u0130'.toLowerCase().length"), "3");
}

TEST_F(ScriptDeterminismTest, LacksWhatThreadsCollectorsAndTextAsCodeAreFor) {
  for (const absl::string_view name :
       {"Intl", "WeakRef", "FinalizationRegistry", "SharedArrayBuffer", "Atomics", "WebAssembly",
        "ArrayBuffer", "DataView", "Uint8Array", "Float64Array", "eval", "setTimeout",
        "queueMicrotask", "console", "print", "uneval", "performance", "Debugger",
        "InternalError"}) {
    EXPECT_EQ(Is("typeof " + std::string(name)), "\"undefined\"") << name;
  }
}

TEST_F(ScriptDeterminismTest, MakesNoCodeFromText) {
  for (const absl::string_view expression :
       {"Function('return 1')()", "new Function('return 1')()",
        "(() => {}).constructor('return 1')", "(function*() {}).constructor('yield 1')",
        "(async () => {}).constructor('return 1')",
        "(async function*() {}).constructor('yield 1')"}) {
    EXPECT_THAT(Is(expression), HasSubstr("EvalError")) << expression;
  }
  EXPECT_THAT(Is("eval('1')"), HasSubstr("ReferenceError"));
}

TEST_F(ScriptDeterminismTest, KnowsNoZoneButUtc) {
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"new Date(0).getHours()", "0"},
      {"new Date(2026, 0, 2, 3, 4, 5, 6).toISOString()", "\"2026-01-02T03:04:05.006Z\""},
      {"new Date(1767323045006).toString()", "\"Fri Jan 02 2026 03:04:05 GMT+0000 (UTC)\""},
      {"`${new Date(0)}`", "\"Thu Jan 01 1970 00:00:00 GMT+0000 (UTC)\""},
      {"new Date(0) + 1", "\"Thu Jan 01 1970 00:00:00 GMT+0000 (UTC)1\""},
      {"new Date(5) - 1", "4"},
      {"new Date(0).toDateString()", "\"Thu Jan 01 1970\""},
      {"new Date(0).toTimeString()", "\"00:00:00 GMT+0000 (UTC)\""},
      {"new Date(0).getTimezoneOffset()", "0"},
      {"new Date(NaN).toString()", "\"Invalid Date\""},
      {"new Date(0).setHours(5)", "18000000"},
      {"new Date(0).getYear()", "70"},
      {"new Date(0).setYear(71)", "31536000000"},
      {"new Date(new Date(77)).getTime()", "77"},
      {"new Date(true).getTime()", "1"},
      {"new Date(null).getTime()", "0"},
      {"new Date('2026-03-01').getTime()", "1772323200000"},
      {"Date.UTC(2026, 2, 1)", "1772323200000"},
      {"Object.prototype.toString.call(new Date(0))", "\"[object Date]\""},
      {"new Date(0) instanceof Date", "true"},
      {"new (class Day extends Date { get x() { return 1; } })(5).getTime()", "5"},
      {"Date.name + Date.length", "\"Date7\""},
      {"JSON.stringify(new Date(0))", "\"\\\"1970-01-01T00:00:00.000Z\\\"\""},
  };
  for (const auto& [expression, value] : expected) EXPECT_EQ(Is(expression), value) << expression;
}

TEST_F(ScriptDeterminismTest, ReadsTimesAsUtc) {
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"2026", "2026-01-01T00:00:00.000Z"},
      {"2026-03", "2026-03-01T00:00:00.000Z"},
      {"2026-03-01", "2026-03-01T00:00:00.000Z"},
      {"2026-03-01T10:20", "2026-03-01T10:20:00.000Z"},
      {"2026-03-01T10:20:30", "2026-03-01T10:20:30.000Z"},
      {"2026-03-01T10:20:30.5", "2026-03-01T10:20:30.500Z"},
      {"2026-03-01T10:20:30.123456789Z", "2026-03-01T10:20:30.123Z"},
      {"2026-03-01T10:20:30+05:45", "2026-03-01T04:35:30.000Z"},
      {"2026-03-01T10:20:30-01:00", "2026-03-01T11:20:30.000Z"},
      {"2024-02-29T24:00", "2024-03-01T00:00:00.000Z"},
      {"0050-01-01", "0050-01-01T00:00:00.000Z"},
      {"+012026-03-01", "+012026-03-01T00:00:00.000Z"},
      {"-000001-03-01", "-000001-03-01T00:00:00.000Z"},
      {"Sun, 01 Mar 2026 10:20:30 GMT", "2026-03-01T10:20:30.000Z"},
      {"Sun Mar 01 2026 10:20:30 GMT+0100 (CET)", "2026-03-01T09:20:30.000Z"},
  };
  for (const auto& [text, value] : expected) {
    EXPECT_EQ(Is("new Date('" + text + "').toISOString()"), "\"" + value + "\"") << text;
    EXPECT_EQ(Is("Date.parse('" + text + "') === new Date('" + text + "').getTime()"), "true");
  }
  for (const absl::string_view text :
       {"", "2026-13-01", "2026-02-29", "2026-03-00", "2026-03-01T25:00", "2026-03-01T10:60",
        "2026-03-01T24:00:01", "2026-03-01T10", "2026-03-01 10:20", "1 March 2026", "Mar 1, 2026",
        "3/1/2026", "-000000-01-01", "2026-03-01T10:20+25:00", "Sun, 01 Xyz 2026 10:20:30 GMT",
        "Sun, 01 Mar 2026 10:20:30", "12"}) {
    EXPECT_EQ(Is("Number.isNaN(new Date('" + std::string(text) + "').getTime())"), "true") << text;
  }
}

TEST_F(ScriptDeterminismTest, RoundTripsItsOwnTexts) {
  EXPECT_EQ(Is("[0, 1e12, -1e12, 8.64e15 - 86400000, -6e13].every((t) => {"
               "  const d = new Date(t);"
               "  return new Date(d.toISOString()).getTime() === t &&"
               "      new Date(d.toUTCString()).getTime() === t &&"
               "      new Date(d.toString()).getTime() === t; })"),
            "true");
}

TEST_F(ScriptDeterminismTest, RunsNoPromise) {
  EXPECT_TRUE(absl::IsFailedPrecondition(Evaluate("(async () => 1)()").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(Evaluate("Promise.resolve(1)").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(Evaluate("(async () => { await 1; })()").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(Evaluate("(async function*() {})()").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(Evaluate("import('./order.js')").status()));
  EXPECT_THAT(Is("Promise.resolve(1).then(() => 2)"), HasSubstr("promises never run here"));
  EXPECT_EQ(Is("import.meta"), "{}");
}

// Interpreted at first, compiled twice after some hundred rounds.
TEST_F(ScriptDeterminismTest, ComputesTheSameWhateverHowOftenItRan) {
  ASSERT_TRUE(
      Load("export const f = (x) => {"
           "  let sum = 0; const words = [];"
           "  for (let i = 0; i < 50; ++i) {"
           "    sum += Math.sin(x * i) + Math.pow(x, i / 7) % 1 + Math.log1p(i) + (x >>> i);"
           "    words.push(`${(x * (i + 1)) % 97}`.padStart(5, 'ab').replace(/[1-3]/g, '-'));"
           "  }"
           "  const counts = {}; for (const w of words) counts[w] = (counts[w] ?? 0) + 1;"
           "  return {sum, words: words.sort(), counts, at: new Date(x * 1e9).toString()}; };")
          .ok());
  const std::string first = Call("f", {"1234.5"}).value();
  for (int i = 0; i < 700; ++i) ASSERT_EQ(Call("f", {"1234.5"}).value(), first) << i;
}

TEST_F(ScriptDeterminismTest, TellsNobodyWhatTheLastMatchWas) {
  EXPECT_EQ(Is("/a(b)c/.test('abc') && [RegExp.$1, RegExp.lastMatch, RegExp.input]"
               ".every((x) => x === undefined)"),
            "true");
  EXPECT_EQ(Is("[/a/ instanceof RegExp, /a/.constructor === RegExp, RegExp('a+', 'g').flags,"
               "new RegExp(/b/).source, 'a1b2'.split(/\\d/), 'aXb'.replace(/x/i, '-')]"),
            R"([true,true,"g","b",["a","b",""],"a-b"])");
}

}  // namespace
}  // namespace nexus::script
