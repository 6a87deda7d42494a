#include "policy/opa/plan_reads.h"

#include <simdjson.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "nexus/core/errors.h"
#include "policy/opa/input_tree.h"

namespace nexus::policy {
namespace {

using simdjson::dom::element;
using Places = InputTree::Places;
using PlanLocal = int64_t;
using Operand = simdjson::simdjson_result<element>;
// What each local may be a part of, at one point of a function.
using Locals = absl::flat_hash_map<PlanLocal, Places>;

constexpr PlanLocal kInput = 0;  // of an entrypoint
constexpr size_t kPlacesMax = 4096;
constexpr size_t kFormatValues = 1;  // the operand of sprintf

Operand AsOperand(element value) { return Operand(std::move(value)); }

// Of an operand, or a plain number; -1 for a constant.
PlanLocal LocalOf(Operand operand) {
  PlanLocal local = -1;
  std::string_view type;
  if (operand.get(local) == simdjson::SUCCESS) return local;
  if (operand["type"].get(type) != simdjson::SUCCESS || type != "local" ||
      operand["value"].get(local) != simdjson::SUCCESS) {
    return -1;
  }
  return local;
}

// Statements that look at what a value is, or make one, and read nothing in it. What they make is
// no part of the input, and a local that they set is none any more.
bool ReadsNothing(std::string_view type) {
  static const std::set<std::string_view> kTypes = {
      "AssignIntStmt", "BreakStmt",      "IsArrayStmt",    "IsDefinedStmt",     "IsObjectStmt",
      "IsSetStmt",     "NopStmt",        "MakeNullStmt",   "MakeNumberIntStmt", "MakeNumberRefStmt",
      "MakeSetStmt",   "MakeObjectStmt", "ResetLocalStmt", "IsUndefinedStmt"};
  return kTypes.count(type) > 0;
}

// Members of statements that are read whole.
std::vector<std::string_view> ValuesOf(std::string_view type) {
  if (type == "EqualStmt" || type == "NotEqualStmt" || type == "ObjectMergeStmt") return {"a", "b"};
  if (type == "SetAddStmt" || type == "ResultSetAddStmt") return {"value"};
  // It compares the value with the one that is there.
  if (type == "AssignVarOnceStmt") return {"source"};
  if (type == "ObjectInsertStmt" || type == "ObjectInsertOnceStmt") return {"key", "value"};
  return {};
}

bool Join(const Locals& more, Locals& locals) {
  bool changed = false;
  for (const auto& [local, places] : more) {
    Places& here = locals[local];
    const size_t before = here.size();
    here.insert(places.begin(), places.end());
    changed = changed || here.size() != before;
  }
  return changed;
}

// What all entrypoints of the document share.
struct Plans {
  explicit Plans(element document) {
    simdjson::dom::array list;
    std::string_view text;
    if (document["funcs"]["funcs"].get(list) == simdjson::SUCCESS) {
      for (const element function : list) {
        if (function["name"].get(text) == simdjson::SUCCESS) functions[text] = function;
      }
    }
    if (document["static"]["strings"].get(list) == simdjson::SUCCESS) {
      for (const element one : list) {
        strings.push_back(one["value"].get(text) == simdjson::SUCCESS ? text : std::string_view());
      }
    }
  }

  std::map<std::string_view, element> functions;
  std::vector<std::string_view> strings;
};

// Follows the input from one entrypoint through all functions that it calls, again and again until
// nothing new is found. Within a function the statements are followed in their order; since each
// may end the block that it stands in, what holds at the end of a block is what held anywhere in
// it.
class Walk {
 public:
  explicit Walk(const Plans& plans) : plans_(plans) {}

  // Nothing: it may read all.
  std::optional<InputReads> Reads(element plan) {
    Function& entry = Open("", plan);
    entry.given[kInput].insert(&tree_.root());
    for (size_t before = 0; understood_ && before != Knowledge();) {
      before = Knowledge();
      // By index: calls open more.
      for (size_t i = 0; i < reached_.size(); ++i) Follow(*reached_[i]);
      if (tree_.size() > kPlacesMax) understood_ = false;
    }
    if (!understood_ || tree_.root().whole) return std::nullopt;
    return tree_.Reads();
  }

 private:
  struct Function {
    element blocks;
    std::vector<PlanLocal> parameters;
    Locals given;  // by all callers
    Places returns;
  };
  struct Point {
    Locals now;
    Locals end;  // of the block, so far
  };

  size_t Knowledge() const { return tree_.knowledge() + learnt_; }

  Function& Open(std::string_view name, element function) {
    auto& slot = functions_[name];
    if (slot != nullptr) return *slot;
    ++learnt_;
    slot = std::make_unique<Function>();
    if (function["blocks"].get(slot->blocks) != simdjson::SUCCESS) understood_ = false;
    simdjson::dom::array parameters;
    if (function["params"].get(parameters) == simdjson::SUCCESS) {
      for (const element one : parameters) slot->parameters.push_back(LocalOf(AsOperand(one)));
    }
    reached_.push_back(slot.get());
    return *slot;
  }

  void Follow(Function& function) {
    Locals locals = function.given;
    FollowBlocks(AsOperand(function.blocks), function, locals);
  }

  void FollowBlocks(Operand blocks, Function& function, Locals& locals) {
    simdjson::dom::array list;
    if (blocks.get(list) != simdjson::SUCCESS) understood_ = false;
    if (!understood_) return;
    for (const element block : list) FollowBlock(AsOperand(block), function, locals);
  }

  // `locals` become those at its end.
  void FollowBlock(Operand block, Function& function, Locals& locals) {
    Point point{locals, locals};
    simdjson::dom::array statements;
    // An empty block is null.
    if (block["stmts"].get(statements) != simdjson::SUCCESS) return;
    for (const element wrapped : statements) {
      element statement;
      std::string_view type;
      if (wrapped["type"].get(type) != simdjson::SUCCESS ||
          wrapped["stmt"].get(statement) != simdjson::SUCCESS) {
        understood_ = false;
        return;
      }
      Step(function, type, statement, point);
    }
    locals = std::move(point.end);
  }

  void Step(Function& function, std::string_view type, element statement, Point& point) {
    if (ReadsNothing(type)) return Set(LocalOf(statement["target"]), {}, point);
    if (type == "DotStmt") return Dot(statement, point);
    if (type == "ScanStmt") return Scan(function, statement, point);
    if (type == "CallStmt") return Call(statement, point);
    if (type == "MakeArrayStmt") return MakeArray(type, statement, point);
    if (type == "AssignVarStmt") {
      return Set(LocalOf(statement["target"]), At(statement["source"], point), point);
    }
    if (type == "NotStmt") return Nest(statement["block"], function, point);
    if (type == "BlockStmt") {
      FollowBlocks(statement["blocks"], function, point.now);
      Join(point.now, point.end);
      return;
    }
    if (type == "ReturnLocalStmt") return Return(function, At(statement["source"], point));
    if (type == "LenStmt") {
      tree_.ReadShape(At(statement["source"], point));
      return Set(LocalOf(statement["target"]), {}, point);
    }
    if (type == "ArrayAppendStmt") {
      return tree_.Append(At(statement["value"], point), At(statement["array"], point));
    }
    const std::vector<std::string_view> values = ValuesOf(type);
    if (values.empty()) understood_ = false;
    for (const std::string_view value : values) {
      tree_.ReadWhole(At(statement[value], point), false);
    }
    // Of those, only they have a target.
    Set(LocalOf(statement["target"]), {}, point);
  }

  void Nest(Operand block, Function& function, Point& point) {
    FollowBlock(block, function, point.now);
    Join(point.now, point.end);
  }

  void Dot(element statement, Point& point) {
    const Places source = At(statement["source"], point);
    std::string_view name;
    const bool named = Constant(statement["key"], name);
    // A computed name is looked for among those that there are.
    if (!named) tree_.ReadWhole(At(statement["key"], point), false);
    Set(LocalOf(statement["target"]),
        named ? tree_.Member(source, {name.data(), name.size()}) : tree_.Each(source), point);
  }

  // Its block runs as often as there are elements, or never.
  void Scan(Function& function, element statement, Point& point) {
    const Places each = tree_.Each(At(statement["source"], point));
    bool changed = true;
    while (changed && understood_) {
      const Locals before = point.now;
      Set(LocalOf(statement["key"]), {}, point);
      Set(LocalOf(statement["value"]), each, point);
      Nest(statement["block"], function, point);
      Locals after = before;
      changed = Join(point.now, after);
      point.now = std::move(after);
    }
  }

  // One array for all that this statement makes: where its type is written tells it from others.
  void MakeArray(std::string_view type, element statement, Point& point) {
    InputTree::Place*& made = arrays_[type.data()];
    if (made == nullptr) made = &tree_.NewArray();
    Set(LocalOf(statement["target"]), {made}, point);
  }

  void Return(Function& function, const Places& places) {
    for (InputTree::Place* place : places) learnt_ += function.returns.insert(place).second ? 1 : 0;
  }

  void Call(element statement, Point& point) {
    std::string_view name;
    simdjson::dom::array arguments;
    if (statement["func"].get(name) != simdjson::SUCCESS ||
        statement["args"].get(arguments) != simdjson::SUCCESS) {
      understood_ = false;
      return;
    }
    const auto found = plans_.functions.find(name);
    Set(LocalOf(statement["result"]),
        found == plans_.functions.end() ? CallBuiltin(name, arguments, point)
                                        : CallFunction(Open(name, found->second), arguments, point),
        point);
  }

  Places CallFunction(Function& called, const simdjson::dom::array& arguments, const Point& point) {
    if (arguments.size() != called.parameters.size()) understood_ = false;
    if (!understood_) return {};
    size_t index = 0;
    for (const element argument : arguments) {
      Places& given = called.given[called.parameters[index++]];
      for (InputTree::Place* place : At(AsOperand(argument), point)) {
        learnt_ += given.insert(place).second ? 1 : 0;
      }
    }
    return called.returns;
  }

  Places CallBuiltin(std::string_view name, const simdjson::dom::array& arguments,
                     const Point& point) {
    if ((name == "count" || name == "object.keys") && arguments.size() == 1) {
      tree_.ReadShape(At(arguments.at(0), point));
      return {};
    }
    std::string_view member;
    // object.get(object, "member", otherwise)
    if (name == "object.get" && arguments.size() == 3 && Constant(arguments.at(1), member)) {
      Places found = tree_.Member(At(arguments.at(0), point), {member.data(), member.size()});
      const Places otherwise = At(arguments.at(2), point);
      found.insert(otherwise.begin(), otherwise.end());
      return found;
    }
    size_t index = 0;
    for (const element argument : arguments) {
      tree_.ReadWhole(At(AsOperand(argument), point), name == "sprintf" && index == kFormatValues);
      ++index;
    }
    return {};
  }

  bool Constant(Operand operand, std::string_view& text) const {
    std::string_view type;
    uint64_t index = 0;
    if (operand["type"].get(type) != simdjson::SUCCESS || type != "string_index" ||
        operand["value"].get(index) != simdjson::SUCCESS || index >= plans_.strings.size()) {
      return false;
    }
    text = plans_.strings[index];
    return true;
  }

  static Places At(Operand operand, const Point& point) {
    const auto found = point.now.find(LocalOf(operand));
    return found == point.now.end() ? Places() : found->second;
  }

  static void Set(PlanLocal local, Places places, Point& point) {
    if (local < 0) return;
    Places& end = point.end[local];
    end.insert(places.begin(), places.end());
    point.now[local] = std::move(places);
  }

  const Plans& plans_;
  InputTree tree_;
  std::map<std::string_view, std::unique_ptr<Function>> functions_;
  std::vector<Function*> reached_;
  absl::flat_hash_map<const char*, InputTree::Place*> arrays_;
  size_t learnt_ = 0;
  bool understood_ = true;
};

}  // namespace

absl::StatusOr<std::map<std::string, InputReads>> ReadsOfPlan(absl::string_view plan_json) {
  simdjson::dom::parser parser;
  element document;
  simdjson::dom::array entrypoints;
  if (parser.parse(plan_json.data(), plan_json.size()).get(document) != simdjson::SUCCESS ||
      document["plans"]["plans"].get(entrypoints) != simdjson::SUCCESS) {
    return MakeError(ErrorReason::kConfigurationInvalid,
                     "`opa build -t plan` wrote something that is no plan");
  }
  const Plans shared(document);
  std::map<std::string, InputReads> reads;
  for (const element plan : entrypoints) {
    std::string_view name;
    if (plan["name"].get(name) != simdjson::SUCCESS) continue;
    std::optional<InputReads> found = Walk(shared).Reads(plan);
    if (found.has_value()) reads.emplace(name, *std::move(found));
  }
  return reads;
}

}  // namespace nexus::policy
