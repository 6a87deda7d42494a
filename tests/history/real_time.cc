#include "history/real_time.h"

#include "history/names.h"

namespace nexus::history {
namespace {

bool Earlier(const Fact& a, const Fact& b) { return a.at < b.at; }

}  // namespace

std::string Fact::Name() const {
  if (append != nullptr) return NameOf(*append);
  if (read != nullptr) return NameOf(*read);
  if (session != nullptr) return NameOf(*session);
  return "the server";
}

void RealTime::Seal() {
  steps_.Sort(floors_, Earlier);
  steps_.Sort(ceilings_, Earlier);
  steps_.Take(floors_.size() + ceilings_.size());
  highest_.resize(floors_.size());
  for (size_t i = 0; i < floors_.size(); ++i) {
    const bool higher = i == 0 || floors_[i].head > floors_[highest_[i - 1]].head;
    highest_[i] = higher ? i : highest_[i - 1];
  }
  lowest_.resize(ceilings_.size());
  for (size_t i = ceilings_.size(); i-- > 0;) {
    const bool last = i + 1 == ceilings_.size();
    const bool lower = last || ceilings_[i].head <= ceilings_[lowest_[i + 1]].head;
    lowest_[i] = lower ? i : lowest_[i + 1];
  }
}

const Fact* RealTime::FloorBefore(Tick tick) const {
  const size_t end = steps_.Find(floors_, [tick](const Fact& fact) { return fact.at < tick; });
  return end == 0 ? nullptr : &floors_[highest_[end - 1]];
}

const Fact* RealTime::CeilingAfter(Tick tick) const {
  const size_t at = steps_.Find(ceilings_, [tick](const Fact& fact) { return fact.at <= tick; });
  return at == ceilings_.size() ? nullptr : &ceilings_[lowest_[at]];
}

}  // namespace nexus::history
