// More calls under way than the server can answer in time, in phases.

#include <algorithm>
#include <cinttypes>
#include <memory>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "load/connections.h"
#include "load/loops.h"

namespace nexus::bench {
namespace {

constexpr int64_t kSliceNs = 100'000'000;
constexpr double kTickSeconds = 0.02;
constexpr int64_t kRetryNs = 100'000'000;  // after a refusal that names no delay

struct Phase {
  size_t clients = 0;
  double seconds = 0;
  client::LatencyHistogram latency;  // of what was stored in time
  uint64_t good = 0;
  uint64_t refused = 0;
  uint64_t late = 0;
  uint64_t failed = 0;
  std::vector<uint64_t> slices;  // stored in time, for each tenth of a second
};

std::vector<Phase> ParsePhases(const std::string& text) {
  std::vector<Phase> phases;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const std::pair<absl::string_view, absl::string_view> sides = absl::StrSplit(part, ':');
    Phase& phase = phases.emplace_back();
    if (!absl::SimpleAtoi(sides.first, &phase.clients) ||
        !absl::SimpleAtod(sides.second, &phase.seconds)) {
      Die(absl::StrCat("a phase is CLIENTS:SECONDS, not ", part));
    }
  }
  return phases;
}

// What the server asks the client to wait.
int64_t RetryDelay(const grpc::Status& status) {
  google::rpc::Status rich;
  rich.ParseFromString(status.error_details());
  for (const auto& any : rich.details()) {
    google::rpc::RetryInfo retry;
    if (!any.UnpackTo(&retry)) continue;
    return retry.retry_delay().seconds() * 1'000'000'000 + retry.retry_delay().nanos();
  }
  return kRetryNs;
}

struct Slot {
  size_t number = 0;
  grpc::GenericStub* stub = nullptr;
  WriterView view;
  grpc::Slice events;
  int64_t started = 0;
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> call;
  grpc::ByteBuffer answer;
  grpc::Status status;
};

class OverloadLoop {
 public:
  OverloadLoop(const LoadOptions& options, const Dialect& dialect)
      : options_(options),
        dialect_(dialect),
        connections_(options),
        phases_(ParsePhases(options.phases)) {
    size_t most = 0;
    for (const Phase& phase : phases_) most = std::max(most, phase.clients);
    for (size_t i = 0; i < most; ++i) {
      auto slot = std::make_unique<Slot>();
      slot->number = i;
      slot->stub = &connections_.Stub(i);
      slot->view.stream = i;
      slot->events = dialect.Events(i, data_);
      due_.push({0, slot.get()});
      slots_.push_back(std::move(slot));
    }
  }

  std::string Run() {
    std::vector<std::string> lines;
    for (Phase& phase : phases_) lines.push_back(RunPhase(phase));
    phase_ = nullptr;
    while (outstanding_ > 0) Await(kTickSeconds);
    Drain(queue_);
    return absl::StrCat("[", absl::StrJoin(lines, ",\n "), "]");
  }

 private:
  using Due = std::pair<int64_t, Slot*>;

  std::string RunPhase(Phase& phase) {
    phase_ = &phase;
    begun_ = NowNs();
    const int64_t end = begun_ + static_cast<int64_t>(phase.seconds * 1e9);
    phase.slices.assign(static_cast<size_t>((end - begun_) / kSliceNs), 0);
    while (!resting_.empty() && resting_.back()->number < phase.clients) {
      due_.push({0, resting_.back()});
      resting_.pop_back();
    }
    for (int64_t now = begun_; now < end; now = NowNs()) {
      StartDue(now);
      const int64_t next = due_.empty() ? end : std::min(end, due_.top().first);
      Await(std::clamp(static_cast<double>(next - now) / 1e9, 0.0, kTickSeconds));
    }
    return ToLine(phase);
  }

  void StartDue(int64_t now) {
    while (!due_.empty() && due_.top().first <= now) {
      Slot& slot = *due_.top().second;
      due_.pop();
      if (slot.number < phase_->clients) {
        Start(slot, now);
      } else {
        resting_.push_back(&slot);
        // The last is the one with the smallest number.
        std::sort(resting_.begin(), resting_.end(),
                  [](const Slot* a, const Slot* b) { return a->number > b->number; });
      }
    }
  }

  void Start(Slot& slot, int64_t now) {
    slot.answer.Clear();
    slot.status = grpc::Status();
    slot.call.reset();  // lives in memory that the context holds
    slot.context = std::make_unique<grpc::ClientContext>();
    slot.context->set_deadline(After(options_.timeout));
    Identify(options_, *slot.context);
    slot.started = now;
    const Request request = dialect_.Append(slot.events, slot.view);
    slot.call =
        slot.stub->PrepareUnaryCall(slot.context.get(), request.method, request.Bytes(), &queue_);
    slot.call->StartCall();
    slot.call->Finish(&slot.answer, &slot.status, &slot);
    ++outstanding_;
  }

  void Await(double seconds) {
    void* tag = nullptr;
    bool ok = false;
    if (queue_.AsyncNext(&tag, &ok, After(seconds)) != grpc::CompletionQueue::GOT_EVENT) return;
    --outstanding_;
    Answered(*static_cast<Slot*>(tag));
  }

  void Answered(Slot& slot) {
    const int64_t now = NowNs();
    const bool refused = slot.status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED;
    const int64_t wait = refused && !options_.impatient ? RetryDelay(slot.status) : 0;
    due_.push({now + wait, &slot});
    if (phase_ == nullptr) return;
    if (slot.status.ok()) {
      ++phase_->good;
      phase_->latency.Record(absl::Nanoseconds(now - slot.started));
      const auto slice = static_cast<size_t>((now - begun_) / kSliceNs);
      if (slice < phase_->slices.size()) ++phase_->slices[slice];
    } else if (refused) {
      ++phase_->refused;
    } else if (slot.status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
      ++phase_->late;
    } else {
      ++phase_->failed;
    }
  }

  static std::string ToLine(const Phase& phase) {
    const auto ms = [&](double q) { return absl::ToDoubleMilliseconds(phase.latency.Quantile(q)); };
    return absl::StrFormat(
        R"({"clients":%d,"seconds":%g,"good_per_second":%.1f,"refused_per_second":%.1f,)"
        R"("late_per_second":%.1f,"failed":%d,"p50_ms":%.3f,"p99_ms":%.3f,"slices":[%s]})",
        phase.clients, phase.seconds, static_cast<double>(phase.good) / phase.seconds,
        static_cast<double>(phase.refused) / phase.seconds,
        static_cast<double>(phase.late) / phase.seconds, phase.failed, ms(0.5), ms(0.99),
        absl::StrJoin(phase.slices, ","));
  }

  const LoadOptions& options_;
  const Dialect& dialect_;
  Connections connections_;
  const std::string data_ = MakeData(options_.data_bytes);
  std::vector<Phase> phases_;
  Phase* phase_ = nullptr;
  int64_t begun_ = 0;  // of the phase
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::vector<Slot*> resting_;  // of clients that this phase does not have
  size_t outstanding_ = 0;
};

}  // namespace

std::string RunOverload(const LoadOptions& options, const Dialect& dialect) {
  return OverloadLoop(options, dialect).Run();
}

}  // namespace nexus::bench
