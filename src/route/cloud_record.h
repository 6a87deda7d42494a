#pragma once

// What a record that was read back from a broker says of the event that it is: the other direction
// of cloud_event.h, as far as a comparison needs it.
//
// Not thread-safe.

#include <string>

#include "absl/strings/string_view.h"
#include "nexus/port/broker_reader.h"
#include "nexus/port/json_reader.h"

namespace nexus::route {

class CloudRecord {
 public:
  // An attribute by its own name. Others, and values that nobody of us writes, are passed over.
  void Take(absl::string_view attribute, absl::string_view value);
  // All of a CloudEvent in structured mode. Nothing, if it is none.
  void TakeJson(absl::string_view text, JsonReader& json);

  // Views are into this.
  void Fill(BrokerRecord& record) const;

 private:
  EventId id_;
  Position position_;
  Revision revision_;
  std::string stream_;
};

}  // namespace nexus::route
