// OPA's own test cases, run by the embedded engine: compiled by `opa`, evaluated here.

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "fake/requirement.h"
#include "gtest/gtest.h"
#include "policy/bundle/wasm_bundle.h"
#include "policy/opa/opa_output.h"
#include "policy/opa/opa_program.h"
#include "policy/opa_case.h"
#include "policy/real_opa.h"
#include "policy/steady_clock.h"
#include "policy/temporary_folder.h"
#include "policy/wasm/wasm_evaluator.h"
#include "script/spidermonkey/spidermonkey_engine.h"

namespace nexus::policy {
namespace {

std::string CasesFolder() {
  const char* tools = std::getenv("NEXUS_TOOLS");
  return absl::StrCat(tools == nullptr ? "" : tools, "/opa-cases-1.22.0");
}

// Numbers by their value; lists in one order, for sets come out as lists in any order.
RegoValue Normal(RegoValue value) {
  double number = 0;
  if (value.is(RegoValue::Kind::kNumber) && absl::SimpleAtod(value.text, &number)) {
    value.text = absl::StrCat(number);
  }
  for (RegoValue& item : value.items) item = Normal(std::move(item));
  if (value.is(RegoValue::Kind::kArray) || value.is(RegoValue::Kind::kSet)) {
    value.kind = RegoValue::Kind::kArray;
    std::sort(value.items.begin(), value.items.end(),
              [](const RegoValue& a, const RegoValue& b) { return CompareRegoValues(a, b) < 0; });
  }
  return value;
}

// The variables that a wanted result binds.
std::vector<std::string> Variables(const OpaCase& one) {
  std::set<std::string> names;
  if (one.want.has_value()) {
    for (const RegoValue& binding : one.want->items) {
      for (size_t i = 0; i < binding.items.size(); i += 2) names.insert(binding.items[i].text);
    }
  }
  return {names.begin(), names.end()};
}

// A module whose rule collects what the query binds.
std::string Collector(const OpaCase& one) {
  std::vector<std::string> members;
  for (const std::string& name : Variables(one)) {
    members.push_back(absl::StrCat("\"", name, "\": ", name));
  }
  return absl::StrCat("package nexus_case\n\nresults contains {", absl::StrJoin(members, ", "),
                      "} if {\n", one.query, "\n}\n");
}

// Numbers that compiled policies cannot hold (docs/reference/policy-bundle.md).
const std::set<std::string>& Known() {
  static const std::set<std::string> known = {
      "data/nested integer",
      "data/toplevel integer",
      "jsonbuiltins/unmarshal number with large exponent within limits",
      "numbersrangestep/big int step",
      "strings/format_int: bignum exact (>64-bit integer, all bases + negative)",
  };
  return known;
}

struct Tally {
  absl::Mutex mutex;
  std::map<std::string, std::vector<std::string>> cases;  // by outcome: notes
  std::map<std::string, int> missing;                     // built-ins, with how many cases

  void Add(const std::string& outcome, const std::string& note) {
    absl::MutexLock lock(&mutex);
    cases[outcome].push_back(note);
  }
  size_t Count(const std::string& outcome) { return cases[outcome].size(); }
};

class CaseRunner {
 public:
  CaseRunner(script::ScriptEngine& engine, std::string opa, Tally& tally)
      : context_(*engine.NewContext({})), opa_(std::move(opa)), tally_(tally) {}

  void Run(const OpaCase& one) {
    if (!one.skip.empty()) return tally_.Add("skipped: " + one.skip, one.note);
    const TemporaryFolder folder;
    for (size_t i = 0; i < one.modules.size(); ++i) {
      folder.Write(absl::StrCat("s/module", i, ".rego"), one.modules[i]);
    }
    folder.Write("s/collector.rego", Collector(one));
    folder.Write("s/data.json", one.data_json);
    const absl::StatusOr<std::string> built =
        RunOpa({opa_,
                {"build", "-t", "wasm", "-e", "nexus_case/results", "-o", "../b.tar.gz", "."},
                folder.Sub("s")});
    if (!built.ok()) {
      return tally_.Add(one.want_error ? "passed" : "skipped: opa does not compile it", one.note);
    }
    const absl::StatusOr<std::string> got = Evaluate(one, folder.Sub("b.tar.gz"));
    if (!got.ok() && absl::IsUnimplemented(got.status())) {
      return tally_.Add("skipped: needs a built-in", one.note);
    }
    Judge(one, got, folder);
  }

 private:
  // [{...}, ...] or an error; kUnimplemented: a built-in is missing.
  absl::StatusOr<std::string> Evaluate(const OpaCase& one, const std::string& archive) {
    absl::StatusOr<WasmBundle> bundle = LoadWasmBundle(archive);
    if (!bundle.ok()) return bundle.status();
    auto program = WasmProgram::Load(*context_, *std::move(bundle), {});
    if (!program.ok()) {
      Count(std::string(program.status().message()));
      return absl::UnimplementedError(program.status().message());
    }
    auto evaluator = WasmEvaluator::Create(*context_, **program);
    if (!evaluator.ok()) return evaluator.status();
    const auto results = (*evaluator)
                             ->Evaluate(*(*program)->Entrypoint("nexus_case/results"),
                                        one.input_json, absl::Seconds(20));
    if (!results.ok()) return results.status();
    const auto value = ParseRegoValue(results->result_set);
    if (!value.ok()) return value.status();
    if (value->items.empty()) return std::string("[]");
    return PrintRegoValue(*value->items[0].Find("result"));
  }

  // "...: it calls a, b, which ..."
  void Count(const std::string& refusal) {
    const std::vector<std::string> parts = absl::StrSplit(refusal, "it calls ");
    const std::vector<std::string> names =
        absl::StrSplit(parts.size() < 2 ? refusal : parts[1], ", which");
    absl::MutexLock lock(&tally_.mutex);
    for (const absl::string_view name : absl::StrSplit(names[0], ", ")) {
      ++tally_.missing[std::string(name)];
    }
  }

  void Judge(const OpaCase& one, const absl::StatusOr<std::string>& got,
             const TemporaryFolder& folder) {
    if (one.want_error) return tally_.Add(got.ok() ? "failed" : "passed", one.note);
    if (got.ok()) {
      const auto value = ParseRegoValue(*got);
      const bool same = value.ok() && Normal(*value) == Normal(*one.want);
      return tally_.Add(same ? "passed" : "failed", one.note);
    }
    // The case may want what a lenient OPA answers. Does a strict one fail, too?
    std::vector<std::string> arguments{"eval", "--fail", "--strict-builtin-errors", "-f", "json",
                                       "-d",   "."};
    if (!one.input_json.empty()) {
      folder.Write("input.json", one.input_json);
      arguments.insert(arguments.end(), {"-i", "../input.json"});
    }
    arguments.emplace_back("data.nexus_case.results");
    const bool strict_fails = !RunOpa({opa_, arguments, folder.Sub("s")}).ok();
    tally_.Add(strict_fails ? "passed: strict, as opa" : "failed", one.note);
  }

  const std::unique_ptr<script::ScriptContext> context_;
  const std::string opa_;
  Tally& tally_;
};

TEST(OpaCases, ComeOutAsOpaWantsThem) {
  if (!fake::Require(FindOpa("").ok() && std::filesystem::exists(CasesFolder() + "/complete"),
                     "opa or its cases are missing: scripts/install test")) {
    return;
  }
  const std::vector<OpaCase> cases = ReadOpaCases(CasesFolder());
  const SteadyClock clock;
  const auto engine = *script::SpiderMonkeyEngine::Create(clock);
  Tally tally;
  std::atomic<size_t> next{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      CaseRunner runner(*engine, *FindOpa(""), tally);
      for (size_t at = next++; at < cases.size(); at = next++) runner.Run(cases[at]);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::cout << cases.size() << " cases\n";
  for (const auto& [outcome, notes] : tally.cases)
    std::cout << notes.size() << " " << outcome << "\n";
  for (const auto& [name, count] : tally.missing)
    std::cout << "not supplied: " << name << " (" << count << ")\n";
  for (const std::string& note : tally.cases["failed"]) std::cout << "failed: " << note << "\n";
  EXPECT_GT(tally.Count("passed"), 1000);
  for (const std::string& note : tally.cases["failed"]) EXPECT_TRUE(Known().contains(note)) << note;
}

}  // namespace
}  // namespace nexus::policy
