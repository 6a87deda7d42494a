#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace nexus::schema {

// What to do about a finding of this rule: one sentence. Never empty.
std::string ProtobufFixFor(absl::string_view rule);

}  // namespace nexus::schema
