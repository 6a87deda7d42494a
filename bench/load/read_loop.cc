#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "load/connections.h"
#include "load/loops.h"
#include "load/server_stream.h"

namespace nexus::bench {
namespace {

constexpr double kTickSeconds = 0.02;

struct Reader : ServerStream {
  uint64_t number = 0;
  uint64_t events = 0;  // of the read under way
  int64_t started = 0;
};

// Spreads the reads over the streams, the same way in every run.
uint64_t Scatter(uint64_t n) {
  n *= 0x9E3779B97F4A7C15u;
  return n ^ n >> 32;
}

class ReadLoop {
 public:
  ReadLoop(const LoadOptions& options, const Dialect& dialect, bool whole_log)
      : options_(options), dialect_(dialect), whole_log_(whole_log), connections_(options) {}

  LoadReport Run(int readers) {
    begin_ = NowNs();
    measure_from_ = begin_ + static_cast<int64_t>(whole_log_ ? 0 : options_.warm_up * 1e9);
    end_ = measure_from_ + static_cast<int64_t>(options_.seconds * 1e9);
    last_ = measure_from_;
    for (int i = 0; i < readers; ++i) {
      readers_.push_back(std::make_unique<Reader>());
      readers_.back()->number = static_cast<uint64_t>(i);
      idle_.push_back(readers_.back().get());
    }
    while (More() || open_ > 0) {
      StartDue();
      void* tag = nullptr;
      bool ok = false;
      if (queue_.AsyncNext(&tag, &ok, After(Wait())) == grpc::CompletionQueue::GOT_EVENT) {
        // Every tag is the address of the base.
        Step(*static_cast<Reader*>(static_cast<ServerStream*>(tag)), ok);
      }
    }
    report_.seconds = static_cast<double>(last_ - measure_from_) / 1e9;
    Drain(queue_);
    return std::move(report_);
  }

 private:
  bool More() const {
    return report_.errors == 0 && (whole_log_ ? begun_ < options_.passes : NowNs() < end_);
  }

  // When the next read is to start; without a rate, now.
  int64_t Due() const {
    if (options_.rate <= 0) return 0;
    return begin_ + static_cast<int64_t>(static_cast<double>(begun_) * 1e9 / options_.rate);
  }
  double Wait() const {
    if (options_.rate <= 0 || idle_.empty()) return kTickSeconds;
    return std::clamp(static_cast<double>(Due() - NowNs()) / 1e9, 0.0, kTickSeconds);
  }

  void StartDue() {
    while (!idle_.empty() && More() && Due() <= NowNs()) {
      Reader& reader = *idle_.back();
      idle_.pop_back();
      reader.events = 0;
      // Open loop: what is late counts from when it was to start.
      reader.started = options_.rate > 0 ? Due() : NowNs();
      ++begun_;
      ++open_;
      const Request request =
          whole_log_ ? dialect_.ReadAll() : dialect_.ReadStream(Scatter(begun_) % options_.streams);
      reader.Start(connections_.Stub(reader.number), request, queue_);
    }
  }

  void Step(Reader& reader, bool ok) {
    switch (reader.Done(ok)) {
      case ServerStream::State::kRunning:
        return;
      case ServerStream::State::kMessage:
        reader.events += dialect_.CountRead(Joined(reader.message()));
        reader.Read();
        return;
      case ServerStream::State::kEnded:
        --open_;
        Ended(reader);
        idle_.push_back(&reader);
    }
  }

  void Ended(const Reader& reader) {
    const int64_t now = NowNs();
    const uint64_t asked = options_.stream_events;
    if (!reader.status().ok()) {
      CountError(reader.status().error_message());
    } else if (asked > 0 && reader.events != asked) {
      CountError(absl::StrCat("read ", reader.events, " events instead of ", asked));
    } else if (whole_log_ || (now >= measure_from_ && now < end_)) {
      last_ = now;
      ++report_.requests;
      report_.events += reader.events;
      report_.latency.Record(absl::Nanoseconds(now - reader.started));
    }
  }

  void CountError(const std::string& why) {
    ++report_.errors;
    if (report_.first_error.empty()) report_.first_error = why;
  }

  const LoadOptions& options_;
  const Dialect& dialect_;
  const bool whole_log_;
  Connections connections_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Reader>> readers_;
  std::vector<Reader*> idle_;
  uint64_t begun_ = 0;
  uint64_t open_ = 0;
  int64_t begin_ = 0;
  int64_t measure_from_ = 0;
  int64_t end_ = 0;
  int64_t last_ = 0;
  LoadReport report_;
};

}  // namespace

LoadReport RunStreamReads(const LoadOptions& options, const Dialect& dialect) {
  return ReadLoop(options, dialect, /*whole_log=*/false).Run(options.clients);
}

LoadReport RunScan(const LoadOptions& options, const Dialect& dialect) {
  return ReadLoop(options, dialect, /*whole_log=*/true).Run(1);
}

}  // namespace nexus::bench
