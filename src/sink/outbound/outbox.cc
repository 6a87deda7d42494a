#include "sink/outbound/outbox.h"

#include <cassert>
#include <utility>

#include "nexus/core/errors.h"
#include "sink/outbound/unavailable.h"

namespace nexus::sink {
namespace {

// Of streams that failed and never came again. Beyond it all are forgotten: the worst that follows
// is that one event arrives before an earlier one that is still to come again.
constexpr size_t kHeldMax = 100'000;

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
  bool first;
  {
    absl::MutexLock lock(&mutex_);
    refused = WhyNot(*event.event);
    first = ready_.empty();
    if (refused.ok()) Put(std::move(event), std::move(done));
    first = first && !ready_.empty();
    if (!refused.ok()) ++answering_;
  }
  if (refused.ok()) {
    if (first) wake_();
    return;
  }
  done(refused);
  done = nullptr;
  absl::MutexLock lock(&mutex_);
  --answering_;
}

absl::Status Outbox::WhyNot(const RecordedEvent& event) {
  if (!closed_.ok()) {
    HoldBack(event);
    return closed_;
  }
  if (const auto held = held_.find(event.stream); held != held_.end()) {
    const Position failed = held->second;
    held_.erase(held);
    if (event.position > failed) {
      return Unavailable("an earlier event of the stream failed and has to come first");
    }
  }
  const bool fits = entries_.size() < options_.events_max &&
                    (entries_.empty() || bytes_ + event.data.size() <= options_.bytes_max);
  if (fits) return absl::OkStatus();
  HoldBack(event);
  return Unavailable("the queue of the sink is full");
}

void Outbox::Put(OutboundEvent event, Sink::Delivered done) {
  const Ticket ticket = next_++;
  auto found = streams_.find(event.event->stream);
  if (found == streams_.end()) {
    found = streams_.emplace(std::string(event.event->stream), Stream()).first;
  }
  Stream& stream = found->second;
  bytes_ += BytesOf(event);
  const bool goes = options_.per_stream_max == 0 || stream.out < options_.per_stream_max;
  entries_.emplace(
      ticket, Entry{std::move(event), std::move(done), goes ? State::kReady : State::kWaiting});
  if (goes) {
    ++stream.out;
    ready_.push_back(ticket);
  } else {
    stream.waiting.push_back(ticket);
  }
}

std::optional<Outbox::Item> Outbox::Take() {
  absl::MutexLock lock(&mutex_);
  while (!ready_.empty()) {
    const Ticket ticket = ready_.front();
    ready_.pop_front();
    const auto entry = entries_.find(ticket);
    if (entry == entries_.end()) continue;  // given back while it waited
    entry->second.state = State::kOnItsWay;
    return Item{ticket, entry->second.event};
  }
  return std::nullopt;
}

void Outbox::Answer(Ticket ticket, absl::StatusOr<Coordinate> outcome) {
  Answers answers;
  bool first = false;
  {
    absl::MutexLock lock(&mutex_);
    const auto entry = entries_.find(ticket);
    if (entry == entries_.end()) return;
    const OutboundEvent event = entry->second.event;
    const absl::string_view stream = event.event->stream;
    const bool good = outcome.ok();
    answers.emplace_back(Remove(ticket), std::move(outcome));
    const bool nothing = ready_.empty();
    if (good) {
      LetNextOut(stream);
    } else {
      HoldBack(*event.event);
      GiveBackWaiting(stream, answers);
    }
    answering_ += answers.size();
    first = nothing && !ready_.empty();
  }
  if (first) wake_();
  Run(std::move(answers));
}

Sink::Delivered Outbox::Remove(Ticket ticket) {
  const auto entry = entries_.find(ticket);
  Sink::Delivered done = std::move(entry->second.done);
  bytes_ -= BytesOf(entry->second.event);
  const auto stream = streams_.find(entry->second.event.event->stream);
  const bool was_out = entry->second.state != State::kWaiting;
  entries_.erase(entry);
  // It is gone once the last of those that stood behind a failed event was let go of.
  if (stream == streams_.end()) return done;
  if (was_out) --stream->second.out;
  if (stream->second.out == 0 && stream->second.waiting.empty()) streams_.erase(stream);
  return done;
}

void Outbox::LetNextOut(absl::string_view stream_name) {
  const auto it = streams_.find(stream_name);
  if (it == streams_.end() || it->second.waiting.empty()) return;
  Stream& stream = it->second;
  const Ticket next = stream.waiting.front();
  stream.waiting.pop_front();
  ++stream.out;
  entries_.find(next)->second.state = State::kReady;
  ready_.push_back(next);
}

// Until it comes again, or another of its stream has been given back once: then the router knows.
void Outbox::HoldBack(const RecordedEvent& failed) {
  if (held_.size() >= kHeldMax) held_.clear();
  const auto [held, is_new] = held_.emplace(failed.stream, failed.position);
  if (!is_new && failed.position < held->second) held->second = failed.position;
}

// All of the stream that has not gone yet.
void Outbox::GiveBackWaiting(absl::string_view stream_name, Answers& answers) {
  const auto it = streams_.find(stream_name);
  if (it == streams_.end()) return;
  const absl::Status why = Unavailable("an earlier event of the stream failed");
  std::deque<Ticket> back = std::exchange(it->second.waiting, {});
  if (options_.per_stream_max != 1) {
    // Those that were let out and not taken. Take() passes over their tickets.
    std::deque<Ticket> ready;
    for (const Ticket ticket : ready_) {
      const auto entry = entries_.find(ticket);
      if (entry != entries_.end() && entry->second.event.event->stream == stream_name) {
        ready.push_back(ticket);
      }
    }
    back.insert(back.begin(), ready.begin(), ready.end());
  }
  for (const Ticket ticket : back) answers.emplace_back(Remove(ticket), why);
}

Outbox::Answers Outbox::RemoveAll(Which which, const absl::Status& why) {
  std::vector<Ticket> tickets;
  for (const auto& [ticket, entry] : entries_) {
    if (which == Which::kNotTaken && entry.state == State::kOnItsWay) continue;
    HoldBack(*entry.event.event);
    tickets.push_back(ticket);
  }
  Answers answers;
  for (auto& [name, stream] : streams_) stream.waiting.clear();
  ready_.clear();
  for (const Ticket ticket : tickets) answers.emplace_back(Remove(ticket), why);
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
