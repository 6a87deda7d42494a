#pragma once

#include <utility>

#include "nexus/port/sink.h"

namespace nexus::fake {

// Owned by whoever wants to own a sink; all that it does is done by another.
class BorrowedSink : public Sink {
 public:
  explicit BorrowedSink(Sink& sink) : sink_(sink) {}

  absl::string_view Name() const override { return sink_.Name(); }
  size_t PerStreamMax() const override { return sink_.PerStreamMax(); }
  void Deliver(OutboundEvent event, Delivered done) override {
    sink_.Deliver(std::move(event), std::move(done));
  }
  absl::Status Flush(absl::Duration timeout) override { return sink_.Flush(timeout); }
  absl::Status Health() override { return sink_.Health(); }

 private:
  Sink& sink_;
};

}  // namespace nexus::fake
