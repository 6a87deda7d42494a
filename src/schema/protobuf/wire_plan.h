#pragma once

// What a check of wire bytes needs of message types, laid out for it. Immutable after construction.

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace google::protobuf {
class Descriptor;
class FieldDescriptor;
}  // namespace google::protobuf

namespace nexus::schema {

enum class WireValue : uint8_t {
  kVarint,
  kClosedEnum,  // of proto2: another number is no value of the field
  kFixed32,
  kFixed64,
  kString,
  kBytes,
  kMessage,
  kGroup,
};

struct MessagePlan;

struct FieldPlan {
  uint32_t number = 0;
  WireValue value = WireValue::kVarint;
  bool repeated = false;
  uint64_t required_bit = 0;             // in MessagePlan::required; 0: it may be missing
  const MessagePlan* message = nullptr;  // of kMessage and kGroup
  std::vector<int32_t> numbers;          // of kClosedEnum, ascending
  std::string name;
};

struct MessagePlan {
  std::string name;
  std::vector<FieldPlan> fields;  // by number
  // All bits that an occurrence must have to be known as complete. Without, it may be so all the
  // same: by another occurrence, or because it has more required fields than there are bits.
  uint64_t required = 0;

  const FieldPlan* Find(uint32_t number) const;
};

class WirePlan {
 public:
  // Of `roots` and all that they reach, extensions included.
  explicit WirePlan(const std::vector<const google::protobuf::Descriptor*>& roots);

  // Null if it was not reached.
  const MessagePlan* Find(const google::protobuf::Descriptor& type) const;

 private:
  MessagePlan* Planned(const google::protobuf::Descriptor* type);
  FieldPlan PlanField(const google::protobuf::FieldDescriptor& field);
  void Fill(const google::protobuf::Descriptor& type, MessagePlan& plan);

  std::deque<MessagePlan> messages_;  // a deque does not move what it holds
  absl::flat_hash_map<const google::protobuf::Descriptor*, MessagePlan*> by_type_;
  std::vector<const google::protobuf::Descriptor*> waiting_;
};

}  // namespace nexus::schema
