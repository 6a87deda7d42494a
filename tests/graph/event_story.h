#pragma once

// Events with few words, for folds.

#include <deque>
#include <string>

#include "graph/graph_fold.h"
#include "nexus/core/event.h"

namespace nexus::graph {

// Tells a fold of events as the log would, and keeps the texts that they borrow.
class EventStory {
 public:
  explicit EventStory(GraphFold& fold) : fold_(fold) {}

  struct Line {
    std::string principal;
    std::string stream;
    std::string type;
    std::string cause = {};      // an id that Tell() gave
    std::string source = {};     // ce_source
    std::string called_by = {};  // the metadata of that name
    bool same_commit = false;    // as the event before
  };

  // The id of the event.
  std::string Tell(Line line) {
    lines_.push_back(std::move(line));
    const Line& told = lines_.back();
    RecordedEvent event;
    event.position = Position(++position_);
    event.recorded = Timestamp{static_cast<int64_t>(position_) * 1'000'000};
    if (!told.same_commit) ++commit_;
    event.commit_id.bytes[15] = static_cast<uint8_t>(commit_);
    event.commit_id.bytes[14] = static_cast<uint8_t>(commit_ >> 8);
    event.id.bytes[15] = static_cast<uint8_t>(position_);
    event.id.bytes[14] = static_cast<uint8_t>(position_ >> 8);
    event.stream = told.stream;
    event.type = told.type;
    event.principal = told.principal;
    event.causation_id = told.cause;
    if (!told.called_by.empty()) event.metadata.emplace_back("called_by", told.called_by);
    if (!told.source.empty()) event.metadata.emplace_back("ce_source", told.source);
    fold_.Take(event);
    return event.id.ToString();
  }

 private:
  GraphFold& fold_;
  std::deque<Line> lines_;
  uint64_t position_ = 0;
  uint64_t commit_ = 0;
};

}  // namespace nexus::graph
