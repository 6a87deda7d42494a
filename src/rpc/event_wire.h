#pragma once

// Events as bytes of the wire, without a message object in between.
//
// ReadResponse and EventBatch both hold their events as field 1, so these bytes fit into either.
// They parse to what a message filled field by field holds; event_wire_test compares the two.
// Not thread-safe. Cannot fail.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "grpcpp/support/slice.h"
#include "nexus/core/event.h"

namespace nexus::rpc {

// A page of events: measure them one by one, then write all.
class EventWire {
 public:
  // `event` and what it points into must outlive the last Write().
  void Add(const RecordedEvent& event);

  // Of all events together.
  size_t bytes() const { return bytes_; }
  // Of one of them, in the order of Add().
  size_t bytes_of(size_t index) const { return items_[index].bytes; }

  // Writes bytes() bytes and returns where they end.
  char* Write(char* out) const;
  // All of it, in memory of its own.
  grpc::Slice ToSlice() const;

 private:
  struct Item {
    const RecordedEvent* event;
    size_t body;   // bytes of the message
    size_t bytes;  // with tag and length
    size_t commit_begin, commit_end;
  };

  void EncodeCommit(const RecordedEvent& event);

  std::vector<Item> items_;
  size_t bytes_ = 0;
  // The fields that the events of a commit have in common, once for each commit.
  std::string commits_;
  size_t commit_begin_ = 0;
};

// Memory that is written once and then shared with gRPC.
grpc::Slice NewSlice(size_t bytes, char*& begin);

// A whole ReadResponse.
grpc::Slice EncodeReadResponse(const EventBatch& batch, std::optional<uint64_t> checkpoint);

// What surrounds the events of a SubscribeResponse with a batch; short, and held in itself.
struct SubscribeFrame {
  grpc::Slice before;
  grpc::Slice after;
};
SubscribeFrame FrameOf(size_t event_bytes, std::optional<uint64_t> checkpoint, Position head);

}  // namespace nexus::rpc
