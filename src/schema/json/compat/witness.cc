#include "schema/json/compat/witness.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "schema/json/compat/facts.h"
#include "schema/json/evaluator.h"
#include "schema/json/json_compare.h"

namespace nexus::schema {
namespace {

constexpr size_t kDocumentDepthMax = 5;
constexpr size_t kValuesMax = 80;      // of one part of a document
constexpr size_t kDocumentsMax = 400;  // in all
constexpr size_t kHintsMax = 12;
constexpr size_t kStepsMax = 60'000;
constexpr uint64_t kLengthMax = 200;
constexpr uint64_t kItemsMax = 12;
constexpr char kUndeclared[] = "not_declared";

// Limits, lengths and names of both schemas: what lies beside them is where they differ.
struct Hints {
  std::set<std::string> numbers = {"-1", "0", "0.5", "1"};
  std::set<uint64_t> lengths = {0, 1};
  std::set<uint64_t> counts = {0, 1, 2};
  std::set<std::string> names = {kUndeclared};
  std::set<std::string> values;
};

void AddNumber(const std::optional<Number>& number, Hints& hints) {
  if (!number || hints.numbers.size() >= 3 * kHintsMax) return;
  hints.numbers.insert(NumberText(*number));
  const double value = number->kind == Number::Kind::kInt    ? static_cast<double>(number->i)
                       : number->kind == Number::Kind::kUint ? static_cast<double>(number->u)
                                                             : number->d;
  for (const double delta : {-1.0, 1.0, 0.5}) {
    hints.numbers.insert(NumberText(Number::Double(value + delta)));
  }
}

void AddCount(const std::optional<uint64_t>& count, uint64_t max, std::set<uint64_t>& counts) {
  if (!count || *count > max || counts.size() >= 2 * kHintsMax) return;
  counts.insert(*count);
  counts.insert(*count + 1);
  if (*count > 0) counts.insert(*count - 1);
}

void AddHints(const SchemaProgram& program, Hints& hints) {
  size_t looked_at = 0;
  for (const Node& node : program.nodes) {
    if (++looked_at > 2'000) return;
    if (node.number != nullptr) {
      for (const auto* number : {&node.number->minimum, &node.number->maximum, &node.number->above,
                                 &node.number->below, &node.number->step}) {
        AddNumber(*number, hints);
      }
    }
    if (node.text != nullptr) {
      AddCount(node.text->length_min, kLengthMax, hints.lengths);
      AddCount(node.text->length_max, kLengthMax, hints.lengths);
    }
    if (node.array != nullptr) {
      AddCount(node.array->count_min, kItemsMax, hints.counts);
      AddCount(node.array->count_max, kItemsMax, hints.counts);
    }
    if (node.object != nullptr) {
      for (const auto& slot : node.object->slots) {
        if (hints.names.size() < kHintsMax) hints.names.insert(slot.name);
      }
    }
    for (const JsonElement value : node.enumeration) {
      if (hints.values.size() < kHintsMax && value.is_string()) {
        hints.values.insert(CanonicalJson(value));
      }
    }
  }
}

class DocumentMaker {
 public:
  DocumentMaker(const SchemaProgram& program, const Hints& hints)
      : program_(program), hints_(hints), facts_({}) {}

  std::vector<std::string> Make() { return Values(facts_.Of({program_.root}), 0, kDocumentsMax); }

 private:
  using Texts = std::vector<std::string>;

  // Documents, or parts of some, that all parts of `facts` accept.
  Texts Values(const Facts& facts, size_t depth, size_t max) {
    Texts texts;
    if (facts.nothing || depth > kDocumentDepthMax || steps_ > kStepsMax) return texts;
    std::set<std::string> seen;
    const auto add = [&](std::string text) {
      if (texts.size() < max && seen.insert(text).second && IsAccepted(facts, text)) {
        texts.push_back(std::move(text));
      }
    };
    for (const Node* part : facts.parts) {
      if (part->constant) add(CanonicalJson(*part->constant));
      for (size_t i = 0; i < part->enumeration.size() && i < kHintsMax; ++i) {
        add(CanonicalJson(part->enumeration[i]));
      }
    }
    for (const Facts* chosen : Choices(facts)) {
      // The small ones first, so that a schema without a type does not use up its share on objects.
      if ((chosen->kinds & kBooleanBit) != 0) add("true");
      if ((chosen->kinds & kNullBit) != 0) add("null");
      if ((chosen->kinds & kNumericKinds) != 0) {
        for (const std::string& number : hints_.numbers) add(number);
      }
      if ((chosen->kinds & kStringBit) != 0) AddStrings(add);
      if ((chosen->kinds & kObjectBit) != 0) AddObjects(*chosen, depth, add);
      if ((chosen->kinds & kArrayBit) != 0) AddArrays(*chosen, depth, add);
      if ((chosen->kinds & kBooleanBit) != 0) add("false");
    }
    return texts;
  }

  // One for each alternative of the first part that has some; else `facts` itself.
  std::vector<const Facts*> Choices(const Facts& facts) {
    for (const Node* part : facts.parts) {
      if (part->in_place == nullptr ||
          std::find(facts.split.begin(), facts.split.end(), part) != facts.split.end()) {
        continue;
      }
      const NodeList& branches =
          part->in_place->any_of.empty() ? part->in_place->one_of : part->in_place->any_of;
      if (branches.empty()) continue;
      std::vector<const Facts*> choices;
      for (size_t i = 0; i < branches.size() && i < kHintsMax; ++i) {
        const Facts& chosen = facts_.With(facts, {branches[i]}, {}, part);
        for (const Facts* choice : Choices(chosen)) choices.push_back(choice);
        if (choices.size() > 2 * kHintsMax) break;
      }
      return choices;
    }
    return {&facts};
  }

  bool IsAccepted(const Facts& facts, const std::string& text) {
    // A schema of thousands of alternatives makes each question dear.
    steps_ += 1 + text.size() / 64 + program_.nodes.size() / 50;
    if (steps_ > kStepsMax) return false;
    const auto document = JsonDocument::Parse(text, 64);
    if (!document.ok()) return false;
    return std::all_of(facts.nodes.begin(), facts.nodes.end(), [&](const Node* node) {
      Evaluator evaluator(program_, {128, 10'000});
      const auto violations = evaluator.RunAt(*node, (*document)->root(), 1);
      return violations.ok() && violations->empty();
    });
  }

  template <typename Add>
  void AddStrings(Add add) {
    for (const uint64_t length : hints_.lengths) {
      std::string text = "\"";
      text.append(length, 'a');
      add(text + "\"");
    }
    for (const std::string& value : hints_.values) add(value);
    for (const char* text : {"\"A\"", "\"7\"", "\"a1\"", "\"A-1\"", "\"AAA\"", "\"abc\"", "\"EUR\"",
                             "\"2024-01-31\"", "\"a@b.cd\"", "\"00000000\""}) {
      add(text);
    }
  }

  template <typename Add>
  void AddArrays(const Facts& facts, size_t depth, Add add) {
    NodeList item;
    for (const Node* part : facts.parts) {
      if (part->array != nullptr && !part->array->prefix.empty()) {
        item.push_back(part->array->prefix[0]);
      } else if (const Node* rest = RestOfItems(*part)) {
        item.push_back(rest);
      }
    }
    add("[]");
    const Texts values = Values(facts_.Of(std::move(item)), depth + 1, kValuesMax);
    if (values.empty()) return;
    for (const uint64_t count : hints_.counts) {
      std::string same = "[";
      std::string distinct = "[";
      for (uint64_t i = 0; i < count; ++i) {
        absl::StrAppend(&same, i == 0 ? "" : ",", values[0]);
        absl::StrAppend(&distinct, i == 0 ? "" : ",", values[i % values.size()]);
      }
      add(same + "]");
      add(distinct + "]");
    }
    for (const std::string& value : values) add(absl::StrCat("[", value, "]"));
  }

  using Members = std::map<std::string, std::string>;

  static std::string ObjectOf(const Members& members) {
    std::string text = "{";
    for (const auto& [name, value] : members) {
      if (text.size() > 1) text += ',';
      AppendQuoted(text, name);
      absl::StrAppend(&text, ":", value);
    }
    return text + "}";
  }

  template <typename Add>
  void AddObjects(const Facts& facts, size_t depth, Add add) {
    std::map<std::string, Texts> fields;
    Members least;
    Members most;
    for (const Node* part : facts.parts) {
      if (part->object == nullptr) continue;
      for (const ObjectRules::Slot& slot : part->object->slots) {
        if (fields.size() >= 64 || fields.contains(slot.name)) continue;
        const Facts& inside = facts_.Of(CoversOf(facts, slot.name));
        Texts values = Values(inside, depth + 1, kValuesMax);
        if (values.empty()) continue;
        most[slot.name] = values[0];
        if (facts.Requires(slot.name)) least[slot.name] = values[0];
        fields.emplace(slot.name, std::move(values));
      }
    }
    add(ObjectOf(least));
    add(ObjectOf(most));
    Members more = most;
    for (const std::string& name : hints_.names) more.emplace(name, "0");
    add(ObjectOf(more));
    for (const auto& [name, values] : fields) {
      for (const std::string& value : values) {
        Members with = least;
        with[name] = value;
        add(ObjectOf(with));
      }
    }
    for (const auto& [name, values] : fields) {
      Members without = most;
      without.erase(name);
      add(ObjectOf(without));
    }
    for (const std::string& name : hints_.names) {
      if (fields.contains(name)) continue;
      for (const char* value : {"null", "\"a\"", "0.5", "[]", "{}"}) {
        Members with = least;
        with[name] = value;
        add(ObjectOf(with));
      }
    }
  }

  const SchemaProgram& program_;
  const Hints& hints_;
  FactsBook facts_;
  size_t steps_ = 0;
};

}  // namespace

std::vector<Witness> FindWitnesses(const SchemaProgram& accepts, const SchemaProgram& refuses) {
  Hints hints;
  AddHints(refuses, hints);
  AddHints(accepts, hints);
  std::vector<std::string> documents = DocumentMaker(accepts, hints).Make();
  std::stable_sort(documents.begin(), documents.end(),
                   [](const auto& a, const auto& b) { return a.size() < b.size(); });
  std::vector<Witness> witnesses;
  std::set<std::pair<std::string, std::string>> seen;
  const EvaluationLimits limits{256, 100'000};
  for (std::string& text : documents) {
    const auto document = JsonDocument::Parse(text, 64);
    if (!document.ok()) continue;
    const JsonElement root = (*document)->root();
    const auto before = Evaluator(accepts, limits).Run(root, 1);
    const auto after = Evaluator(refuses, limits).Run(root, 1);
    if (!before.ok() || !after.ok() || !before->empty() || after->empty()) continue;
    const Violation& violation = (*after)[0];
    if (!seen.emplace(violation.pointer, violation.keyword).second) continue;
    witnesses.push_back({std::move(text), violation});
  }
  return witnesses;
}

}  // namespace nexus::schema
