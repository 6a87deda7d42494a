// The embedded engine and the real `opa` give the same answers to random inputs: the same decision,
// the same denials word for word, or the same kind of failure.

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "policy/asking.h"
#include "policy/compiled_policies.h"
#include "policy/embedded.h"
#include "policy/opa/opa_decider.h"
#include "policy/opa/opa_supervisor.h"
#include "policy/policy_input.h"
#include "policy/real_opa.h"
#include "policy/server_input.h"
#include "policy/shipped/shipped_bundle.h"
#include "policy/steady_clock.h"
#include "policy/temporary_folder.h"

namespace nexus::policy {
namespace {

class RandomInputs {
 public:
  explicit RandomInputs(unsigned seed) : random_(seed) {}

  std::string Next() {
    std::string input = absl::StrCat("{\"show\":", Below(17));
    Add(input, "operation", Pick({"\"append\"", "\"read\"", "\"delete\"", "1"}));
    Add(input, "stream",
        Pick({"\"order-1\"", "\"abc\"", "\"zzz\"", "\"\"", "\"ä€b\"", "\"a\\\"b\\\\\"", "3",
              "null"}));
    Add(input, "principal",
        absl::StrCat(
            "{\"roles\":",
            Pick({"[]", "[\"writer\"]", "[\"auditor\",\"x\"]", "[\"admin\"]", "[1]", "\"admin\""}),
            "}"));
    for (const char* key : {"n", "limit", "f"}) Add(input, key, Number());
    Add(input, "a", Value(3));
    Add(input, "b", Value(2));
    Add(input, "list", List(1));
    Add(input, "text", Text());
    return input + "}";
  }

 private:
  static void Add(std::string& input, const std::string& key, const std::string& value) {
    absl::StrAppend(&input, ",\"", key, "\":", value);
  }
  size_t Below(size_t end) { return random_() % end; }
  std::string Pick(const std::vector<std::string>& choices) {
    return choices[Below(choices.size())];
  }
  std::string Number() {
    return Pick({"0", "1", "-1", "2.5", "7", "100", "-0.125", "1e3", "1.5e-7", "1234567.5", "1e15",
                 "9007199254740993", "\"5\"", "true"});
  }
  std::string Text() {
    return Pick({"\"12\"", "\"-1.5\"", "\"1e3\"", "\"x\"", "\"\"", "\"[1,2]\"",
                 "\"{\\\"a\\\": true}\"", "\"10KiB\"", "\"1.5mb\"", "\"1.2.3\"", "\"v1.10.0-rc.1\"",
                 "\" 1a1 \"", "\"ünï\"", "7"});
  }
  std::string List(int depth) {
    std::string list = "[";
    for (size_t i = Below(4); i > 0; --i) absl::StrAppend(&list, Value(depth), i > 1 ? "," : "");
    return list + "]";
  }
  std::string Value(int depth) {
    const size_t kind = Below(depth > 0 ? 6 : 4);
    if (kind == 0) return Pick({"null", "true", "false"});
    if (kind == 1) return Text();
    if (kind == 4) return List(depth - 1);
    if (kind == 5)
      return absl::StrCat("{\"k\":", Value(depth - 1), ",\"", Pick({"a", "b", "ü"}), "\":1}");
    return Number();
  }

  std::mt19937 random_;
};

class DifferentialTest : public testing::Test {
 protected:
  void SetUp() override { RequireOpa(); }

  void StartOpa(const std::string& policies) {
    OpaSupervisorOptions options;
    options.work_folder = folder_.Sub("work");
    options.policy_folder = policies;
    auto supervisor = OpaSupervisor::Start(options, clock_);
    ASSERT_TRUE(supervisor.ok()) << supervisor.status();
    supervisor_ = *std::move(supervisor);
    OpaDeciderOptions decider;
    decider.address = supervisor_->address();
    decider.operations = supervisor_->operations();
    opa_ = *OpaDecider::Create(decider, clock_);
  }

  static std::string Describe(const absl::StatusOr<PolicyAnswer>& answer) {
    if (!answer.ok()) return FailureOf(answer.status());
    std::vector<std::string> denials;
    for (const PolicyDenial& denial : answer->denials) {
      denials.push_back(absl::StrCat(denial.rule, ": ", denial.message, "\n"));
    }
    std::sort(denials.begin(), denials.end());
    std::string text = answer->allow ? "allowed\n" : "denied\n";
    for (const std::string& denial : denials) text += denial;
    return text;
  }

  // How many of each outcome; every difference fails the test.
  std::map<std::string, int> Compare(const std::string& operation,
                                     const std::vector<std::string>& inputs) {
    std::map<std::string, int> outcomes;
    for (size_t begin = 0; begin < inputs.size(); begin += 500) {
      std::vector<Pending> by_opa;
      std::vector<Pending> by_embedded;
      const size_t end = std::min(begin + 500, inputs.size());
      for (size_t i = begin; i < end; ++i) {
        by_opa.emplace_back(*opa_, operation, inputs[i], absl::Seconds(30));
        by_embedded.emplace_back(embedded_.decider(), operation, inputs[i], absl::Seconds(30));
      }
      for (size_t i = begin; i < end; ++i) {
        const std::string wanted = Describe(by_opa[i - begin].Get());
        EXPECT_EQ(Describe(by_embedded[i - begin].Get()), wanted)
            << inputs[i] << "\nopa: " << by_opa[i - begin].Get().status()
            << "\nembedded: " << by_embedded[i - begin].Get().status();
        ++outcomes[wanted.substr(0, wanted.find('\n'))];
      }
    }
    return outcomes;
  }

  TemporaryFolder folder_;
  SteadyClock clock_;
  std::unique_ptr<OpaSupervisor> supervisor_;
  std::unique_ptr<OpaDecider> opa_;
  Embedded embedded_;
};

TEST_F(DifferentialTest, APolicyThatUsesMuchOfTheLanguage) {
  const std::string policies = PolicySources() + "/tests/policy/language";
  StartOpa(policies);
  const auto archive = BuildBundle(policies, *FindOpa(""));
  ASSERT_TRUE(archive.ok()) << archive.status();
  auto bundle = ParseWasmBundle(*archive);
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  ASSERT_TRUE(embedded_.Start(*std::move(bundle)).ok());
  RandomInputs random(20240607);
  std::vector<std::string> inputs(4000);
  std::generate(inputs.begin(), inputs.end(), [&random] { return random.Next(); });
  const std::map<std::string, int> outcomes = Compare("append", inputs);
  // The inputs are worth their name.
  for (const auto& [outcome, count] : outcomes) std::cout << outcome << ": " << count << "\n";
  for (const char* outcome : {"allowed", "denied", "engine_error"}) {
    EXPECT_GT(outcomes.count(outcome) == 0 ? 0 : outcomes.at(outcome), 30) << outcome;
  }
}

TEST_F(DifferentialTest, ThePoliciesThatShip) {
  StartOpa("");
  ASSERT_TRUE(embedded_.Start(*ParseWasmBundle(ShippedBundle())).ok());
  std::mt19937 random(7);
  std::vector<std::string> inputs;
  for (int i = 0; i < 3000; ++i) {
    Commit commit;
    std::vector<SchemaFacts> facts;
    commit.streams.push_back(
        {StreamName::Literal(absl::StrCat(random() % 5 == 0 ? "$" : "", "s-", random() % 10)), {}});
    for (size_t k = random() % 4; k > 0; --k) {
      Event event;
      event.type = absl::StrCat("T", random() % 3);
      event.content_type = "application/json";
      event.routing.criticality = random() % 2 == 0 ? Criticality::kHigh : Criticality::kLow;
      if (random() % 2 == 0) event.metadata = {{"owner", random() % 2 == 0 ? "me" : ""}};
      commit.events.push_back({0, event});
      facts.push_back({random() % 3 != 0, 1, random() % 2 == 0});
    }
    inputs.push_back(AppendInput(commit, {}, facts, {}));
  }
  const std::map<std::string, int> outcomes = Compare("append", inputs);
  EXPECT_GT(outcomes.at("allowed"), 100);
  EXPECT_GT(outcomes.at("denied"), 100);
}

// All rules that there are, with data that make them speak.
constexpr char kData[] = R"({"nexus": {
  "graph": {"services": {
    "shop": {"principals": ["shop"], "owns": ["order"], "sends": {"payment": ["T1"]}},
    "billing": {"principals": ["billing"], "owns": ["payment"]}}},
  "grants": {
    "w": [{"operations": ["append", "read"], "categories": ["order", "payment"]}],
    "all": [{"operations": ["append", "read", "query"], "categories": ["*", "$*"]}],
    "support": [{"operations": ["read", "query"], "categories": ["*"]}]},
  "limits": {"query": {"span_seconds_max": 100, "wide_seconds": 50, "wide_reads_left_min": 2},
             "access": {"tokens_expire": true}}}})";

class RandomQuestions {
 public:
  explicit RandomQuestions(unsigned seed) : random_(seed) {}

  std::string Append() {
    Commit commit;
    commit.streams.push_back({StreamName::Literal(absl::StrCat(Category(), "-", Below(9))), {}});
    Event event;
    event.type = absl::StrCat("T", Below(3));
    event.content_type = "application/json";
    if (Below(2) == 0) event.metadata = {{"purpose", Below(2) == 0 ? "contract" : "fun"}};
    if (Below(8) == 0) event.tags = {"card:4111111111111111"};
    commit.events.push_back({0, event});
    ClassifiedFieldsList list;
    list.Add("/a", {Pick({"pii.email", "pii.phone", "card.pan", "card.cvv", "x"}), Below(2) == 0});
    const ClassifiedFields classified = list.Take();
    const SchemaFacts facts{Below(4) != 0, 1, true, Below(3) == 0 ? nullptr : &classified};
    return AppendInput(commit, Principal(), {facts}, {});
  }
  std::string Read() { return ReadInput(Facts(), Principal()); }
  std::string Query() {
    ReadFacts facts = Facts();
    facts.now = Timestamp{1'000'000'000};
    if (Below(3) != 0) facts.from_time = Timestamp{static_cast<int64_t>(Below(1'000)) * 1'000'000};
    if (Below(2) == 0) facts.to_time = Timestamp{static_cast<int64_t>(Below(1'000)) * 1'000'000};
    if (Below(2) == 0) facts.temporal_reads_left = Below(5);
    return QueryInput(facts, Principal());
  }

 private:
  size_t Below(size_t end) { return random_() % end; }
  std::string Pick(const std::vector<std::string>& choices) {
    return choices[Below(choices.size())];
  }
  std::string Category() { return Pick({"order", "payment", "customer", "note", "$schemas"}); }
  PrincipalFacts Principal() {
    return {Pick({"shop", "billing", "ada"}),
            Below(4) != 0,
            "token",
            {Pick({"w", "all", "support", "none"})}};
  }
  ReadFacts Facts() {
    stream_ = Below(2) == 0 ? "" : absl::StrCat(Category(), "-1");
    filter_.items.clear();
    for (size_t i = Below(3); i > 0; --i) {
      FilterItem item;
      if (Below(4) != 0) item.categories = {Category()};
      filter_.items.push_back(item);
    }
    return {.call = "read",
            .stream = stream_,
            .system_events = Below(2) == 0,
            .events_max = Below(3),
            .filter = &filter_};
  }

  std::mt19937 random_;
  std::string stream_;
  EventFilter filter_;
};

TEST_F(DifferentialTest, ThePoliciesThatShipWithTheirDataAndTemplates) {
  namespace fs = std::filesystem;
  const std::string folder = folder_.Sub("mine");
  const auto deep = fs::copy_options::recursive;
  fs::copy(PolicySources() + "/policies/shipped", folder, deep);
  for (const char* name : {"gdpr", "pci_dss"}) {
    fs::copy(absl::StrCat(PolicySources(), "/policies/templates/", name), folder,
             deep | fs::copy_options::overwrite_existing);
  }
  folder_.Write("mine/data.json", kData);
  StartOpa(folder);
  const auto archive = BuildBundle(folder, *FindOpa(""));
  ASSERT_TRUE(archive.ok()) << archive.status();
  ASSERT_TRUE(embedded_.Start(*ParseWasmBundle(*archive)).ok());
  RandomQuestions random(11);
  using Make = std::string (RandomQuestions::*)();
  const std::vector<std::pair<std::string, Make>> operations = {
      {"append", &RandomQuestions::Append},
      {"read", &RandomQuestions::Read},
      {"query", &RandomQuestions::Query}};
  for (const auto& [operation, make] : operations) {
    std::vector<std::string> inputs(1'000);
    std::generate(inputs.begin(), inputs.end(), [&, &make = make] { return (random.*make)(); });
    const std::map<std::string, int> outcomes = Compare(operation, inputs);
    EXPECT_GT(outcomes.count("allowed") == 0 ? 0 : outcomes.at("allowed"), 5) << operation;
    EXPECT_GT(outcomes.count("denied") == 0 ? 0 : outcomes.at("denied"), 100) << operation;
    EXPECT_EQ(outcomes.size(), 2u) << operation << " fails for some inputs";
  }
}

}  // namespace
}  // namespace nexus::policy
