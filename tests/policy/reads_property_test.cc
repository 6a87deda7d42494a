// Two inputs that agree on what a decision reads get the same answer from the engine, and the part
// that it reads gets it, too: random inputs that differ in one place, evaluated without a cache.

#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "policy/compiled_policies.h"
#include "policy/embedded.h"
#include "policy/real_opa.h"
#include "policy/shipped/shipped_bundle.h"
#include "policy/wasm/decider_worker.h"
#include "policy/wasm/decision_keys.h"

namespace nexus::policy {
namespace {

// A value that can be written, and changed in one place.
struct Value {
  std::string text;  // of a scalar
  std::vector<std::pair<std::string, Value>> members;
  char kind = 's';  // 'o', 'a' or a scalar
};

std::string Write(const Value& value) {
  if (value.kind == 's') return value.text;
  std::string out(1, value.kind == 'o' ? '{' : '[');
  for (size_t i = 0; i < value.members.size(); ++i) {
    if (i > 0) out += ",";
    if (value.kind == 'o') absl::StrAppend(&out, "\"", value.members[i].first, "\":");
    out += Write(value.members[i].second);
  }
  return out + (value.kind == 'o' ? "}" : "]");
}

class RandomValues {
 public:
  explicit RandomValues(unsigned seed) : random_(seed) {}

  size_t Below(size_t end) { return random_() % end; }

  // By the names of the policy input, mostly of the types that it has.
  Value Input() {
    Value input = Object({{"operation", Scalar({"\"append\"", "\"append\"", "\"read\""})},
                          {"tenant", Scalar({"0", "1"})},
                          {"principal", Principal()},
                          {"streams", Many(&RandomValues::Stream)},
                          {"events", Many(&RandomValues::Event)}});
    for (const char* name : {"subject", "comment", "category", "schema_mode", "mode"}) {
      input.members.emplace_back(name, Word());
    }
    return input;
  }

  // One place becomes another value, or is gone, or there is one more.
  void Change(Value& value) {
    if (value.members.empty() || Below(5) == 0) {
      if (value.kind != 's' && Below(2) == 0)
        return value.members.emplace_back("extra", Any()), void();
      value = Any();
      return;
    }
    const size_t at = Below(value.members.size());
    if (Below(12) == 0) {
      value.members.erase(value.members.begin() + static_cast<std::ptrdiff_t>(at));
    } else {
      Change(value.members[at].second);
    }
  }

 private:
  using Members = std::vector<std::pair<std::string, Value>>;

  static Value Object(Members members) { return {"", std::move(members), 'o'}; }
  Value Scalar(const std::vector<std::string>& choices) {
    return {choices[Below(choices.size())], {}, 's'};
  }
  Value Word() {
    return Scalar(
        {"\"order\"", "\"order\"", "\"order\"", "\"$x\"", "\"\"", "\"payment\"", "\"*\""});
  }
  Value Mostly(const std::string& value) {
    return Scalar({value, value, value, value == "true" ? "false" : "true"});
  }
  Value Number() { return Scalar({"0", "1", "2.5", "-3"}); }
  Value Any() {
    switch (Below(6)) {
      case 0:
        return Object({{"owner", Word()}});
      case 1:
        return {"", {{"", Word()}}, 'a'};
      case 2:
        return Number();
      case 3:
        return Scalar({"null", "true", "\"writer\"", "\"high\""});
      default:
        return Word();
    }
  }
  Value Many(Value (RandomValues::*make)()) {
    Value list{"", {}, 'a'};
    for (size_t i = Below(3); i > 0; --i) list.members.emplace_back("", (this->*make)());
    return list;
  }
  Value Role() { return Scalar({"\"writer\"", "\"writer\"", "\"admin\"", "\"none\""}); }
  Value Principal() { return Object({{"name", Word()}, {"roles", Many(&RandomValues::Role)}}); }
  Value Stream() {
    return Object({{"name", Word()},
                   {"category", Word()},
                   {"system", Mostly("false")},
                   {"expected", Object({{"kind", Word()}})}});
  }
  Value Event() {
    return Object({{"stream", Word()},
                   {"category", Word()},
                   {"type", Word()},
                   {"schema", Object({{"registered", Mostly("true")},
                                      {"version", Number()},
                                      {"required", Mostly("true")}})},
                   {"tags", Many(&RandomValues::Word)},
                   {"metadata", Object({{"owner", Word()}, {"other", Word()}})},
                   {"routing", Object({{"criticality", Scalar({"\"high\"", "\"low\"", "\"low\""})},
                                       {"max_latency_ms", Number()}})},
                   {"count", Number()},
                   {"first_index", Number()}});
  }

  std::mt19937 random_;
};

class ReadsPropertyTest : public testing::Test {
 protected:
  void SetUp() override { RequireOpa(); }

  void Load(const WasmBundle& bundle) {
    {
      const auto context = *embedded_.engine().NewContext({});
      program_ = *WasmProgram::Load(*context, bundle, {});
    }
    worker_ = *DeciderWorker::Create(embedded_.engine());
  }

  struct Answer {
    std::string text;
    bool formatted = false;
  };
  Answer Decide(const std::string& operation, const std::string& input) {
    EXPECT_TRUE(worker_->Use(program_).ok());
    const auto decision = worker_->Decide(operation, input, absl::Seconds(10));
    if (!decision.ok()) return {std::string(decision.status().message()), true};
    std::string text = decision->answer.allow ? "allowed" : "denied";
    for (const PolicyDenial& denial : decision->answer.denials) {
      absl::StrAppend(&text, "\n", denial.rule, ": ", denial.message);
    }
    return {text, decision->formatted};
  }

  void Compare(const std::string& operation, int pairs, unsigned seed) {
    RandomValues random(seed);
    const WasmProgram::Operation& of = *program_->Find(operation);
    ASSERT_TRUE(of.reads.has_value());
    int agreed = 0;
    int agreed_unformatted = 0;
    for (int i = 0; i < pairs; ++i) {
      Value value = random.Input();
      std::string a = Write(value);
      random.Change(value);
      std::string b = Write(value);
      const std::string all = DecisionKeys(operation, of, a).All();
      const std::string unformatted = DecisionKeys(operation, of, a).Unformatted();
      const Answer wanted = Decide(operation, a);
      const auto part = std::string(DecisionKeys::InputIn(all, operation));
      ASSERT_EQ(Decide(operation, part).text, wanted.text) << a << "\n" << part;
      if (a == b) continue;
      const bool same = all == DecisionKeys(operation, of, b).All();
      const bool same_unformatted = !wanted.formatted && !unformatted.empty() &&
                                    unformatted == DecisionKeys(operation, of, b).Unformatted();
      if (!same && !same_unformatted) continue;
      ASSERT_EQ(Decide(operation, b).text, wanted.text) << a << "\n" << b;
      ++agreed;
      if (!same) ++agreed_unformatted;
    }
    std::cout << operation << ": " << agreed << " of " << pairs << " pairs agreed, "
              << agreed_unformatted << " of them but for what messages name\n";
    EXPECT_GT(agreed, pairs / 10);
  }

  Embedded embedded_;
  std::shared_ptr<const WasmProgram> program_;
  std::unique_ptr<DeciderWorker> worker_;
};

TEST_F(ReadsPropertyTest, OfThePoliciesThatShip) {
  Load(*ParseWasmBundle(ShippedBundle()));
  Compare("append", 1500, 1);
  Compare("register_schema", 300, 2);
  Compare("update_category", 300, 3);
}

TEST_F(ReadsPropertyTest, OfAPolicyByRoles) {
  const auto archive = BuildBundle(PolicySources() + "/bench/policy/roles", *FindOpa(""));
  ASSERT_TRUE(archive.ok()) << archive.status();
  Load(*ParseWasmBundle(*archive));
  Compare("append", 1500, 4);
}

TEST_F(ReadsPropertyTest, OfAPolicyThatLooksInManyWays) {
  const auto bundle = Compile({{"append.rego", R"(
package nexus.append

decision := {"allow": allow, "deny": [d | some d in deny]}

default allow := false

allow if {
  input.principal.roles[count(input.principal.roles) - 1] == "writer"
  not input.events[1]
}

allow if input.principal[input.comment] == input.streams[0][_]

named(holder, name) := object.get(holder, name, "none")

deny contains {"rule": "a", "message": sprintf("%v %v", [event, i])} if {
  some i, event in input.events
  count(event.tags) == 2
  named(event.metadata, "owner") == ""
}

deny contains {"rule": "b", "message": message} if {
  some key, value in input.events[_].routing
  startswith(key, "max")
  value > 1
  message := sprintf("%s by %s", [key, input.principal.name])
  message != sprintf("%s", [input.subject])
}

deny contains {"rule": "c", "message": concat(",", object.keys(input.events[0]))} if {
  is_object(input.events[0].schema)
  not input.events[0].schema.registered
  every stream in input.streams { stream.system }
}
)"}});
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  Load(*bundle);
  Compare("append", 2500, 5);
}

}  // namespace
}  // namespace nexus::policy
