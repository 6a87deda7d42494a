#include "schema/avro/resolution_plan.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace nexus::schema {

bool ResolutionPair::lacks_default() const {
  return std::any_of(unsourced.begin(), unsourced.end(),
                     [&](uint32_t field) { return !reader->fields[field].has_default; });
}

// Finds all pairs first, then which of them are readable. A pair that leads back to itself is
// readable unless something else in it is not: the largest answer that contradicts no rule.
class PlanBuilder {
 public:
  explicit PlanBuilder(const ResolutionLimits& limits) : limits_(limits) {}

  std::unique_ptr<const ResolutionPlan> Build(const AvroType& writer, const AvroType& reader) {
    IndexOf(writer, reader);
    for (uint32_t at = 0; at < pairs_.size(); ++at) {
      Expand(at);
      if (pairs_.size() > limits_.pairs_max || steps_ > limits_.steps_max) return nullptr;
    }
    Judge();
    for (ResolutionPair& pair : pairs_) {
      if (pair.splits_reader()) pair.chosen_branch = Choose(pair);
    }
    return std::unique_ptr<const ResolutionPlan>(new ResolutionPlan(std::move(pairs_)));
  }

 private:
  uint32_t IndexOf(const AvroType& writer, const AvroType& reader) {
    const auto [found, is_new] =
        index_.emplace(std::pair(&writer, &reader), static_cast<uint32_t>(pairs_.size()));
    if (is_new) {
      pairs_.emplace_back();
      pairs_.back().writer = &writer;
      pairs_.back().reader = &reader;
    }
    return found->second;
  }

  // Not by reference: pairs_ grows under it.
  void Expand(uint32_t at) {
    const AvroType& writer = *pairs_[at].writer;
    const AvroType& reader = *pairs_[at].reader;
    std::vector<uint32_t> inner;
    AvroIncompatibility fault = AvroIncompatibility::kNone;
    if (writer.kind == AvroKind::kUnion) {
      for (const AvroType* branch : writer.branches) inner.push_back(IndexOf(*branch, reader));
    } else if (reader.kind == AvroKind::kUnion) {
      for (const AvroType* branch : reader.branches) inner.push_back(IndexOf(writer, *branch));
    } else {
      steps_ += writer.symbols.size() + reader.symbols.size();
      fault = FaultOfPair(writer, reader);
      if (fault == AvroIncompatibility::kNone && writer.items != nullptr) {
        inner.push_back(IndexOf(*writer.items, *reader.items));
      }
      if (fault == AvroIncompatibility::kNone && writer.kind == AvroKind::kRecord) {
        inner = ExpandFields(at);
      }
    }
    steps_ += 1 + inner.size();
    pairs_[at].inner = std::move(inner);
    pairs_[at].fault = fault;
  }

  std::vector<uint32_t> ExpandFields(uint32_t at) {
    const AvroType& writer = *pairs_[at].writer;
    const AvroType& reader = *pairs_[at].reader;
    absl::flat_hash_map<absl::string_view, uint32_t> written;
    for (uint32_t i = 0; i < writer.fields.size(); ++i) written[writer.fields[i].name] = i;
    std::vector<uint32_t> reader_field(writer.fields.size(), ResolutionPair::kNone);
    std::vector<uint32_t> inner(writer.fields.size(), ResolutionPair::kNone);
    std::vector<uint32_t> unsourced;
    for (uint32_t i = 0; i < reader.fields.size(); ++i) {
      const AvroField& field = reader.fields[i];
      auto source = written.find(field.name);
      for (size_t a = 0; source == written.end() && a < field.aliases.size(); ++a) {
        source = written.find(field.aliases[a]);
      }
      steps_ += 1 + field.aliases.size();
      if (source == written.end()) {
        unsourced.push_back(i);
        continue;
      }
      reader_field[source->second] = i;
      inner[source->second] = IndexOf(*writer.fields[source->second].type, *field.type);
    }
    pairs_[at].reader_field = std::move(reader_field);
    pairs_[at].unsourced = std::move(unsourced);
    return inner;
  }

  void Judge() {
    std::vector<std::vector<uint32_t>> users(pairs_.size());
    std::vector<size_t> hopes(pairs_.size());  // branches of a reader's union not ruled out
    std::vector<uint32_t> refused;
    for (uint32_t i = 0; i < pairs_.size(); ++i) {
      ResolutionPair& pair = pairs_[i];
      hopes[i] = pair.splits_reader() ? pair.inner.size() : 1;
      for (const uint32_t inner : pair.inner) {
        if (inner != ResolutionPair::kNone) users[inner].push_back(i);
      }
      if (pair.fault == AvroIncompatibility::kNone && !pair.lacks_default()) continue;
      pair.readable = false;
      refused.push_back(i);
    }
    while (!refused.empty()) {
      const uint32_t inner = refused.back();
      refused.pop_back();
      for (const uint32_t user : users[inner]) {
        if (!pairs_[user].readable || --hopes[user] > 0) continue;
        pairs_[user].readable = false;
        refused.push_back(user);
      }
    }
  }

  // The first branch of the reader's union that reads everything and has the writer's own type;
  // else the first that reads everything; else, for data that may still fit, the first that is not
  // ruled out by itself.
  uint32_t Choose(const ResolutionPair& pair) const {
    uint32_t best = 0;
    int best_rank = -1;
    for (uint32_t i = 0; i < pair.inner.size(); ++i) {
      const ResolutionPair& branch = pairs_[pair.inner[i]];
      const bool same_type = branch.reader->kind == branch.writer->kind;
      const bool same_name = branch.reader->full_name == branch.writer->full_name;
      int rank = branch.fault == AvroIncompatibility::kNone ? 1 : 0;
      if (branch.readable) rank = 2 + (same_type ? 1 : 0) + (same_type && same_name ? 1 : 0);
      if (rank <= best_rank) continue;
      best = i;
      best_rank = rank;
    }
    return best;
  }

  const ResolutionLimits limits_;
  absl::flat_hash_map<std::pair<const AvroType*, const AvroType*>, uint32_t> index_;
  std::vector<ResolutionPair> pairs_;
  size_t steps_ = 0;
};

std::unique_ptr<const ResolutionPlan> ResolutionPlan::Make(const AvroType& writer,
                                                           const AvroType& reader,
                                                           const ResolutionLimits& limits) {
  return PlanBuilder(limits).Build(writer, reader);
}

}  // namespace nexus::schema
