#pragma once

// A sink that hands over events as a transform leaves them. What cannot be transformed is refused,
// and never reaches the sink behind it.
//
// Thread-safe as that is.

#include <memory>

#include "nexus/port/sink.h"
#include "route/transform/transform.h"

namespace nexus::route {

class TransformingSink : public Sink {
 public:
  // Neither is null.
  TransformingSink(std::unique_ptr<Sink> sink, TransformPtr transform)
      : sink_(std::move(sink)), transform_(std::move(transform)) {}

  absl::string_view Name() const override { return sink_->Name(); }
  size_t PerStreamMax() const override { return sink_->PerStreamMax(); }
  bool OnlyInRuns() const override { return sink_->OnlyInRuns(); }
  void Deliver(OutboundEvent event, Delivered done) override;
  absl::Status Flush(absl::Duration timeout) override { return sink_->Flush(timeout); }
  absl::Status Health() override { return sink_->Health(); }

 private:
  const std::unique_ptr<Sink> sink_;
  const TransformPtr transform_;
};

}  // namespace nexus::route
