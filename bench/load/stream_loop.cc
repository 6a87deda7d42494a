#include <deque>
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

struct Pipeline;

enum class Step { kStart, kWrite, kRead, kFinish };

struct Tag {
  Pipeline* pipeline;
  Step step;
};

// One streaming call. A write and a read may be under way at the same time.
struct Pipeline {
  Tag start{this, Step::kStart};
  Tag write{this, Step::kWrite};
  Tag read{this, Step::kRead};
  Tag finish{this, Step::kFinish};
  WriterView view;
  grpc::Slice events;
  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call;
  grpc::ByteBuffer answer;
  grpc::Status status;
  std::deque<int64_t> started;  // of what is not answered yet, in order
  bool writing = false;
  bool closed = false;  // no more writes
};

class StreamLoop {
 public:
  StreamLoop(const LoadOptions& options, const Dialect& dialect)
      : options_(options), dialect_(dialect), connections_(options) {
    for (int i = 0; i < options.clients; ++i) {
      auto pipeline = std::make_unique<Pipeline>();
      pipeline->view.stream = static_cast<uint64_t>(i);
      pipeline->events = dialect.Events(pipeline->view.stream, MakeData(options.data_bytes));
      const auto request = dialect.Streamed(pipeline->events, pipeline->view);
      if (!request.has_value()) Die("the system has no call that pipelines appends");
      Identify(options, pipeline->context);
      pipeline->call = connections_.Stub(static_cast<uint64_t>(i))
                           .PrepareCall(&pipeline->context, request->method, &queue_);
      pipelines_.push_back(std::move(pipeline));
    }
  }

  LoadReport Run() {
    measure_from_ = NowNs() + static_cast<int64_t>(options_.warm_up * 1e9);
    end_ = measure_from_ + static_cast<int64_t>(options_.seconds * 1e9);
    for (auto& pipeline : pipelines_) pipeline->call->StartCall(&pipeline->start);
    open_ = pipelines_.size();
    void* tag = nullptr;
    bool ok = false;
    while (open_ > 0 && queue_.Next(&tag, &ok)) {
      const Tag& done = *static_cast<Tag*>(tag);
      Done(*done.pipeline, done.step, ok);
    }
    report_.seconds = options_.seconds;
    Drain(queue_);
    return std::move(report_);
  }

 private:
  void Done(Pipeline& pipeline, Step step, bool ok) {
    switch (step) {
      case Step::kStart:
        pipeline.call->Read(&pipeline.answer, &pipeline.read);
        Write(pipeline);
        return;
      case Step::kWrite:
        pipeline.writing = false;
        if (!ok) pipeline.closed = true;  // the call is over; the read tells
        Write(pipeline);
        return;
      case Step::kRead:
        if (!ok) {
          pipeline.call->Finish(&pipeline.status, &pipeline.finish);
          return;
        }
        Answered(pipeline);
        pipeline.call->Read(&pipeline.answer, &pipeline.read);
        Write(pipeline);
        return;
      case Step::kFinish:
        if (!pipeline.status.ok()) CountError(pipeline.status.error_message());
        --open_;
    }
  }

  void Write(Pipeline& pipeline) {
    if (pipeline.writing || pipeline.closed) return;
    const int64_t now = NowNs();
    if (now >= end_) {
      pipeline.closed = pipeline.writing = true;
      pipeline.call->WritesDone(&pipeline.write);
      return;
    }
    if (pipeline.started.size() >= static_cast<size_t>(options_.window)) return;
    pipeline.started.push_back(now);
    pipeline.writing = true;
    const Request request = *dialect_.Streamed(pipeline.events, pipeline.view);
    pipeline.call->Write(request.Bytes(), &pipeline.write);
  }

  void Answered(Pipeline& pipeline) {
    const int64_t now = NowNs();
    if (pipeline.started.empty()) Die("an answer that nobody waits for");
    const int64_t started = pipeline.started.front();
    pipeline.started.pop_front();
    const std::string answer = Joined(pipeline.answer);
    if (dialect_.StreamedFailed(answer)) {
      CountError(absl::StrCat("refused: ", FirstField(FirstField(answer, 2), 2)));
      return;
    }
    if (now < measure_from_ || now >= end_) return;
    ++report_.requests;
    report_.events += static_cast<uint64_t>(options_.events);
    report_.latency.Record(absl::Nanoseconds(now - started));
  }

  void CountError(const std::string& why) {
    ++report_.errors;
    if (report_.first_error.empty()) report_.first_error = why;
  }

  const LoadOptions& options_;
  const Dialect& dialect_;
  Connections connections_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Pipeline>> pipelines_;
  size_t open_ = 0;
  int64_t measure_from_ = 0;
  int64_t end_ = 0;
  LoadReport report_;
};

}  // namespace

LoadReport RunStreamedAppends(const LoadOptions& options, const Dialect& dialect) {
  return StreamLoop(options, dialect).Run();
}

}  // namespace nexus::bench
