#pragma once

// Whether bytes are a message of a type: one pass that copies nothing and allocates for violations
// only. What it accepts, libprotobuf parses. Not thread-safe.

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "nexus/core/errors.h"
#include "schema/protobuf/wire_plan.h"
#include "schema/protobuf/wire_reader.h"

namespace nexus::schema {

struct WireLimits {
  size_t depth_max = 64;
  size_t undeclared_max = 0;  // unknown fields to tell of; 0: they are not looked for
};

class WireCheck {
 public:
  // `message` must outlive the check.
  WireCheck(const MessagePlan& message, const WireLimits& limits, size_t violations_max)
      : message_(message), limits_(limits), violations_max_(violations_max) {}

  // At most `violations_max`. Bytes that cannot be read end the check with the violation that says
  // where.
  std::vector<Violation> Run(absl::string_view data);

  // After Run(): fields that the types do not declare, as far as the bytes could be read.
  std::vector<Violation> TakeUndeclared() { return std::move(undeclared_); }
  // After Run(): whether each message had its required fields. If not, they may still be spread
  // over several occurrences of one message: libprotobuf must tell.
  bool complete() const { return complete_; }

 private:
  // A message that is being read, and the field that it is the value of.
  struct Place {
    const Place* parent = nullptr;
    const FieldPlan* field = nullptr;
    const char* begin = nullptr;  // of the message
    const char* at = nullptr;     // of the field in the parent
    const MessagePlan* plan = nullptr;
    size_t depth = 0;
    uint64_t seen = 0;  // bits of required fields
  };

  // False: the rest cannot be read, or there are enough violations.
  bool CheckMessage(WireBytes& bytes, Place& place, uint32_t group);
  bool CheckField(WireBytes& bytes, Place& place, const WireTag& tag, const char* start);
  bool CheckValue(WireBytes& bytes, const Place& place, const FieldPlan& field, const char* start);
  bool CheckNested(WireBytes& bytes, const Place& place, const FieldPlan& field, const char* start);
  bool CheckPacked(WireBytes& bytes, const Place& place, const FieldPlan& field, const char* start);
  bool CheckEnum(uint64_t value, const Place& place, const FieldPlan& field, const char* start);
  bool CheckText(const WireBytes& text, const Place& place, const FieldPlan& field,
                 const char* start);

  void AddUndeclared(const Place& place, uint32_t number);
  bool Malformed(const Place& place, const char* at, absl::string_view expected);
  bool Add(const std::string& pointer, absl::string_view keyword, absl::string_view expected,
           absl::string_view actual, absl::string_view message);
  std::string PointerTo(const Place& place) const;
  std::string PointerTo(const Place& place, const FieldPlan& field, const char* start) const;

  const MessagePlan& message_;
  const WireLimits limits_;
  const size_t violations_max_;
  const char* data_ = nullptr;
  bool complete_ = true;
  std::vector<Violation> violations_;
  std::vector<Violation> undeclared_;
};

}  // namespace nexus::schema
