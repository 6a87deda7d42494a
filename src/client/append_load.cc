#include "client/append_load.h"

#include <algorithm>
#include <map>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/calls.h"
#include "client/channel.h"
#include "client/convert.h"
#include "client/status.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "nexus/v1/command.pb.h"

namespace nexus::client {
namespace {

constexpr char kAppend[] = "/nexus.v1.EventStoreService/Append";
constexpr char kExecute[] = "/nexus.v1.CommandService/Execute";
constexpr absl::Duration kTick = absl::Milliseconds(20);  // how soon `stop` is seen

// Field 1 of AppendRequest, the commit id: tag and length, then its 36 characters.
grpc::Slice CommitIdField(IdSource& ids) {
  return grpc::Slice(absl::StrCat("\x0a\x24", FormatUuid(ids.NewUuid())));
}

// ExecuteRequest is its field 1, the command, whose own field 1 is the id.
grpc::Slice CommandHead(IdSource& ids, size_t rest_bytes) {
  std::string head("\x0a", 1);
  constexpr size_t kIdFieldBytes = 38;
  for (size_t size = rest_bytes + kIdFieldBytes;; size >>= 7) {
    head.push_back(static_cast<char>((size & 0x7f) | (size > 0x7f ? 0x80 : 0)));
    if (size <= 0x7f) break;
  }
  return grpc::Slice(absl::StrCat(head, "\x0a\x24", FormatUuid(ids.NewUuid())));
}

// Of one command everything but its id.
grpc::Slice SerializedCommand(const CommandLoad& load, int aggregate) {
  v1::Command command;
  command.set_type(load.type);
  command.set_data(absl::StrReplaceAll(load.data, {{"{n}", absl::StrCat(aggregate)}}));
  return grpc::Slice(command.SerializeAsString());
}

struct Slot {
  grpc::GenericStub* stub = nullptr;
  grpc::Slice events;  // field 2 onwards, serialised once, shared by every call of the slot
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> call;
  grpc::ByteBuffer answer;
  grpc::Status status;
  absl::Duration started;
};

// One thread's share of the load. Nothing is shared with the others but `stop`.
class Worker {
 public:
  Worker(const LoadOptions& options, double rate, Clock& clock, IdSource& ids,
         const std::atomic<bool>& stop)
      : options_(options), clock_(clock), ids_(ids), stop_(stop), rate_(rate) {
    if (options.command.type.empty()) return;
    for (int i = 0; i < options.command.aggregates; ++i) {
      commands_.push_back(SerializedCommand(options.command, i));
    }
  }

  void AddSlot(std::unique_ptr<Slot> slot) {
    idle_.push_back(slot.get());
    slots_.push_back(std::move(slot));
  }

  void Run() {
    const absl::Duration begin = clock_.Monotonic();
    measure_from_ = begin + options_.warm_up;
    const absl::Duration end = measure_from_ + options_.duration;
    next_start_ = begin;
    bool running = true;
    while (running || outstanding_ > 0) {
      const absl::Duration now = clock_.Monotonic();
      running = now < end && !stop_.load(std::memory_order_relaxed) &&
                errors_in_a_row_ < options_.errors_in_a_row_max;
      if (running) StartDue(now);
      if (stop_.load(std::memory_order_relaxed)) CancelOutstanding();
      Await(running);
    }
    result_.duration = std::min(clock_.Monotonic(), end) - measure_from_;
    queue_.Shutdown();
    void* tag;
    bool ok;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  const LoadResult& result() const { return result_; }

 private:
  void StartDue(absl::Duration now) {
    for (; !resting_.empty() && resting_.begin()->first <= now; resting_.erase(resting_.begin())) {
      idle_.push_back(resting_.begin()->second);
    }
    while (!idle_.empty() && (rate_ <= 0 || next_start_ <= now)) {
      Slot& slot = *idle_.back();
      idle_.pop_back();
      // Open loop: a call that is late counts from when it was to start (coordinated omission).
      slot.started = rate_ > 0 ? next_start_ : now;
      if (rate_ > 0) next_start_ += absl::Seconds(1 / rate_);
      Start(slot);
    }
  }

  void Start(Slot& slot) {
    slot.context = std::make_unique<grpc::ClientContext>();
    slot.context->set_deadline(DeadlineAfter(options_.call_timeout));
    if (!options_.token.empty()) {
      slot.context->AddMetadata("authorization", absl::StrCat("Bearer ", options_.token));
    }
    const grpc::ByteBuffer request = RequestOf(slot);
    slot.call = slot.stub->PrepareUnaryCall(
        slot.context.get(), commands_.empty() ? kAppend : kExecute, request, &queue_);
    slot.call->StartCall();
    slot.call->Finish(&slot.answer, &slot.status, &slot);
    ++outstanding_;
  }

  grpc::ByteBuffer RequestOf(const Slot& slot) {
    if (commands_.empty()) {
      const grpc::Slice parts[] = {CommitIdField(ids_), slot.events};
      return grpc::ByteBuffer(parts, 2);
    }
    const grpc::Slice& rest = commands_[ids_.Random() % commands_.size()];
    const grpc::Slice parts[] = {CommandHead(ids_, rest.size()), rest};
    return grpc::ByteBuffer(parts, 2);
  }

  void CancelOutstanding() {
    for (const std::unique_ptr<Slot>& slot : slots_) {
      if (slot->call != nullptr) slot->context->TryCancel();
    }
  }

  // Waits for one answer, or until the next call is due.
  void Await(bool running) {
    absl::Duration wait = kTick;
    const absl::Duration now = clock_.Monotonic();
    if (running && rate_ > 0 && !idle_.empty()) wait = std::min(wait, next_start_ - now);
    if (running && !resting_.empty()) wait = std::min(wait, resting_.begin()->first - now);
    wait = std::max(wait, absl::ZeroDuration());
    void* tag = nullptr;
    bool ok = false;
    if (queue_.AsyncNext(&tag, &ok, DeadlineAfter(wait)) == grpc::CompletionQueue::GOT_EVENT) {
      Answered(*static_cast<Slot*>(tag));
    }
  }

  void Answered(Slot& slot) {
    --outstanding_;
    const absl::Duration now = clock_.Monotonic();
    const bool counted = now >= measure_from_;
    if (slot.status.ok()) {
      errors_in_a_row_ = 0;
      if (counted && now < measure_from_ + options_.duration) {
        ++result_.requests;
        result_.latency.Record(now - slot.started);
      }
    }
    absl::Duration rest = absl::ZeroDuration();
    if (!slot.status.ok()) {
      ++errors_in_a_row_;
      const absl::Status why = FromGrpcAppend(slot.status);
      CountError(why);
      rest = DetailsOf(why).retry_after.value_or(rest);
    }
    slot.call.reset();
    slot.answer.Clear();
    slot.status = grpc::Status();
    // Closed loop: who is told to come later does. Open loop: the calls come when they come.
    if (rate_ > 0 || rest <= absl::ZeroDuration()) {
      idle_.push_back(&slot);
    } else {
      resting_.emplace(now + rest, &slot);
    }
  }

  // Errors count during the warm-up too: a run that had any is not a clean one.
  void CountError(const absl::Status& status) {
    ++result_.errors;
    const absl::string_view reason = ReasonName(ReasonOf(status));
    ++result_.errors_by_reason[std::string(reason)];
    if (result_.first_error.empty()) result_.first_error = std::string(status.message());
  }

  const LoadOptions& options_;
  Clock& clock_;
  IdSource& ids_;
  const std::atomic<bool>& stop_;
  const double rate_;
  std::vector<grpc::Slice> commands_;  // of each aggregate, less the id; empty: commits are sent
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<Slot*> idle_;
  std::multimap<absl::Duration, Slot*> resting_;  // by when they go on
  size_t outstanding_ = 0;
  absl::Duration measure_from_;
  absl::Duration next_start_;
  uint64_t errors_in_a_row_ = 0;
  LoadResult result_;
};

grpc::Slice SerializedEvents(const LoadOptions& options, int stream, IdSource& ids) {
  CommitDraft draft;
  StreamDraft& target = draft.streams.emplace_back();
  target.stream = absl::StrCat(options.stream_prefix, "-", stream);
  for (int i = 0; i < options.batch; ++i) {
    EventDraft& event = target.events.emplace_back();
    event.type = options.type;
    event.data = LoadData(options.data_bytes, ids);
  }
  return grpc::Slice(ToProto(draft).SerializeAsString());
}

void Add(const LoadResult& part, LoadResult& sum) {
  sum.latency.Merge(part.latency);
  sum.requests += part.requests;
  sum.errors += part.errors;
  for (const auto& [reason, count] : part.errors_by_reason) sum.errors_by_reason[reason] += count;
  if (sum.first_error.empty()) sum.first_error = part.first_error;
  sum.duration = std::max(sum.duration, part.duration);
}

}  // namespace

std::string LoadData(int bytes, IdSource& ids) {
  static constexpr char kLetters[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  std::string data = R"({"payload":")";
  const size_t payload = static_cast<size_t>(std::max(0, bytes - 14));
  uint64_t bits = 0;
  for (size_t i = 0; i < payload; ++i) {
    if (i % 10 == 0) bits = ids.Random();
    data.push_back(kLetters[bits & 63]);
    bits >>= 6;
  }
  return absl::StrCat(data, "\"}");
}

absl::StatusOr<LoadResult> RunAppendLoad(const LoadOptions& options, Clock& clock, IdSource& ids,
                                         const std::atomic<bool>& stop) {
  const int threads = std::clamp(options.threads, 1, options.clients);
  const int connections = std::clamp(options.connections, 1, options.clients);
  const int streams = options.streams > 0 ? options.streams : options.clients;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs;
  for (int i = 0; i < connections; ++i) {
    NEXUS_ASSIGN_OR_RETURN(auto channel, OpenChannel(options.server, options.call_timeout,
                                                     /*own_connection=*/true, options.tls));
    stubs.push_back(std::make_unique<grpc::GenericStub>(channel));
  }
  std::vector<std::unique_ptr<Worker>> workers;
  workers.reserve(threads);
  for (int i = 0; i < threads; ++i) {
    workers.push_back(std::make_unique<Worker>(options, options.rate / threads, clock, ids, stop));
  }
  for (int i = 0; i < options.clients; ++i) {
    auto slot = std::make_unique<Slot>();
    slot->stub = stubs[i % connections].get();
    slot->events = SerializedEvents(options, i % streams, ids);
    workers[i % threads]->AddSlot(std::move(slot));
  }
  std::vector<std::thread> running;
  running.reserve(workers.size());
  for (auto& worker : workers) running.emplace_back([&worker] { worker->Run(); });
  for (std::thread& thread : running) thread.join();
  LoadResult sum;
  for (const auto& worker : workers) Add(worker->result(), sum);
  return sum;
}

}  // namespace nexus::client
