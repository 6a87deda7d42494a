#include "route/transform/transforming_sink.h"

#include <string>
#include <utility>

namespace nexus::route {
namespace {

// What a transformed event points into. It lives as long as the sink holds on to its batch.
struct TransformedEvent {
  RecordedEvent event;
  std::string data;
  std::shared_ptr<const EventBatch> stored;
  TransformPtr transform;
};

}  // namespace

void TransformingSink::Deliver(OutboundEvent event, Delivered done) {
  absl::StatusOr<std::string> data = transform_->DataOf(*event.event);
  if (!data.ok()) return done(data.status());
  auto transformed = std::make_shared<TransformedEvent>();
  transformed->event = *event.event;
  transformed->data = *std::move(data);
  transformed->stored = std::move(event.batch);
  transformed->transform = transform_;
  const TransformDeclaration& declaration = transform_->declaration();
  RecordedEvent& out = transformed->event;
  out.data = transformed->data;
  // It no longer has to conform to the schema that it was stored by.
  out.schema_version = static_cast<uint32_t>(declaration.schema_version);
  if (!declaration.schema_type.empty())
    out.type = transformed->transform->declaration().schema_type;
  event.event = &out;
  event.attributes = transform_->attributes();
  const EventBatch* stored = transformed->stored.get();
  event.batch = std::shared_ptr<const EventBatch>(std::move(transformed), stored);
  sink_->Deliver(std::move(event), std::move(done));
}

}  // namespace nexus::route
