#include "sink/nats/flights.h"

#include <utility>

namespace nexus::sink {

void Flights::Add(Outbox::Ticket ticket, std::string subject, absl::Duration now) {
  subjects_.emplace(ticket, std::move(subject));
  departures_.push_back({now, ticket});
}

std::string Flights::Land(Outbox::Ticket ticket) {
  const auto found = subjects_.find(ticket);
  if (found == subjects_.end()) return "";
  std::string subject = std::move(found->second);
  subjects_.erase(found);
  while (!departures_.empty() && !subjects_.contains(departures_.front().ticket)) {
    departures_.pop_front();
  }
  return subject;
}

std::vector<Outbox::Ticket> Flights::TakeLate(absl::Duration limit) {
  std::vector<Outbox::Ticket> late;
  while (!departures_.empty() && departures_.front().at <= limit) {
    if (subjects_.erase(departures_.front().ticket) > 0) {
      late.push_back(departures_.front().ticket);
    }
    departures_.pop_front();
  }
  return late;
}

std::vector<Outbox::Ticket> Flights::TakeIf(absl::FunctionRef<bool(absl::string_view)> matches) {
  std::vector<Outbox::Ticket> taken;
  for (const Departure& departure : departures_) {
    const auto found = subjects_.find(departure.ticket);
    if (found == subjects_.end() || !matches(found->second)) continue;
    taken.push_back(departure.ticket);
    subjects_.erase(found);
  }
  return taken;
}

void Flights::Clear() {
  subjects_.clear();
  departures_.clear();
}

}  // namespace nexus::sink
