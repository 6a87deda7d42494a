#include "history/log_client.h"

#include <algorithm>
#include <utility>

#include "absl/synchronization/notification.h"
#include "nexus/core/errors.h"

namespace nexus::history {
namespace {

constexpr size_t kPageEventsMax = 8;

}  // namespace

void Answer(ReadCall& read, Tick returned, const EventBatch& page) {
  read.returned = returned;
  read.head = page.head.value;
  read.complete = page.end;
  read.events.reserve(page.events.size());
  for (const RecordedEvent& event : page.events) read.events.push_back(Seen(event));
}

void LogClient::Run(LogBackend& log, EventReader& reader, int operations) {
  for (int i = 0; i < operations; ++i) {
    if (maker_.random().OneIn(2)) {
      Append(log);
    } else {
      Read(reader);
    }
  }
}

void LogClient::Append(LogBackend& log) {
  Commit commit = maker_.Next();
  AppendCall call = Begin(number_, 0, commit);
  absl::Notification answered;
  call.invoked = ticks_.Next();
  log.Propose(std::move(commit), [&](const absl::StatusOr<CommitReceipt>& verdict) {
    Answer(call, ticks_.Next(), verdict);
    answered.Notify();
  });
  answered.WaitForNotification();
  maker_.Learn(call);
  journal_.appends.push_back(std::move(call));
}

void LogClient::Read(EventReader& reader) {
  Random& random = maker_.random();
  ReadCall read;
  read.client = number_;
  if (!random.OneIn(4)) read.stream = maker_.AnyStream();
  read.direction = random.OneIn(3) ? Direction::kForward : Direction::kBackward;
  // Near the end, where something happens; now and then from anywhere or from beyond it.
  const uint64_t head = maker_.head();
  const uint64_t back = random.OneIn(4) ? random.Below(head + 1) : random.Below(12);
  read.from = random.OneIn(3) ? UINT64_MAX / 2 : head - std::min(head, back);
  const PageLimits limits{1 + random.Below(kPageEventsMax), 1 << 20};
  read.invoked = ticks_.Next();
  const absl::StatusOr<EventBatch> page =
      read.stream.empty() ? reader.ReadAll(Position(read.from), read.direction, limits)
                          : reader.ReadStream(StreamName::Literal(read.stream), Revision(read.from),
                                              read.direction, limits);
  if (page.ok()) {
    Answer(read, ticks_.Next(), *page);
    for (const RecordedEvent& event : page->events) {
      maker_.Saw(std::string(event.stream), event.revision.value, event.position.value);
    }
  } else {
    read.returned = ticks_.Next();
    read.not_found = ReasonOf(page.status()) == ErrorReason::kStreamNotFound;
    if (!read.not_found) {
      ++failed_reads_;
      return;
    }
  }
  journal_.reads.push_back(std::move(read));
}

}  // namespace nexus::history
