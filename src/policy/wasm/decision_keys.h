#pragma once

// What a decision is known by: the operation and the part of its input that it depends on.

#include <string>

#include "absl/strings/string_view.h"
#include "policy/wasm/wasm_program.h"

namespace nexus::policy {

// Made step by step, for one question: mostly the first key is enough.
class DecisionKeys {
 public:
  // All must outlive this.
  DecisionKeys(absl::string_view name, const WasmProgram::Operation& operation,
               absl::string_view input_json)
      : name_(name), operation_(operation), input_json_(input_json) {}

  // Of all decisions without a formatted message. Empty: they have no key of their own.
  std::string Unformatted() const;
  // Of every decision. Empty: the input is not sound.
  std::string All() const;

  // What to evaluate: the input that is a part of All().
  static absl::string_view InputIn(absl::string_view all, absl::string_view name) {
    return all.substr(name.size() + 1);
  }

 private:
  std::string Key(const InputProjection* projection) const;

  const absl::string_view name_;
  const WasmProgram::Operation& operation_;
  const absl::string_view input_json_;
};

}  // namespace nexus::policy
