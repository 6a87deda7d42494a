#pragma once

// A value of Rego, as it travels between a policy and the built-in functions of the host: in the
// text that opa_value_dump() writes and opa_value_parse() reads, which is JSON with sets ({1, 2},
// set()) and any value as a key.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nexus::policy {

struct RegoValue {
  enum class Kind { kNull, kBoolean, kNumber, kString, kArray, kObject, kSet };

  Kind kind = Kind::kNull;
  bool boolean = false;
  std::string text;              // of a string, unescaped; of a number, as it is written
  std::vector<RegoValue> items;  // of an array; of a set in order; of an object key, value, ...

  static RegoValue Boolean(bool value);
  static RegoValue Number(int64_t value);
  static RegoValue NumberText(std::string text);
  static RegoValue String(std::string text);
  static RegoValue Array(std::vector<RegoValue> items);
  static RegoValue Object(std::vector<RegoValue> keys_and_values);

  bool is(Kind other) const { return kind == other; }
  const RegoValue* Find(absl::string_view key) const;  // of an object; null if it is not there

  friend bool operator==(const RegoValue&, const RegoValue&) = default;
};

// The order that OPA gives to values: negative, zero, positive.
int CompareRegoValues(const RegoValue& a, const RegoValue& b);

// With sets and objects in order, whatever the order of the text, as OPA prints them.
// kInvalidArgument if it is no such text, or nested deeper than 256.
absl::StatusOr<RegoValue> ParseRegoValue(absl::string_view text);

// As OPA prints values: with a space after ',' and ':'. ParseRegoValue() reads it again.
std::string PrintRegoValue(const RegoValue& value);

}  // namespace nexus::policy
