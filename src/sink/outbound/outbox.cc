#include "sink/outbound/outbox.h"

#include <cassert>
#include <utility>

#include "nexus/core/errors.h"
#include "sink/outbound/unavailable.h"

namespace nexus::sink {
namespace {

size_t BytesOf(const OutboundEvent& event) { return event.event->data.size(); }

}  // namespace

Outbox::Outbox(Options options, std::function<void()> wake)
    : options_(options),
      wake_(std::move(wake)),
      closed_(Unavailable("the sink is not connected yet")) {}

Outbox::~Outbox() {
  absl::MutexLock lock(&mutex_);
  assert(entries_.empty() && answering_ == 0);
}

void Outbox::Open() {
  absl::MutexLock lock(&mutex_);
  closed_ = absl::OkStatus();
}

void Outbox::CloseIntake(const absl::Status& why) {
  Answers answers;
  {
    absl::MutexLock lock(&mutex_);
    closed_ = why;
    answers = RemoveAll(Which::kNotTaken, why);
  }
  Run(std::move(answers));
}

void Outbox::Close(const absl::Status& why) {
  Answers answers;
  {
    absl::MutexLock lock(&mutex_);
    closed_ = why;
    answers = RemoveAll(Which::kAll, why);
  }
  Run(std::move(answers));
}

void Outbox::GiveBackAll(const absl::Status& why) {
  Answers answers;
  {
    absl::MutexLock lock(&mutex_);
    answers = RemoveAll(Which::kAll, why);
  }
  Run(std::move(answers));
}

void Outbox::Add(OutboundEvent event, Sink::Delivered done) {
  absl::Status refused;
  bool first = false;
  {
    absl::MutexLock lock(&mutex_);
    refused = WhyNot(*event.event);
    if (refused.ok()) {
      first = ready_.empty();
      ready_.push_back(Put(std::move(event), std::move(done), /*taken=*/false));
    } else {
      ++answering_;
    }
  }
  if (!refused.ok()) return Refuse(refused, std::move(done));
  if (first) wake_();
}

std::optional<Outbox::Item> Outbox::AddTaken(OutboundEvent event, Sink::Delivered done) {
  absl::Status refused;
  {
    absl::MutexLock lock(&mutex_);
    refused = WhyNot(*event.event);
    if (refused.ok()) {
      Item item{0, event};
      item.ticket = Put(std::move(event), std::move(done), /*taken=*/true);
      return item;
    }
    ++answering_;
  }
  Refuse(refused, std::move(done));
  return std::nullopt;
}

// Counted in `answering_` already.
void Outbox::Refuse(const absl::Status& why, Sink::Delivered done) {
  done(why);
  done = nullptr;
  absl::MutexLock lock(&mutex_);
  --answering_;
}

absl::Status Outbox::WhyNot(const RecordedEvent& event) {
  if (!closed_.ok()) return closed_;
  if (options_.streams_in_order && !order_.MayEnter(event)) return StreamOrder::Behind();
  const bool fits = entries_.size() < options_.events_max &&
                    (entries_.empty() || bytes_ + event.data.size() <= options_.bytes_max);
  return fits ? absl::OkStatus() : Unavailable("the queue of the sink is full");
}

Outbox::Ticket Outbox::Put(OutboundEvent event, Sink::Delivered done, bool taken) {
  const Ticket ticket = next_++;
  bytes_ += BytesOf(event);
  entries_.emplace_hint(entries_.end(), ticket, Entry{std::move(event), std::move(done), taken});
  return ticket;
}

std::optional<Outbox::Item> Outbox::Take() {
  std::optional<Item> item;
  Answers behind;
  {
    absl::MutexLock lock(&mutex_);
    while (!item && !ready_.empty()) {
      const Ticket ticket = ready_.front();
      ready_.pop_front();
      const auto entry = entries_.find(ticket);
      if (entry == entries_.end()) continue;  // given back while it waited
      if (options_.streams_in_order && !order_.MayLeave(*entry->second.event.event, ticket)) {
        behind.emplace_back(Remove(ticket, /*failed=*/false), StreamOrder::Behind());
        continue;
      }
      entry->second.taken = true;
      item = Item{ticket, entry->second.event};
    }
    answering_ += behind.size();
  }
  Run(std::move(behind));
  return item;
}

void Outbox::Answer(Ticket ticket, absl::StatusOr<Coordinate> outcome) {
  Answers answers;
  {
    absl::MutexLock lock(&mutex_);
    if (!entries_.contains(ticket)) return;
    const bool failed = !outcome.ok();
    answers.emplace_back(Remove(ticket, failed), std::move(outcome));
    ++answering_;
  }
  Run(std::move(answers));
}

Sink::Delivered Outbox::Remove(Ticket ticket, bool failed) {
  const auto entry = entries_.find(ticket);
  if (failed && options_.streams_in_order) {
    order_.Failed(*entry->second.event.event, next_ - 1);
  }
  Sink::Delivered done = std::move(entry->second.done);
  bytes_ -= BytesOf(entry->second.event);
  entries_.erase(entry);
  return done;
}

Outbox::Answers Outbox::RemoveAll(Which which, const absl::Status& why) {
  std::vector<Ticket> tickets;
  for (const auto& [ticket, entry] : entries_) {
    if (which == Which::kNotTaken && entry.taken) continue;
    tickets.push_back(ticket);
  }
  Answers answers;
  ready_.clear();
  for (const Ticket ticket : tickets) answers.emplace_back(Remove(ticket, /*failed=*/true), why);
  answering_ += answers.size();
  return answers;
}

void Outbox::Run(Answers answers) {
  if (answers.empty()) return;
  const size_t count = answers.size();
  for (auto& [done, outcome] : answers) {
    done(std::move(outcome));
    done = nullptr;
  }
  absl::MutexLock lock(&mutex_);
  answering_ -= count;
}

bool Outbox::HasReady() const {
  absl::MutexLock lock(&mutex_);
  return !ready_.empty();
}

bool Outbox::AwaitEmpty(absl::Duration timeout) {
  absl::MutexLock lock(&mutex_);
  const auto empty = [this] {
    mutex_.AssertHeld();
    return entries_.empty() && answering_ == 0;
  };
  return mutex_.AwaitWithTimeout(absl::Condition(&empty), timeout);
}

}  // namespace nexus::sink
