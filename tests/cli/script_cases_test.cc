// nexusctl script test, and what nexusctl check says of domains.

#include <filesystem>
#include <string>

#include "cli/check_fixture.h"
#include "fake/source_folder.h"
#include "gmock/gmock.h"

namespace nexus::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kCode[] =
    "export const initial = { left: 0 };\n"
    "export function evolve(state, event) {\n"
    "  return { left: state.left + event.data.count };\n"
    "}\n"
    "export function decide(state, command, ctx) {\n"
    "  const { count } = command.data;\n"
    "  if (count === 13) throw new Error('unlucky');\n"
    "  if (count === 14) for (;;) {}\n"
    "  if (count > 9) return ctx.reject('too_many', { most: 9 });\n"
    "  return { type: 'Stocked2', data: { count, id: ctx.newId(), by: ctx.principal.name } };\n"
    "}\n";

constexpr char kDeclarations[] = R"(apiVersion: nexus/v1
kind: Aggregate
metadata: {name: item}
spec: {script: item.js, id: /item, commands: [Stock], events: [Stocked2]}
---
apiVersion: nexus/v1
kind: Upcaster
metadata: {name: stocked}
spec: {script: stocked.js, type: Stocked, from: 2, to_type: Stocked2}
---
apiVersion: nexus/v1
kind: Schema
metadata: {name: Stock}
spec: {definition: {required: [count], properties: {count: {type: integer}}}}
---
apiVersion: nexus/v1
kind: Schema
metadata: {name: Stocked}
spec: {file: schemas/Stocked.json, earlier: [schemas/Stocked.1.json]}
---
apiVersion: nexus/v1
kind: Schema
metadata: {name: Stocked2}
spec: {definition: {required: [count], properties: {count: {type: integer, minimum: 1}}}}
)";

class ScriptCasesTest : public CheckFixture {
 protected:
  ScriptCasesTest() {
    Write("d/domain.yaml", "apiVersion: nexus/v1\nkind: Domain\nmetadata: {name: store}\n");
    Write("d/store.yaml", kDeclarations);
    Write("d/item.js", kCode);
    Write("d/stocked.js",
          "export const upcast = ({ data }) => ({ data: { count: data.pairs * 2 } });\n");
    Write("d/schemas/Stocked.1.json", R"({"properties":{"was":{}}})");
    Write("d/schemas/Stocked.json", R"({"properties":{"pairs":{"default":1}}})");
  }

  Outcome Test(const std::string& cases, std::vector<std::string> rest = {}) {
    Write("d/tests/cases.yaml", cases);
    rest.insert(rest.begin(), {"script", "test", At("d")});
    return Run(rest);
  }
  static std::string OfItem(const std::string& one) {
    return "aggregate: item\ncases:\n  - name: one\n" + one;
  }
  // What is said of one case that must not pass.
  std::string Failure(const std::string& cases) {
    const Outcome outcome = Test(cases);
    EXPECT_EQ(outcome.code, 100) << cases << outcome.err;
    return outcome.out;
  }
};

TEST_F(ScriptCasesTest, WhatFollowsIsCompared) {
  const std::string when = "    when: {type: Stock, data: {item: a, count: 3}, principal: ann}\n";
  const Outcome outcome = Test(OfItem(when + "    then: {state: {left: 3}}\n"));
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr("1 case, 1 passed"));
  EXPECT_THAT(Failure(OfItem(when + "    then: {state: {left: 4}}\n")),
              AllOf(StartsWith(At("d/tests/cases.yaml:5: error: CASE_FAILED: item: one: ")),
                    HasSubstr(R"(the state: expected {"left":4}, but it is {"left":3})")));
  EXPECT_THAT(Failure(OfItem(when + "    then: {rejected: no}\n")),
              HasSubstr("expected rejected: no, but it is Stocked2 {"));
  EXPECT_THAT(Failure(OfItem(when + "    then: {events: []}\n")),
              HasSubstr("the number of events: expected 0, but it is 1"));
  EXPECT_THAT(Failure(OfItem(when + "    then: {events: [{type: Other, data: {}}]}\n")),
              HasSubstr("event 0: expected Other, but it is Stocked2"));
  EXPECT_THAT(Failure(OfItem(when + "    then: {events: [{type: Stocked2, data: {count: 3}}]}\n")),
              HasSubstr(R"("by":"ann","count":3)"));
  EXPECT_THAT(Failure(OfItem(when + "    then: {error: any}\n")),
              HasSubstr("the error: expected any, but it is Stocked2"));
}

TEST_F(ScriptCasesTest, IdsAreTheSameEachTime) {
  const std::string when = "    when: {type: Stock, data: {item: a, count: 3}}\n";
  const std::string cases =
      OfItem(when + "    then: {events: [{type: Stocked2, data: {count: 3}}]}\n");
  const std::string first = Failure(cases);
  EXPECT_THAT(first, HasSubstr(R"("id":")"));
  EXPECT_EQ(first, Failure(cases));
}

TEST_F(ScriptCasesTest, RejectionsAndErrorsMayBeWhatIsExpected) {
  const auto with = [](int count, const std::string& then) {
    return OfItem("    when: {type: Stock, data: {item: a, count: " + std::to_string(count) +
                  "}}\n    then: " + then + "\n");
  };
  EXPECT_EQ(Test(with(10, "{rejected: too_many}")).code, 0);
  EXPECT_EQ(Test(with(10, "{rejected: {reason: too_many, details: {most: 9}}}")).code, 0);
  EXPECT_THAT(Failure(with(10, "{rejected: {reason: too_many, details: {most: 8}}}")),
              HasSubstr(R"(the details: expected {"most":8})"));
  EXPECT_THAT(Failure(with(10, "{events: []}")), HasSubstr("rejected: too_many"));
  EXPECT_EQ(Test(with(13, "{error: unlucky}")).code, 0);
  EXPECT_THAT(Failure(with(13, "{events: []}")),
              AllOf(HasSubstr("item.js:7"), HasSubstr("unlucky")));
  EXPECT_EQ(Test(with(14, "{error: too long}")).code, 0);
  // What the schemas refuse the server would not even ask the code about, or not store.
  EXPECT_EQ(Test(with(0, "{error: SCHEMA_VIOLATION}")).code, 0);
  EXPECT_EQ(Test(OfItem("    when: {type: Stock, data: {item: a, count: x}}\n"
                        "    then: {error: 'the data of Stock do not fit'}\n"))
                .code,
            0);
  EXPECT_EQ(Test(OfItem("    when: {type: Take, data: {item: a}}\n"
                        "    then: {error: COMMAND_NOT_DECLARED}\n"))
                .code,
            0);
}

TEST_F(ScriptCasesTest, OldEventsAreGivenAsTheServerGivesThem) {
  EXPECT_EQ(Test(OfItem("    given:\n"
                        "      - {type: Stocked2, data: {count: 1}}\n"
                        "      - {type: Stocked, version: 2, data: {pairs: 2}}\n"
                        "      - {type: Stocked, version: 1, data: {was: 7}}\n"
                        "    then: {state: {left: 7}}\n"))
                .code,
            0);
  Write("d/stocked.js", "export const upcast = () => ({ data: {} });\n");
  EXPECT_THAT(Failure(OfItem("    given: [{type: Stocked, data: {}}]\n    then: {state: 1}\n")),
              HasSubstr("revision 0 of item-1 (Stocked version 2, position 1) cannot be given as"));
}

TEST_F(ScriptCasesTest, UpcastersHaveCases) {
  const auto given = [](const std::string& event, const std::string& then) {
    return "upcaster: stocked\ncases: [{name: one, given: " + event + ", then: " + then + "}]\n";
  };
  EXPECT_EQ(Test(given("{data: {pairs: 2}}", "{event: {type: Stocked2, data: {count: 4}}}")).code,
            0);
  EXPECT_THAT(Failure(given("{data: {pairs: 2}}", "{event: {data: {count: 5}}}")),
              HasSubstr(R"(the data: expected {"count":5}, but it is {"count":4})"));
  EXPECT_THAT(Failure(given("{data: {pairs: 0}}", "{event: {data: {count: 0}}}")),
              HasSubstr("do not fit version 1"));
  EXPECT_EQ(Test(given("{data: {pairs: 0}}", "{error: SCHEMA_VIOLATION}")).code, 0);
  EXPECT_THAT(Failure(given("{version: 1, data: {}}", "{error: any}")),
              HasSubstr("it takes version 2 of Stocked"));
}

TEST_F(ScriptCasesTest, AFileThatIsNoCasesIsAFault) {
  for (const auto& [text, said] :
       {std::pair("cases: []\n", "either aggregate or upcaster"),
        {"aggregate: item\ncases: []\n", "there is no case"},
        {"aggregate: item\ncases: [{name: a}]\n", "then"},
        {"aggregate: item\ncases: [{name: a, then: {}}]\n", "must follow"},
        {"aggregate: item\ncases: [{name: a, then: {events: []}}]\n", "only a state can follow"},
        {"aggregate: item\ncases: [{name: a, then: {state: 1, stat: 1}}]\n", "/cases/0/then/stat"},
        {"aggregate: item\ncases: [{name: a, then: {state: 1}}, {name: a, then: {state: 1}}]\n",
         "'a' is there twice"},
        {"aggregate: item\ncases: [{name: a, when: {type: X, data: 1, id: y}, then: {error: z}}]\n",
         "'y' is no UUID"},
        {"aggregate: item\naggregate: item\n", "twice"}}) {
    EXPECT_THAT(Failure(text), AllOf(HasSubstr("CASE_INVALID"), HasSubstr(said))) << text;
  }
  EXPECT_THAT(Failure("aggregate: items\ncases: [{name: a, then: {state: 1}}]\n"),
              HasSubstr("no aggregate items is declared"));
}

TEST_F(ScriptCasesTest, WithoutCasesNothingPasses) {
  const Outcome outcome = Run({"script", "test", At("d")});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("holds no cases"));
  EXPECT_EQ(Run({"script", "test", At("nowhere")}).code, 3);
}

TEST_F(ScriptCasesTest, WhatNoCaseIsAboutIsNamed) {
  EXPECT_THAT(Test(OfItem("    then: {state: {left: 0}}\n")).err,
              HasSubstr("no case is about Upcaster stocked"));
}

TEST_F(ScriptCasesTest, JunitHasATestForEachCase) {
  const std::string report = At("report.xml");
  const Outcome outcome = Test(
      "aggregate: item\ncases:\n"
      "  - {name: good, then: {state: {left: 0}}}\n"
      "  - {name: bad, then: {state: {left: 1}}}\n",
      {"--format", "junit=" + report, "--format", "json"});
  EXPECT_EQ(outcome.code, 100);
  EXPECT_THAT(outcome.out, HasSubstr(R"("passed":[{"file":")"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("test":"item: bad")"));
  const std::string junit = ReadFile(report);
  EXPECT_THAT(
      junit,
      AllOf(HasSubstr(R"(tests="2" failures="1")"), HasSubstr(R"(name="script test: item: good")"),
            HasSubstr(R"(name="script test: item: bad")"), HasSubstr("new: {&quot;left&quot;:0}")));
}

TEST_F(ScriptCasesTest, TheExamplesAndANewDomainPass) {
  for (const char* example : {"orders", "iot"}) {
    const std::string folder = std::string(fake::SourceFolder()) + "/examples/" + example;
    const Outcome tested = Run({"script", "test", folder});
    EXPECT_EQ(tested.code, 0) << tested.out << tested.err;
    EXPECT_THAT(tested.err, Not(HasSubstr("no case is about")));
    const Outcome checked = Check({folder, "--strict"});
    EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
  }
  ASSERT_EQ(Run({"new", "domain", "my-shop", "--dir", At("fresh")}).code, 0);
  const Outcome fresh = Run({"script", "test", At("fresh")});
  EXPECT_EQ(fresh.code, 0) << fresh.out << fresh.err;
  EXPECT_EQ(Check({At("fresh"), "--strict"}).code, 0);
}

TEST_F(ScriptCasesTest, CheckLooksAtAllOfADomain) {
  Write("d/tests/cases.yaml", OfItem("    then: {state: {left: 0}}\n"));
  Outcome outcome = Check({At("d")});
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("no case is about Upcaster stocked"));

  Write("d/item.js", std::string(kCode) + "export const broken = ;\n");
  EXPECT_THAT(Check({At("d")}).out, HasSubstr(At("d/item.js:12: error: DOMAIN_CODE")));
  Write("d/item.js", "export const evolve = (state) => state;\n");
  EXPECT_THAT(Check({At("d")}).out, HasSubstr("exports no function decide"));
  Write("d/item.js", kCode);

  Write("d/schemas/Stocked.json", "{\n \"type\": \"no\"\n}");
  outcome = Check({At("d")});
  EXPECT_THAT(outcome.out, HasSubstr(At("d/schemas/Stocked.json:2: error: SCHEMA_INVALID")));
  EXPECT_EQ(outcome.out.find("SCHEMA_INVALID"), outcome.out.rfind("SCHEMA_INVALID"));
  Write("d/schemas/Stocked.json", "{}");

  Edit("d/store.yaml", "from: 2", "from: 1");
  EXPECT_THAT(Check({At("d")}).out,
              AllOf(HasSubstr(At("d/store.yaml:9: error: DOMAIN_UPCASTER at /spec/from")),
                    HasSubstr("Stocked has version 2")));
  Edit("d/store.yaml", "from: 1", "from: 7");
  EXPECT_THAT(Check({At("d")}).out, HasSubstr("warning: DOMAIN_UPCASTER"));
  Edit("d/store.yaml", "from: 7", "from: 2");

  Edit("d/store.yaml", "events: [Stocked2]", "events: [Stocked]");
  EXPECT_THAT(Check({At("d")}).out, HasSubstr("Stocked has the successor Stocked2"));
  Edit("d/store.yaml", "events: [Stocked]", "events: [Unheard, Stocked2]");
  EXPECT_THAT(Check({At("d")}).out, HasSubstr("warning: DOMAIN_TYPE at /spec/events/0"));
  EXPECT_EQ(Check({At("d")}).code, 0);
  EXPECT_EQ(Check({At("d"), "--strict"}).code, 100);

  Edit("d/store.yaml", "id: /item", "idd: /item");
  EXPECT_THAT(Check({At("d")}).out, HasSubstr(At("d/store.yaml:4: error: DOMAIN_DECLARATION")));
}

TEST_F(ScriptCasesTest, CheckFindsDomainsInAFolderOfThem) {
  std::filesystem::create_directories(At("all/domains"));
  std::filesystem::rename(At("d"), At("all/domains/store"));
  Write("all/domains/store/item.js", "export const evolve = 1;\n");
  const Outcome outcome = Check({At("all"), "--only", "domains"});
  EXPECT_EQ(outcome.code, 100);
  EXPECT_THAT(outcome.out, HasSubstr(At("all/domains/store/")));
  EXPECT_EQ(Check({At("all"), "--only", "graph"}).code, 3);
}

}  // namespace
}  // namespace nexus::cli
