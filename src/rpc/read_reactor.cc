#include "rpc/read_reactor.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "engine/read_cursor.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "nexus/v1/event_store.pb.h"
#include "rpc/convert.h"
#include "rpc/event_wire.h"
#include "rpc/fenced_call.h"
#include "rpc/filter_convert.h"
#include "rpc/request_bytes.h"
#include "rpc/view_convert.h"

namespace nexus::rpc {
namespace {

absl::StatusOr<engine::ReadQuery> ToQuery(const v1::ReadRequest& request) {
  engine::ReadQuery query;
  query.stream = request.stream();
  if (request.has_from()) query.from = request.from();
  switch (request.direction()) {
    case v1::READ_DIRECTION_UNSPECIFIED:
    case v1::READ_DIRECTION_FORWARDS:
      query.direction = Direction::kForward;
      break;
    case v1::READ_DIRECTION_BACKWARDS:
      query.direction = Direction::kBackward;
      break;
    default:
      return MakeError(ErrorReason::kMalformedRequest,
                       "direction is not a value of nexus.v1.ReadDirection");
  }
  query.limit = request.limit();
  query.min_position = Position(request.min_position());
  query.exclude_system = request.exclude_system();
  query.filter = ToFilter(request.filter());
  if (request.has_to()) query.to = request.to();
  if (request.has_from_time()) query.from_time = ToTimestamp(request.from_time());
  if (request.has_to_time()) query.to_time = ToTimestamp(request.to_time());
  return query;
}

// While gRPC writes one page, a worker makes the next: two pages at most. The end of the call may
// come from two sides, hence the fence.
class ReadReactor : public FencedCall, public std::enable_shared_from_this<ReadReactor> {
 public:
  ReadReactor(ServerCall& call, const ServiceParts& parts)
      : FencedCall(call, parts.metrics),
        parts_(parts),
        caller_(CallerOf(call, parts)),
        bulk_(parts.engine.ledger(), parts.bulk_read_events) {}
  ~ReadReactor() override { bulk_.End(); }

  void Begin(const grpc::ByteBuffer& bytes) {
    v1::ReadRequest request;
    absl::Status fault = caller_.ok() ? ParseRequest(bytes, request) : caller_.status();
    if (fault.ok()) fault = ReadView(request.as_version(), view_);
    absl::StatusOr<engine::ReadQuery> query = fault.ok() ? ToQuery(request) : fault;
    if (!query.ok()) {
      FinishOnce(query.status());
      return;
    }
    bulk_.Begin("read", request.stream(), *caller_);
    parts_.engine.OpenRead(
        *std::move(query), *caller_,
        [self = shared_from_this()](absl::StatusOr<std::unique_ptr<engine::ReadCursor>> cursor) {
          if (!cursor.ok()) {
            self->FinishOnce(cursor.status());
            return;
          }
          self->cursor_ = *std::move(cursor);
          self->MakePage();
        });
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      OnCancel();
      return;
    }
    std::optional<absl::StatusOr<Page>> next;
    {
      absl::MutexLock lock(&mutex_);
      next = std::exchange(made_, std::nullopt);
      writing_ = next.has_value();
    }
    if (next) Take(*std::move(next));
  }

 private:
  struct Page {
    grpc::ByteBuffer bytes;
    bool last = false;
  };

  // On a worker: reads from disk.
  void MakePage() {
    if (!ending()) Put(NextPage());
  }

  // Writes `page` now, or as soon as the one before it has left.
  void Put(absl::StatusOr<Page> page) {
    {
      absl::MutexLock lock(&mutex_);
      if (writing_) {
        made_ = std::move(page);
        return;
      }
      writing_ = true;
    }
    Take(std::move(page));
  }

  absl::StatusOr<Page> NextPage() {
    NEXUS_ASSIGN_OR_RETURN(std::optional<engine::ReadPage> page, cursor_->Next());
    if (!page.has_value()) return MakeError(ErrorReason::kInternal, "a read went on at its end");
    bulk_.Count(page->batch.events.size());
    if (!view_.empty()) {
      // What could not be put into the version says so itself.
      parts_.engine.evolution().Apply(view_, page->batch).IgnoreError();
    }
    const grpc::Slice bytes = EncodeReadResponse(page->batch, page->checkpoint);
    return Page{grpc::ByteBuffer(&bytes, 1), page->last};
  }

  // Nothing is being written: writes `page`, and has the next one made meanwhile.
  void Take(absl::StatusOr<Page> page) {
    if (!page.ok()) {
      FinishOnce(page.status());
      return;
    }
    page_ = *std::move(page);
    if (page_.last) {
      FinishOnce(absl::OkStatus());
      return;
    }
    const std::shared_ptr<ReadReactor> self = shared_from_this();
    StartWrite(page_.bytes);
    // A new task a page: a long read must not keep a worker to itself.
    if (parts_.engine.workers().TrySubmit([self] { self->MakePage(); })) return;
    Put(MakeError(ErrorReason::kOverloaded, "too many reads are waiting"));
  }

  // The last page travels with the status.
  void FinishCall(const grpc::Status& status) override {
    if (status.ok()) {
      call().StartWriteAndFinish(page_.bytes, status);
    } else {
      call().Finish(status);
    }
  }

  const ServiceParts parts_;
  const absl::StatusOr<engine::Caller> caller_;
  BulkReadWatch bulk_;  // of one MakePage() at a time
  schema::SchemaView view_;
  std::unique_ptr<engine::ReadCursor> cursor_;  // one MakePage() at a time
  Page page_;                                   // being written

  absl::Mutex mutex_;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  // Waits for the page before it to have left.
  std::optional<absl::StatusOr<Page>> made_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

void BeginRead(ServerCall& call, const ServiceParts& parts, const grpc::ByteBuffer& request) {
  auto reactor = std::make_shared<ReadReactor>(call, parts);
  call.Attach(reactor);
  reactor->Begin(request);
}

}  // namespace nexus::rpc
