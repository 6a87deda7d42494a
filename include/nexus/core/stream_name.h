#pragma once

// A checked stream name: 1 to 255 bytes of valid UTF-8 without control characters.
//
// The category is what precedes the first '-'; a name without a dash is its own category
// ("order-42" -> "order", "inbox" -> "inbox"). Names that begin with '$' belong to the server.

#include <compare>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nexus {

inline constexpr size_t kStreamNameBytesMax = 255;

class StreamName {
 public:
  // An empty name: no stream has it. Only a placeholder until one is assigned.
  StreamName() = default;

  // kInvalidArgument (MALFORMED_NAME) that says what is wrong and at which byte.
  static absl::StatusOr<StreamName> Parse(absl::string_view name);
  // The same without a copy.
  static absl::StatusOr<StreamName> Take(std::string name);

  // For names the program itself writes down. Ends the process if `name` is not valid.
  static StreamName Literal(absl::string_view name);

  const std::string& str() const { return name_; }
  absl::string_view category() const { return CategoryOf(name_); }
  bool is_system() const { return !name_.empty() && name_[0] == '$'; }

  static absl::string_view CategoryOf(absl::string_view name);

  friend auto operator<=>(const StreamName&, const StreamName&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const StreamName& n) {
    return H::combine(std::move(h), n.name_);
  }

 private:
  explicit StreamName(std::string name) : name_(std::move(name)) {}

  std::string name_;
};

}  // namespace nexus
