#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "load/connections.h"
#include "load/loops.h"

namespace nexus::bench {
namespace {

constexpr double kTickSeconds = 0.02;
constexpr uint64_t kErrorsInARowMax = 1'000;  // then the server is gone

struct Writer {
  grpc::GenericStub* stub = nullptr;
  WriterView view;
  grpc::Slice events;
  bool looking = false;  // asks where the stream stands, to try again
  int64_t started = 0;
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> call;
  grpc::ByteBuffer answer;
  grpc::Status status;
};

class AppendLoop {
 public:
  AppendLoop(const LoadOptions& options, const Dialect& dialect, bool stamped)
      : options_(options), dialect_(dialect), stamped_(stamped), connections_(options) {
    for (int i = 0; i < options.clients; ++i) {
      auto writer = std::make_unique<Writer>();
      writer->stub = &connections_.Stub(static_cast<uint64_t>(i));
      writer->view.stream = options.first_stream + (options.hot ? 0 : static_cast<uint64_t>(i));
      if (!stamped) writer->events = dialect.Events(writer->view.stream, data_);
      idle_.push_back(writer.get());
      writers_.push_back(std::move(writer));
    }
  }

  LoadReport Run() {
    const int64_t begin = NowNs();
    const double warm_up = options_.calls > 0 ? 0 : options_.warm_up;
    measure_from_ = begin + static_cast<int64_t>(warm_up * 1e9);
    end_ = measure_from_ + static_cast<int64_t>(options_.seconds * 1e9);
    next_start_ = begin;
    bool running = true;
    while (running || outstanding_ > 0) {
      const int64_t now = NowNs();
      running = running && errors_in_a_row_ < kErrorsInARowMax &&
                (options_.calls > 0 ? started_ < options_.calls : now < end_);
      if (running) StartDue(now);
      Await(running);
    }
    const int64_t last = options_.calls > 0 ? NowNs() : std::min(NowNs(), end_);
    report_.seconds = static_cast<double>(last - measure_from_) / 1e9;
    report_.more["accepted"] = static_cast<double>(accepted_);  // with the warm-up
    Drain(queue_);
    return std::move(report_);
  }

 private:
  void StartDue(int64_t now) {
    while (!idle_.empty() && (options_.rate <= 0 || next_start_ <= now) &&
           (options_.calls == 0 || started_ < options_.calls)) {
      Writer& writer = *idle_.back();
      idle_.pop_back();
      // Open loop: what is late counts from when it was to start (no coordinated omission).
      writer.started = options_.rate > 0 ? next_start_ : now;
      if (options_.rate > 0) next_start_ += static_cast<int64_t>(1e9 / options_.rate);
      if (options_.fresh_streams) {
        writer.view = {options_.first_stream + started_, std::nullopt, 0};
        writer.events = dialect_.Events(writer.view.stream, data_);
      } else if (stamped_) {
        writer.events =
            dialect_.Events(writer.view.stream, MakeData(options_.data_bytes, writer.started));
      }
      ++started_;
      Start(writer, dialect_.Append(writer.events, writer.view));
    }
  }

  void Start(Writer& writer, const Request& request) {
    writer.answer.Clear();
    writer.status = grpc::Status();
    writer.call.reset();  // lives in memory that the context holds
    writer.context = std::make_unique<grpc::ClientContext>();
    writer.context->set_deadline(After(options_.timeout));
    Identify(options_, *writer.context);
    writer.call = writer.stub->PrepareUnaryCall(writer.context.get(), request.method,
                                                request.Bytes(), &queue_);
    writer.call->StartCall();
    writer.call->Finish(&writer.answer, &writer.status, &writer);
    ++outstanding_;
  }

  // Waits for one answer, or until the next call is due.
  void Await(bool running) {
    double wait = kTickSeconds;
    if (running && options_.rate > 0 && !idle_.empty()) {
      wait = std::clamp(static_cast<double>(next_start_ - NowNs()) / 1e9, 0.0, kTickSeconds);
    }
    void* tag = nullptr;
    bool ok = false;
    if (queue_.AsyncNext(&tag, &ok, After(wait)) == grpc::CompletionQueue::GOT_EVENT) {
      --outstanding_;
      Answered(*static_cast<Writer*>(tag));
    }
  }

  void Answered(Writer& writer) {
    const bool conflict = options_.condition != Condition::kNone && !writer.looking &&
                          writer.status.error_code() == grpc::StatusCode::FAILED_PRECONDITION;
    if (conflict) {
      ++report_.retries;
      writer.looking = true;
      Start(writer, dialect_.Look(writer.view));
      return;
    }
    if (!writer.status.ok()) {
      CountError(writer.status);
    } else if (writer.looking) {
      dialect_.Looked(Joined(writer.answer), writer.view);
      writer.looking = false;
      Start(writer, dialect_.Append(writer.events, writer.view));
      return;
    } else {
      CountSuccess(writer);
    }
    writer.looking = false;
    idle_.push_back(&writer);
  }

  void CountSuccess(Writer& writer) {
    errors_in_a_row_ = 0;
    // Only where the next request needs it.
    if (options_.condition != Condition::kNone) {
      dialect_.Appended(Joined(writer.answer), writer.view);
    }
    ++accepted_;
    const int64_t now = NowNs();
    if (now < measure_from_ || (options_.calls == 0 && now >= end_)) return;
    ++report_.requests;
    report_.events += static_cast<uint64_t>(options_.events);
    report_.latency.Record(absl::Nanoseconds(now - writer.started));
  }

  // Errors count during the warm-up too: a run that had any is not a clean one.
  void CountError(const grpc::Status& status) {
    ++report_.errors;
    ++errors_in_a_row_;
    if (report_.first_error.empty()) {
      report_.first_error =
          absl::StrCat(static_cast<int>(status.error_code()), ": ", status.error_message());
    }
  }

  const LoadOptions& options_;
  const Dialect& dialect_;
  const bool stamped_;
  Connections connections_;
  const std::string data_ = MakeData(options_.data_bytes);
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Writer>> writers_;
  std::vector<Writer*> idle_;
  uint64_t outstanding_ = 0;
  uint64_t started_ = 0;
  uint64_t accepted_ = 0;
  uint64_t errors_in_a_row_ = 0;
  int64_t measure_from_ = 0;
  int64_t end_ = 0;  // of what is counted
  int64_t next_start_ = 0;
  LoadReport report_;
};

}  // namespace

LoadReport RunAppends(const LoadOptions& options, const Dialect& dialect, bool stamped) {
  return AppendLoop(options, dialect, stamped).Run();
}

}  // namespace nexus::bench
