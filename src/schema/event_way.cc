#include "schema/event_way.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "schema/schema_request.h"

namespace nexus::schema {
namespace {

// A circle of successors is refused where they are declared; what was declared before that rule
// ends here.
constexpr int kSuccessorsMax = 64;

// Walks from version to version; the first fault stays.
class Walk {
 public:
  Walk(const WayMap& map, absl::string_view type, uint32_t stored)
      : map_(map), at_(stored), way_{.type = std::string(type)} {}

  const std::string& type() const { return way_.type; }
  uint32_t at() const { return at_; }

  // Along all versions of the type, in either direction.
  void GoTo(uint32_t wanted) {
    if (map_.FindStored(way_.type, wanted) == nullptr) Fail(NoSuchVersion(way_.type, wanted));
    if (!way_.fault.ok()) return;
    std::vector<SchemaRecordPtr> records;
    for (uint32_t version = std::min(at_, wanted); version <= std::max(at_, wanted); ++version) {
      // An import may leave numbers out.
      SchemaRecordPtr record = map_.FindStored(way_.type, version);
      if (record != nullptr) records.push_back(std::move(record));
    }
    if (at_ > wanted) std::reverse(records.begin(), records.end());
    for (size_t i = 1; i < records.size(); ++i) Add(*records[i - 1], records[i - 1], records[i]);
    at_ = wanted;
  }

  void Succeed(const DeclaredStep& step) {
    GoTo(step.from);
    way_.steps.push_back({.declared = &step});
    way_.is_declared = true;
    way_.type = step.to_type;
    at_ = step.to;
  }

  void Fail(absl::Status why) {
    if (way_.fault.ok()) way_.fault = std::move(why);
  }

  EventWay End() && {
    way_.version = at_;
    way_.target = map_.FindStored(way_.type, at_);
    if (way_.target == nullptr) Fail(NoSuchVersion(way_.type, at_));
    return std::move(way_);
  }

 private:
  void Add(const SchemaRecord& before, SchemaRecordPtr from, SchemaRecordPtr to) {
    const DeclaredStep* declared =
        map_.declared == nullptr ? nullptr : map_.declared->Find(way_.type, before.version);
    if (declared != nullptr && (declared->leads_to_successor() || declared->to != to->version)) {
      declared = nullptr;
    }
    way_.is_declared = way_.is_declared || declared != nullptr;
    way_.steps.push_back({declared, std::move(from), std::move(to)});
  }

  const WayMap& map_;
  uint32_t at_;
  EventWay way_;
};

}  // namespace

SchemaRecordPtr WayMap::FindStored(absl::string_view type, uint32_t version) const {
  for (const SchemaRecordPtr& record : planned) {
    if (record->subject == type && record->version == version) return record;
  }
  return catalog.FindStored(type, version);
}

SchemaRecordPtr WayMap::FindLatest(absl::string_view type) const {
  SchemaRecordPtr latest = catalog.Find(type, 0);
  for (const SchemaRecordPtr& record : planned) {
    if (record->subject != type) continue;
    if (latest == nullptr || record->version > latest->version) latest = record;
  }
  return latest;
}

std::optional<EventWay> WayMap::WayOf(const SchemaView& view, absl::string_view type,
                                      uint32_t stored) const {
  Walk walk(*this, type, stored);
  const auto named = view.versions.find(type);
  const bool by_version = named != view.versions.end() || !view.latest;
  if (by_version) {
    const uint32_t wanted = named != view.versions.end() ? named->second : view.version;
    if (wanted == 0 || wanted == stored) return std::nullopt;
    if (stored != 0) {
      walk.GoTo(wanted);
    } else if (named != view.versions.end()) {
      walk.Fail(MakeError(ErrorReason::kNotFound, "the event was stored without a schema"));
    } else {
      return std::nullopt;
    }
    EventWay way = std::move(walk).End();
    way.version = wanted;
    return way;
  }
  if (stored == 0) return std::nullopt;  // there is nothing to go from
  for (int i = 0; i < kSuccessorsMax && declared != nullptr; ++i) {
    const DeclaredStep* const next = declared->Successor(walk.type());
    if (next == nullptr || next->from < walk.at()) break;
    walk.Succeed(*next);
  }
  const bool is_other = walk.type() != type;
  const auto asked = is_other ? view.versions.find(walk.type()) : view.versions.end();
  const SchemaRecordPtr latest = FindLatest(walk.type());
  if (asked != view.versions.end() && asked->second != 0) {
    walk.GoTo(asked->second);
  } else if (latest != nullptr) {
    walk.GoTo(latest->version);
  } else if (!is_other) {
    return std::nullopt;
  }
  EventWay way = std::move(walk).End();
  if (!is_other && way.version == stored) return std::nullopt;
  return way;
}

}  // namespace nexus::schema
