// The evaluator and valijson in turns over the corpus: a table in Markdown.
//
//   schema_compare FOLDER [ROUNDS]
//
// CPU time of this process, the least of ROUNDS (default 15) turns of some milliseconds each, per
// document, over those that a schema accepts. `format` is taken out of the schemas: to valijson it
// is an assertion that compiles an expression at every look, to us an annotation. `exhaustive` is
// the evaluation that tells violations, run alone: what all of it cost before there was a fast one.

#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "corpus.h"
#include "schema/json/compiled_json_schema.h"
#include "schema/json/json_schema_validator.h"
#include "valijson_oracle.h"

namespace nexus::schema {
namespace {

double CpuNanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// One thing to measure: the least time that a pass took.
struct Contender {
  std::function<bool()> pass;
  double least = 1e18;
  int passes = 1;

  void Turn() {
    constexpr double kTurn = 2e6;
    const double begin = CpuNanoseconds();
    bool valid = true;
    for (int i = 0; i < passes; ++i) valid &= pass();
    const double took = CpuNanoseconds() - begin;
    if (!valid) std::abort();
    least = std::min(least, took / passes);
    if (took < kTurn) passes = std::max(passes + 1, static_cast<int>(passes * kTurn / (took + 1)));
  }
};

struct Row {
  std::string name;
  size_t bytes = 0;
  size_t documents = 0;
  std::vector<Contender> contenders;
};

void RemoveFormats(std::string& schema) {
  static const RE2 kFormat(R"("format":"[a-z-]+",|,"format":"[a-z-]+")");
  RE2::GlobalReplace(&schema, kFormat, "");
}

int DraftOf(const std::string& schema) {
  if (absl::StrContains(schema, "draft-04")) return 4;
  return absl::StrContains(schema, "draft-06") ? 6 : 7;
}

// Parse and validate: ours, valijson. Validate what is parsed: ours, exhaustive, valijson.
Row Prepare(const CorpusCase& one) {
  Row row{one.name, 0, one.valid.size(), {}};
  auto compiled = JsonSchemaValidator().Compile(one.schema);
  if (!compiled.ok()) {
    std::fprintf(stderr, "%s: %s\n", one.name.c_str(), compiled.status().ToString().c_str());
    std::exit(1);
  }
  const std::shared_ptr<const CompiledSchema> schema = *compiled;
  const auto* json = dynamic_cast<const CompiledJsonSchema*>(schema.get());
  auto oracle = std::make_shared<const ValijsonOracle>(one.schema, DraftOf(one.schema));
  auto ours = std::make_shared<std::vector<std::unique_ptr<const JsonDocument>>>();
  auto theirs = std::make_shared<std::vector<std::unique_ptr<const ValijsonDocument>>>();
  for (const std::string& text : one.valid) {
    row.bytes += text.size();
    ours->push_back(*JsonDocument::Parse(text, 64));
    theirs->push_back(std::make_unique<const ValijsonDocument>(text));
  }
  const std::vector<std::string> texts = one.valid;
  const auto all = [](const auto& list, const auto& holds) {
    return std::all_of(list.begin(), list.end(), holds);
  };
  row.contenders = {
      {[=] {
        return all(texts, [&](const std::string& t) { return schema->Validate(t, 10)->empty(); });
      }},
      {[=] { return all(texts, [&](const std::string& t) { return oracle->Accepts(t); }); }},
      {[=] { return all(*ours, [&](const auto& d) { return json->AcceptsFast(d->root()); }); }},
      {[=] {
        return all(*ours, [&](const auto& d) { return json->Judge(d->root(), 1)->empty(); });
      }},
      {[=] { return all(*theirs, [&](const auto& d) { return oracle->Accepts(*d); }); }}};
  // Keeps the schema alive as long as the passes.
  row.contenders.back().pass = [schema, pass = row.contenders.back().pass] { return pass(); };
  return row;
}

void Print(const std::vector<Row>& rows) {
  std::printf(
      "| schema | bytes | parse + validate, ns | valijson | ratio | validate, ns |"
      " exhaustive | valijson | ratio |\n|---|---|---|---|---|---|---|---|---|\n");
  double ends = 0;
  double validations = 0;
  for (const Row& row : rows) {
    const auto time = [&](size_t i) {
      return row.contenders[i].least / static_cast<double>(row.documents);
    };
    ends += std::log(time(1) / time(0));
    validations += std::log(time(4) / time(2));
    std::printf("| %s | %zu | %.0f | %.0f | %.1f | %.0f | %.0f | %.0f | %.1f |\n", row.name.c_str(),
                row.bytes / row.documents, time(0), time(1), time(1) / time(0), time(2), time(3),
                time(4), time(4) / time(2));
  }
  const double count = static_cast<double>(rows.size());
  std::printf(
      "\n%zu schemas; geometric mean: parse + validate %.1f times as fast as valijson,"
      " validate %.1f times\n",
      rows.size(), std::exp(ends / count), std::exp(validations / count));
}

int Main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: schema_compare FOLDER [ROUNDS]\n");
    return 2;
  }
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 15;
  std::vector<Row> rows;
  std::vector<CorpusCase> corpus = ReadCorpus(argv[1]);
  for (CorpusCase& one : corpus) {
    RemoveFormats(one.schema);
    rows.push_back(Prepare(one));
  }
  for (int round = 0; round < rounds; ++round) {
    for (Row& row : rows) {
      for (Contender& contender : row.contenders) contender.Turn();
    }
  }
  Print(rows);
  return 0;
}

}  // namespace
}  // namespace nexus::schema

int main(int argc, char** argv) { return nexus::schema::Main(argc, argv); }
