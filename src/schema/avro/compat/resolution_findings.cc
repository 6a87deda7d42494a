#include "schema/avro/compat/resolution_findings.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "schema/json/json_describe.h"

namespace nexus::schema {
namespace {

constexpr size_t kListBytesMax = 200;

std::string MissingSymbols(const AvroType& writer, const AvroType& reader) {
  const absl::flat_hash_set<absl::string_view> known(reader.symbols.begin(), reader.symbols.end());
  std::vector<std::string> missing;
  for (const std::string& symbol : writer.symbols) {
    if (!known.contains(symbol)) missing.push_back(symbol);
  }
  return Shorten(absl::StrJoin(missing, ", "), kListBytesMax);
}

// Goes to every pair that is not readable, once, from the outside in.
class UnreadablePairs {
 public:
  UnreadablePairs(const ResolutionPlan& plan, bool forward, size_t findings_max)
      : plan_(plan), forward_(forward), findings_max_(findings_max) {}

  std::vector<CompatibilityFinding> Find(const AvroType& writer, const AvroType& reader) {
    Reach(0, writer.pointer, reader.pointer);
    for (size_t i = 0; i < places_.size() && findings_.size() < findings_max_; ++i) {
      // By value: places_ grows.
      Look(Place(places_[i]));
    }
    return std::move(findings_);
  }

 private:
  // Where each side uses the type: what is named is written down elsewhere.
  struct Place {
    uint32_t pair = 0;
    std::string writer;
    std::string reader;
  };

  void Reach(uint32_t pair, std::string writer, std::string reader) {
    if (pair == ResolutionPair::kNone || plan_.pair(pair).readable) return;
    if (reached_.insert(pair).second)
      places_.push_back({pair, std::move(writer), std::move(reader)});
  }

  void Look(const Place& place) {
    const ResolutionPair& pair = plan_.pair(place.pair);
    if (pair.splits_writer()) {
      for (size_t i = 0; i < pair.inner.size(); ++i) {
        Reach(pair.inner[i], absl::StrCat(place.writer, "/", i), place.reader);
      }
    } else if (pair.splits_reader()) {
      LookAtBranches(pair, place);
    } else if (pair.fault != AvroIncompatibility::kNone) {
      AddFault(pair, place);
    } else if (pair.writer->kind == AvroKind::kRecord) {
      LookAtFields(pair);
    } else if (!pair.inner.empty()) {
      const char* below = pair.writer->kind == AvroKind::kMap ? "/values" : "/items";
      Reach(pair.inner[0], pair.writer->pointer + below, pair.reader->pointer + below);
    }
  }

  void LookAtBranches(const ResolutionPair& pair, const Place& place) {
    const std::string type = DescribeAvroType(*pair.writer);
    Add(AvroIncompatibility::kMissingUnionBranch, place.writer, place.reader, type,
        DescribeAvroType(*pair.reader), absl::StrCat("no branch of the union reads ", type));
    // A branch that would be the one says why it is not.
    for (size_t i = 0; i < pair.inner.size(); ++i) {
      const ResolutionPair& branch = plan_.pair(pair.inner[i]);
      const bool is_meant = branch.writer->kind == branch.reader->kind &&
                            branch.fault != AvroIncompatibility::kNameMismatch;
      if (is_meant) Reach(pair.inner[i], place.writer, absl::StrCat(place.reader, "/", i));
    }
  }

  void LookAtFields(const ResolutionPair& pair) {
    for (const uint32_t i : pair.unsourced) {
      const AvroField& field = pair.reader->fields[i];
      if (field.has_default) continue;
      Add(AvroIncompatibility::kReaderFieldMissingDefaultValue, field.pointer, field.pointer, "",
          DescribeAvroType(*field.type),
          absl::StrCat("the field ", field.name, " of ", pair.reader->full_name,
                       " has no default, and the data do not have it"));
    }
    for (size_t i = 0; i < pair.inner.size(); ++i) {
      if (pair.inner[i] == ResolutionPair::kNone) continue;
      Reach(pair.inner[i], pair.writer->fields[i].pointer + "/type",
            pair.reader->fields[pair.reader_field[i]].pointer + "/type");
    }
  }

  void AddFault(const ResolutionPair& pair, const Place& place) {
    const AvroType& writer = *pair.writer;
    const AvroType& reader = *pair.reader;
    switch (pair.fault) {
      case AvroIncompatibility::kNameMismatch:
        Add(pair.fault, place.writer, place.reader, writer.full_name, reader.full_name,
            absl::StrCat(reader.full_name, " is not the name of data that were written as ",
                         writer.full_name));
        return;
      case AvroIncompatibility::kFixedSizeMismatch:
        Add(pair.fault, place.writer, place.reader, absl::StrCat(writer.fixed_bytes),
            absl::StrCat(reader.fixed_bytes),
            absl::StrCat(reader.full_name, " has ", reader.fixed_bytes,
                         " bytes where the data have ", writer.fixed_bytes));
        return;
      case AvroIncompatibility::kMissingEnumSymbols: {
        const std::string missing = MissingSymbols(writer, reader);
        Add(pair.fault, place.writer, place.reader, missing, "",
            absl::StrCat(reader.full_name, " has neither the symbols ", missing, " nor a default"));
        return;
      }
      default:
        Add(pair.fault, place.writer, place.reader, DescribeAvroType(writer),
            DescribeAvroType(reader),
            absl::StrCat(DescribeAvroType(reader), " does not read ", DescribeAvroType(writer)));
    }
  }

  void Add(AvroIncompatibility fault, std::string writer, std::string reader, std::string written,
           std::string read, std::string message) {
    CompatibilityFinding finding;
    finding.rule = std::string(AvroIncompatibilityName(fault));
    finding.path = forward_ ? std::move(writer) : std::move(reader);
    finding.old_value = forward_ ? std::move(read) : std::move(written);
    finding.new_value = forward_ ? std::move(written) : std::move(read);
    finding.message = forward_ ? absl::StrCat("for readers of the earlier version: ", message)
                               : std::move(message);
    finding.forward = forward_;
    findings_.push_back(std::move(finding));
  }

  const ResolutionPlan& plan_;
  const bool forward_;
  const size_t findings_max_;
  absl::flat_hash_set<uint32_t> reached_;
  std::vector<Place> places_;
  std::vector<CompatibilityFinding> findings_;
};

}  // namespace

std::vector<CompatibilityFinding> FindUnreadable(const AvroSchema& writer, const AvroSchema& reader,
                                                 bool forward, const ResolutionLimits& limits,
                                                 size_t findings_max) {
  const auto plan = ResolutionPlan::Make(*writer.root, *reader.root, limits);
  if (plan != nullptr) {
    return UnreadablePairs(*plan, forward, findings_max).Find(*writer.root, *reader.root);
  }
  CompatibilityFinding finding;
  finding.rule = "UNDECIDED";
  finding.forward = forward;
  finding.message = absl::StrCat("more than ", limits.pairs_max, " pairs of types or ",
                                 limits.steps_max, " steps would have to be looked at");
  return {finding};
}

}  // namespace nexus::schema
