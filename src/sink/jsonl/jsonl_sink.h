#pragma once

// JsonlSink: CloudEvents in files, one JSON document a line. The sink of a machine without a
// broker.
//
// One thread of its own writes what is queued as one group and syncs it before it acknowledges: a
// lone event pays one fdatasync, a crowd shares it. Thread-safe.

#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "nexus/port/sink.h"
#include "route/cloud_event.h"
#include "sink/jsonl/segment_writer.h"

namespace nexus::sink {

class JsonlSink : public Sink {
 public:
  struct Options {
    SegmentWriter::Options files;  // `files.name` is the sink's name too: [a-z0-9-]+
    std::string source = std::string(route::kDefaultSource);
    size_t queue_bytes_max = 64 << 20;  // beyond it Deliver() answers kUnavailable
  };

  // kUnavailable if the files cannot be opened.
  static absl::StatusOr<std::unique_ptr<JsonlSink>> Open(Options options);

  // Answers what is queued with kUnavailable.
  ~JsonlSink() override;

  absl::string_view Name() const override { return options_.files.name; }
  void Deliver(OutboundEvent event, Delivered done) override;
  absl::Status Flush(absl::Duration timeout) override;
  absl::Status Health() override;

 private:
  struct Waiting {
    size_t offset = 0;  // of its line in the group
    Delivered done;
  };
  // Whole lines and who waits for them.
  struct Group {
    std::string lines;
    std::vector<Waiting> waiting;
  };

  JsonlSink(Options options, std::unique_ptr<SegmentWriter> writer);

  void Work();
  bool TakeGroup(Group& group);
  // Tells those who wait where their lines are: the name of a file and an offset in it.
  static void Answer(Group group, absl::string_view file, const absl::StatusOr<uint64_t>& offset);

  const Options options_;
  const std::unique_ptr<SegmentWriter> writer_;  // used by the thread only

  absl::Mutex mutex_;
  absl::CondVar work_;
  Group queue_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status health_ ABSL_GUARDED_BY(mutex_);

  std::thread thread_;  // last: it uses the rest
};

}  // namespace nexus::sink
