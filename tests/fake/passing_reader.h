#pragma once

#include "nexus/port/event_reader.h"

namespace nexus::fake {

// Passes everything on to another reader: for those that change one thing.
class PassingReader : public EventReader {
 public:
  explicit PassingReader(EventReader& reader) : reader_(reader) {}

  Position Head() const override { return reader_.Head(); }
  absl::StatusOr<EventBatch> ReadAll(Position from, Direction direction,
                                     PageLimits limits) override {
    return reader_.ReadAll(from, direction, limits);
  }
  absl::StatusOr<EventBatch> ReadStream(const StreamName& stream, Revision from,
                                        Direction direction, PageLimits limits) override {
    return reader_.ReadStream(stream, from, direction, limits);
  }
  absl::StatusOr<EventBatch> ReadAt(absl::Span<const Position> positions,
                                    PageLimits limits) override {
    return reader_.ReadAt(positions, limits);
  }
  absl::StatusOr<Position> FirstRecordedAt(Timestamp time) override {
    return reader_.FirstRecordedAt(time);
  }
  absl::StatusOr<StreamInfo> GetStream(const StreamName& stream) override {
    return reader_.GetStream(stream);
  }
  absl::StatusOr<StreamPage> ListStreams(const StreamQuery& query) override {
    return reader_.ListStreams(query);
  }

 private:
  EventReader& reader_;
};

}  // namespace nexus::fake
