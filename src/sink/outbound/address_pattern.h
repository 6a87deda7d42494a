#pragma once

// AddressPattern: where an event goes within a broker, from what the event is:
//
//   "nexus.evt.<category>.<type>"  ->  "nexus.evt.order.order-paid"
//
// Fields: <category>, <type> (without version), <version> (of the schema, 0 without one), <stream>,
// <key> (what the route keeps together), <path> ("critical" or "standard"). Each becomes one word:
// what separates words or stands for several in such addresses ('.', '*', '#', '>', '/'), white
// space and control characters become '_'. An event without a value for a field has '_' there.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/port/sink.h"

namespace nexus::sink {

class AddressPattern {
 public:
  // CONFIGURATION_INVALID for a field that does not exist or a '<' without its '>'. `key` names the
  // option in the message.
  static absl::StatusOr<AddressPattern> Parse(absl::string_view pattern, absl::string_view key);

  std::string For(const OutboundEvent& event) const;

  // With `wildcard` in place of each field: all that For() can give matches it.
  std::string WithFieldsAs(absl::string_view wildcard) const;

 private:
  enum class Field { kNone, kCategory, kType, kVersion, kStream, kKey, kPath };
  struct Part {
    std::string text;  // before the field
    Field field = Field::kNone;
  };

  static std::string ValueOf(Field field, const OutboundEvent& event);

  std::vector<Part> parts_;
};

}  // namespace nexus::sink
