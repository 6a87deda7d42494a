#pragma once

// One value by one directive of a format, such as "%-5d". Pure; for format_text.h.

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "policy/wasm/rego_value.h"

namespace nexus::policy {

struct FormatSpec {
  bool minus = false, plus = false, sharp = false, space = false, zero = false;
  std::optional<int> width;
  std::optional<int> precision;
  char verb = 0;
};

// An argument in the type that Go would see.
struct FormatArgument {
  enum class Type { kInteger, kFloat, kString, kBigInteger };

  explicit FormatArgument(const RegoValue& value);
  absl::string_view TypeName() const;

  Type type = Type::kString;
  std::string text;
  int64_t integer = 0;
  double number = 0;
};

// Nothing if the verb does not suit the argument.
std::optional<std::string> FormatValue(const FormatSpec& spec, const FormatArgument& argument);

// The value as %v writes it, for what is told about an error.
std::string PlainValue(FormatSpec spec, const FormatArgument& argument);

// `text` filled up to the width; zeros go between a number's sign and its digits.
std::string PadText(const FormatSpec& spec, std::string text, bool number);

}  // namespace nexus::policy
