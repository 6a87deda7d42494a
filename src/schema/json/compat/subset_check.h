#pragma once

// Is every document that one schema accepts accepted by another? "Yes" is a proof; "no" comes with
// the places where the proof fails, which need not be a real difference.
//
// Both schemas are compared part by part. A pair that is met again below itself is assumed to hold:
// each way round leads to a smaller value, so the assumption is the claim for what lies inside.
// The work is bounded; beyond the bound the answer is no, with UNDECIDED.
//
// For one question, on one thread. The programs must outlive it.

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "nexus/core/compatibility.h"
#include "schema/json/compat/facts.h"
#include "schema/json/compat/place.h"
#include "schema/json/compat/same_rules.h"
#include "schema/json/schema_model.h"

namespace nexus::schema {

// One place where the proof fails.
struct Difference {
  std::string rule;
  std::string from_path;  // JSON pointers into the two schemas
  std::string to_path;
  std::string from_value;
  std::string to_value;
  std::string message;
  std::string keyword;                // that refuses the documents; empty: not known
  std::vector<std::string> instance;  // where in a document; "*" is any token
};

struct SubsetLimits {
  size_t steps_max = 1'000'000;
  size_t nesting_max = 200;
  size_t differences_max = 100;
};

class SubsetCheck {
 public:
  SubsetCheck(const SchemaProgram& from, const SchemaProgram& to, CompatibilityPolicy policy,
              const SubsetLimits& limits);

  // Empty: every document of `from` is one of `to`.
  std::vector<Difference> Run();

 private:
  // Where in the documents a question stands, as each schema sees it.
  struct Where {
    const Place* from;
    const Place* to;
  };
  // What the steps share: what is known, what must follow, and whether differences are noted.
  struct Goal {
    const Facts& facts;
    const Node& to;
    Where where;
    bool report;
  };
  using Values = std::pair<std::string, std::string>;

  bool Fits(const Facts& facts, const Node& to, Where where, bool report);
  bool FitsParts(const Goal& goal);
  bool FitsPart(const Goal& goal);
  bool FitsRules(const Goal& goal);
  bool FitsListedValues(const Goal& goal);
  bool FitsBySplitting(const Goal& goal);
  bool FitsType(const Goal& goal);
  bool FitsNumber(const Goal& goal);
  bool FitsStep(const Goal& goal);
  bool FitsText(const Goal& goal);
  bool FitsPattern(const Goal& goal);
  bool FitsFormat(const Goal& goal);
  bool FitsArray(const Goal& goal);
  bool FitsItems(const Goal& goal);
  bool FitsItem(const Goal& goal, size_t index, bool rest);
  bool FitsContains(const Goal& goal);
  bool FitsObject(const Goal& goal);
  bool FitsMember(const Goal& goal, const std::string& name);
  bool FitsNewMember(const Goal& goal, const std::string& name, const NodeList& from,
                     const NodeList& to);
  bool FitsLostMember(const Goal& goal, const std::string& name, const NodeList& from,
                      const Node& to);
  bool FitsRequired(const Goal& goal);
  bool FitsPatterns(const Goal& goal);
  bool FitsAdditional(const Goal& goal);
  bool FitsNames(const Goal& goal);
  bool FitsDependencies(const Goal& goal);
  bool FitsDependency(const Goal& goal, const ObjectRules::Dependency& wanted);
  bool FitsCombinations(const Goal& goal);
  bool FitsAlternatives(const Goal& goal, const NodeList& branches, bool exclusive);
  bool FitsOneOf(const Facts& facts, const NodeList& branches, bool exclusive, Where where);
  bool FitsNot(const Goal& goal);
  bool FitsCondition(const Goal& goal);
  void ReportAlternatives(const Goal& goal, const NodeList& branches, bool exclusive);

  // Whether a value that `facts` describe certainly breaks `node`, or cannot exist.
  bool Excludes(const Facts& facts, const Node& node, Where where);
  bool IsEmpty(const Facts& facts, int depth);
  // Whether documents have no such field, by the policy's word on undeclared fields.
  bool IsAbsent(const std::string& name, Where where) const;
  bool IsValid(const Node& node, JsonElement value);

  // Always false; notes the difference if the goal reports.
  bool Fail(const Goal& goal, absl::string_view rule, absl::string_view suffix, Values values,
            std::string message, absl::string_view keyword = "");
  bool Undecided(const Goal& goal, absl::string_view keyword);
  // Two bounds: `from` must be there and no looser than `to`.
  bool FailBound(const Goal& goal, absl::string_view name, absl::string_view direction,
                 absl::string_view keyword, const std::string& from, const std::string& to);
  bool FitsCountMin(const Goal& goal, absl::string_view name, absl::string_view keyword,
                    std::optional<uint64_t> from, std::optional<uint64_t> to);
  bool FitsCountMax(const Goal& goal, absl::string_view name, absl::string_view keyword,
                    std::optional<uint64_t> from, std::optional<uint64_t> to);
  bool Spend(size_t steps);

  const SchemaProgram& from_;
  const SchemaProgram& to_;
  const CompatibilityPolicy policy_;
  const SubsetLimits limits_;
  FactsBook facts_;
  PlaceMap places_;
  SameRules same_;
  std::unique_ptr<const JsonDocument> small_values_;  // null, true, false
  std::deque<Node> kind_nodes_;                       // one schema for each kind

  using Question = std::tuple<const Facts*, const Node*, const Place*, const Place*>;
  struct Answer {
    bool fits = false;
    bool reported = false;
  };
  absl::flat_hash_map<Question, Answer> answers_;
  absl::flat_hash_map<Question, size_t> open_;  // with its depth
  size_t lowest_assumed_;
  size_t steps_ = 0;
  bool gave_up_ = false;
  std::vector<Difference> differences_;
  absl::flat_hash_set<std::string> noted_;
  std::vector<std::string> instance_;  // where the question stands
};

// `location` of a node and a keyword below it.
std::string Below(const Node& node, absl::string_view suffix);
// Whether the property stands with a default in `program`, beside it or behind its reference.
bool HasDefault(const SchemaProgram& program, const Node& property);

}  // namespace nexus::schema
