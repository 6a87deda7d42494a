#include "audit/ledger_book.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/json_text.h"
#include "nexus/core/time_text.h"

namespace nexus::audit {
namespace {

constexpr absl::string_view kOthers = "(others)";
constexpr absl::string_view kEverybody = "(many)";

LedgerRow OthersOf(absl::string_view principal, const std::string& type) {
  LedgerRow row;
  row.type = type;
  row.body = "\"principal\":";
  AppendJsonString(row.body, principal);
  row.body += ",\"merged\":true";
  return row;
}

}  // namespace

std::string CountedRow::Data() const {
  return absl::StrCat("{\"decision_id\":\"", FormatUuid(id), "\",", row.body, ",\"count\":", count,
                      ",\"first_time\":\"", TimeText(first), "\",\"last_time\":\"", TimeText(last),
                      "\"}");
}

std::string LedgerBook::KeyOf(absl::string_view principal, absl::string_view kind) {
  return absl::StrCat(principal, absl::string_view("\0", 1), kind);
}

// Under which key it is counted: its own as long as there is room.
std::string LedgerBook::PlaceOf(absl::string_view principal, absl::string_view kind) const {
  std::string key = KeyOf(principal, kind);
  if (kinds_.contains(key)) return key;
  const auto found = kinds_of_.find(principal);
  const size_t of_it = found == kinds_of_.end() ? 0 : found->second;
  if (kinds_.size() < options_.kinds_max && of_it < options_.kinds_per_principal_max) return key;
  key = KeyOf(principal, kOthers);
  // Twice the room: some for the others of each principal that has been seen.
  if (kinds_.contains(key) || kinds_.size() < 2 * options_.kinds_max) return key;
  return KeyOf(kEverybody, kOthers);
}

UuidBytes LedgerBook::Count(absl::string_view principal, absl::string_view kind,
                            absl::FunctionRef<LedgerRow()> describe, NewId new_id, LedgerTime now) {
  const std::string key = PlaceOf(principal, kind);
  const absl::string_view owner = absl::string_view(key).substr(0, key.find('\0'));
  const bool own = kind != kOthers && owner == principal &&
                   absl::string_view(key).substr(owner.size() + 1) == kind;
  const auto [at, fresh] = kinds_.try_emplace(key);
  Kind& place = at->second;
  if (fresh) {
    place.principal = std::string(owner);
    place.due = now.monotonic;
    ++kinds_of_[place.principal];
  }
  if (place.waiting.has_value()) {
    ++merged_;
  } else {
    place.waiting =
        CountedRow{new_id(), own ? describe() : OthersOf(owner, options_.type_of_others), 0,
                   now.wall, now.wall};
  }
  ++place.waiting->count;
  place.waiting->last = now.wall;
  return place.waiting->id;
}

void LedgerBook::Add(absl::string_view principal, LedgerRow row, NewId new_id, LedgerTime now) {
  if (singles_.size() >= options_.singles_max) {
    Count(
        principal, kOthers, [&] { return row; }, new_id, now);
    return;
  }
  singles_.push_back({new_id(), std::move(row), 1, now.wall, now.wall});
}

void LedgerBook::Forget(const Kind& kind) {
  const auto found = kinds_of_.find(kind.principal);
  if (--found->second == 0) kinds_of_.erase(found);
}

std::vector<CountedRow> LedgerBook::TakeDue(absl::Duration monotonic, size_t max, bool all) {
  std::vector<CountedRow> due;
  while (!singles_.empty() && due.size() < max) {
    due.push_back(std::move(singles_.front()));
    singles_.pop_front();
  }
  for (auto it = kinds_.begin(); it != kinds_.end() && due.size() < max;) {
    const auto at = it++;
    Kind& kind = at->second;
    if (!all && monotonic < kind.due) continue;
    if (kind.waiting.has_value()) {
      due.push_back(*std::move(kind.waiting));
      kind.waiting.reset();
      kind.due = monotonic + options_.window;
    } else if (monotonic >= kind.due) {
      Forget(kind);
      kinds_.erase(at);
    }
  }
  // In the order in which they were first seen, since ids ascend.
  std::sort(due.begin(), due.end(),
            [](const CountedRow& a, const CountedRow& b) { return a.id < b.id; });
  return due;
}

const CountedRow* LedgerBook::Find(const UuidBytes& id) const {
  for (const CountedRow& row : singles_) {
    if (row.id == id) return &row;
  }
  for (const auto& [key, kind] : kinds_) {
    if (kind.waiting.has_value() && kind.waiting->id == id) return &*kind.waiting;
  }
  return nullptr;
}

}  // namespace nexus::audit
