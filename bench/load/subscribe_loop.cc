#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "load/connections.h"
#include "load/loops.h"
#include "load/server_stream.h"

namespace nexus::bench {
namespace {

constexpr int kSubscribersAConnection = 100;  // some servers allow 200 calls on one
constexpr double kSettleSeconds = 0.5;        // until every subscription surely stands
constexpr double kTickSeconds = 0.02;
constexpr double kStragglerSeconds = 15;

LoadOptions WithEnoughConnections(LoadOptions options) {
  options.connections =
      std::max(options.connections, (options.subscribers - 1) / kSubscribersAConnection + 1);
  return options;
}

// All subscribers, on one thread.
class Subscribers {
 public:
  Subscribers(const LoadOptions& options, const Dialect& dialect)
      : options_(WithEnoughConnections(options)), dialect_(dialect), connections_(options_) {
    const uint64_t head = dialect.HeadPosition(connections_.Ask(dialect.Head()));
    for (int i = 0; i < options.subscribers; ++i) {
      calls_.push_back(std::make_unique<ServerStream>());
      calls_.back()->Start(connections_.Stub(static_cast<uint64_t>(i)), dialect.Subscribe(head),
                           queue_);
    }
    open_ = calls_.size();
    const int64_t settled = NowNs() + static_cast<int64_t>(kSettleSeconds * 1e9);
    while (NowNs() < settled) Await();
  }

  // Until `expected` deliveries have come and `writing` is over, or no hope is left.
  void Run(const std::atomic<bool>& writing, const std::atomic<uint64_t>& expected) {
    measure_from_ = NowNs() + static_cast<int64_t>(options_.warm_up * 1e9);
    int64_t give_up = 0;
    while (open_ == calls_.size()) {
      Await();
      if (writing) continue;
      if (delivered_ >= expected) break;
      if (give_up == 0) give_up = NowNs() + static_cast<int64_t>(kStragglerSeconds * 1e9);
      if (NowNs() > give_up) break;
    }
  }

  void Stop() {
    for (auto& call : calls_) call->Cancel();
    while (open_ > 0) Await();
    Drain(queue_);
  }

  uint64_t delivered() const { return delivered_; }
  uint64_t messages() const { return messages_; }
  bool lost() const { return open_ < calls_.size(); }
  const client::LatencyHistogram& latency() const { return latency_; }

 private:
  void Await() {
    void* tag = nullptr;
    bool ok = false;
    if (queue_.AsyncNext(&tag, &ok, After(kTickSeconds)) != grpc::CompletionQueue::GOT_EVENT) {
      return;
    }
    auto& call = *static_cast<ServerStream*>(tag);
    const ServerStream::State state = call.Done(ok);
    if (state == ServerStream::State::kEnded) --open_;
    if (state != ServerStream::State::kMessage) return;
    Delivered(Joined(call.message()));
    call.Read();
  }

  // The oldest event of a message, which waited longest, stands first.
  void Delivered(const std::string& message) {
    const uint64_t events = dialect_.CountDelivered(message);
    if (events == 0) return;
    delivered_ += events;
    ++messages_;
    const int64_t now = NowNs();
    const int64_t stamp = FindStamp(message);
    if (stamp == 0) Die("an event without its stamp was delivered");
    if (measure_from_ > 0 && now >= measure_from_) {
      latency_.Record(absl::Nanoseconds(now - stamp));
    }
  }

  const LoadOptions options_;
  const Dialect& dialect_;
  Connections connections_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<ServerStream>> calls_;
  size_t open_ = 0;
  int64_t measure_from_ = 0;
  uint64_t delivered_ = 0;
  uint64_t messages_ = 0;
  client::LatencyHistogram latency_;
};

}  // namespace

LoadReport RunSubscribers(const LoadOptions& options, const Dialect& dialect) {
  if (options.subscribers == 0) return RunAppends(options, dialect, /*stamped=*/true);
  Subscribers subscribers(options, dialect);
  std::atomic<bool> writing{true};
  std::atomic<uint64_t> expected{0};
  std::thread reading([&] { subscribers.Run(writing, expected); });
  LoadReport report = RunAppends(options, dialect, /*stamped=*/true);
  const auto events =
      static_cast<uint64_t>(report.more["accepted"]) * static_cast<uint64_t>(options.events);
  expected = events * static_cast<uint64_t>(options.subscribers);
  writing = false;
  reading.join();
  const bool lost = subscribers.lost();
  subscribers.Stop();
  const auto milliseconds = [&](double share) {
    return absl::ToDoubleMilliseconds(subscribers.latency().Quantile(share));
  };
  report.more["delivery_p50_ms"] = milliseconds(0.5);
  report.more["delivery_p99_ms"] = milliseconds(0.99);
  report.more["delivery_max_ms"] = milliseconds(1);
  report.more["delivered"] = static_cast<double>(subscribers.delivered());
  report.more["delivery_messages"] = static_cast<double>(subscribers.messages());
  report.more["not_delivered"] =
      static_cast<double>(expected) - static_cast<double>(subscribers.delivered());
  if (lost || subscribers.delivered() != expected) {
    ++report.errors;
    report.first_error = lost ? "a subscription ended" : "not every event was delivered once";
  }
  return report;
}

}  // namespace nexus::bench
