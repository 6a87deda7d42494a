#include "rpc/read_reactor.h"

#include <memory>
#include <optional>
#include <utility>

#include "engine/read_cursor.h"
#include "nexus/core/errors.h"
#include "rpc/convert.h"
#include "rpc/fenced_call.h"
#include "rpc/filter_convert.h"

namespace nexus::rpc {
namespace {

using ReadWriter = grpc::ServerWriteReactor<v1::ReadResponse>;

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

// One thing happens at a time: opening, reading a page, or writing one. Only the end may come from
// two sides, hence the fence.
class ReadReactor : public FencedCall<ReadWriter> {
 public:
  ReadReactor(grpc::CallbackServerContext* context, const ServiceParts& parts)
      : FencedCall(parts.metrics, "nexus.v1.EventStoreService/Read"),
        parts_(parts),
        caller_(CallerOf(*context, parts)) {}

  void Begin(std::shared_ptr<ReadReactor> self, const v1::ReadRequest& request) {
    self_ = std::move(self);
    if (!caller_.ok()) {
      FinishOnce(caller_.status());
      return;
    }
    absl::StatusOr<engine::ReadQuery> query = ToQuery(request);
    if (!query.ok()) {
      FinishOnce(query.status());
      return;
    }
    parts_.engine.OpenRead(
        *std::move(query), *caller_,
        [self = self_](absl::StatusOr<std::unique_ptr<engine::ReadCursor>> cursor) {
          if (!cursor.ok()) {
            self->FinishOnce(cursor.status());
            return;
          }
          self->cursor_ = *std::move(cursor);
          self->WritePage();
        });
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      FinishOnce(absl::CancelledError("the client has gone"));
      return;
    }
    const std::shared_ptr<ReadReactor> self = self_;
    const bool accepted = parts_.engine.workers().TrySubmit([self] { self->WritePage(); });
    if (!accepted) {
      FinishOnce(MakeError(ErrorReason::kOverloaded, "too many reads are waiting"));
    }
  }

  void OnCancel() override { FinishOnce(absl::CancelledError("the client has gone")); }

  void OnDone() override { self_.reset(); }

 private:
  // On a worker: reads from disk.
  void WritePage() {
    if (ending()) return;
    absl::StatusOr<std::optional<engine::ReadPage>> page = cursor_->Next();
    if (!page.ok() || !page->has_value()) {
      FinishOnce(page.status());
      return;
    }
    response_.Clear();
    const EventBatch& batch = (*page)->batch;
    response_.set_head(batch.head.value);
    if ((*page)->checkpoint) response_.set_checkpoint(*(*page)->checkpoint);
    for (const RecordedEvent& event : batch.events) FillEvent(event, *response_.add_events());
    Start([this] { StartWrite(&response_); });
  }

  const ServiceParts parts_;
  const absl::StatusOr<engine::Caller> caller_;
  std::shared_ptr<ReadReactor> self_;  // gRPC's share, let go in OnDone
  std::unique_ptr<engine::ReadCursor> cursor_;
  v1::ReadResponse response_;
};

}  // namespace

ReadWriter* NewReadReactor(grpc::CallbackServerContext* context, const ServiceParts& parts,
                           const v1::ReadRequest& request) {
  auto reactor = std::make_shared<ReadReactor>(context, parts);
  ReadReactor* raw = reactor.get();
  raw->Begin(std::move(reactor), request);
  return raw;
}

}  // namespace nexus::rpc
