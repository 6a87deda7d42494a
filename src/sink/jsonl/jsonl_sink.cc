#include "sink/jsonl/jsonl_sink.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "concurrency/thread_name.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::sink {

absl::StatusOr<std::unique_ptr<JsonlSink>> JsonlSink::Open(Options options) {
  NEXUS_ASSIGN_OR_RETURN(std::unique_ptr<SegmentWriter> writer, SegmentWriter::Open(options.files));
  return std::unique_ptr<JsonlSink>(new JsonlSink(std::move(options), std::move(writer)));
}

JsonlSink::JsonlSink(Options options, std::unique_ptr<SegmentWriter> writer)
    : options_(std::move(options)), writer_(std::move(writer)), thread_([this] { Work(); }) {}

JsonlSink::~JsonlSink() {
  Group rest;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    std::swap(rest, queue_);
    work_.SignalAll();
  }
  thread_.join();
  Answer(std::move(rest), "", MakeError(ErrorReason::kNotReady, "the sink is closing"));
}

void JsonlSink::Deliver(OutboundEvent event, Delivered done) {
  std::string line = route::ToCloudJson(*event.event, options_.source, event.attributes);
  line += '\n';
  {
    absl::MutexLock lock(&mutex_);
    const bool fits =
        queue_.lines.empty() || queue_.lines.size() + line.size() <= options_.queue_bytes_max;
    if (fits && !stopping_) {
      queue_.waiting.push_back({queue_.lines.size(), std::move(done)});
      queue_.lines += line;
      work_.Signal();
      return;
    }
  }
  done(MakeError(ErrorReason::kNotReady, "the queue of the sink is full"));
}

void JsonlSink::Work() {
  concurrency::NameThisThread(absl::StrCat("sink-", options_.files.name));
  Group group;
  while (TakeGroup(group)) {
    const absl::StatusOr<uint64_t> offset = writer_->Append(group.lines);
    {
      absl::MutexLock lock(&mutex_);
      health_ = offset.status();
    }
    Answer(std::exchange(group, Group()), writer_->name(), offset);
    absl::MutexLock lock(&mutex_);
    writing_ = false;
  }
}

bool JsonlSink::TakeGroup(Group& group) {
  absl::MutexLock lock(&mutex_);
  while (queue_.waiting.empty() && !stopping_) work_.Wait(&mutex_);
  if (queue_.waiting.empty()) return false;
  std::swap(group, queue_);
  writing_ = true;
  return true;
}

void JsonlSink::Answer(Group group, absl::string_view file,
                       const absl::StatusOr<uint64_t>& offset) {
  for (Waiting& one : group.waiting) {
    if (offset.ok()) {
      one.done(Coordinate{.place = file, .number = static_cast<int64_t>(*offset + one.offset)});
    } else {
      one.done(offset.status());
    }
  }
}

absl::Status JsonlSink::Flush(absl::Duration timeout) {
  Group rest;
  {
    absl::MutexLock lock(&mutex_);
    const auto idle = [this] {
      mutex_.AssertHeld();
      return !writing_ && queue_.waiting.empty();
    };
    if (mutex_.AwaitWithTimeout(absl::Condition(&idle), timeout)) return absl::OkStatus();
    std::swap(rest, queue_);
  }
  const absl::Status late =
      MakeError(ErrorReason::kDeadlineExceeded, "the disk did not take all events in time");
  Answer(std::move(rest), "", MakeError(ErrorReason::kNotReady, late.message()));
  return late;
}

absl::Status JsonlSink::Health() {
  absl::MutexLock lock(&mutex_);
  return health_;
}

}  // namespace nexus::sink
