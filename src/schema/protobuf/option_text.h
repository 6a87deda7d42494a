#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nexus::schema {

// The options of one element as "name = value", in the order of their numbers and then of their
// text. Those whose bytes nothing explains are `unexplained`: "50001 = \"\\010\\001\"".
struct OptionTexts {
  std::vector<std::string> explained;
  std::vector<std::string> unexplained;
};
OptionTexts TextsOf(const google::protobuf::Message& options);

// In quotes, with escapes for what is not plain ASCII.
std::string QuotedProtoText(absl::string_view text);

}  // namespace nexus::schema
