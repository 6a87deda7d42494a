#include "nexus/core/media_type.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace nexus {

bool IsJsonMediaType(absl::string_view content_type) {
  const absl::string_view essence =
      absl::StripAsciiWhitespace(content_type.substr(0, content_type.find(';')));
  return absl::EqualsIgnoreCase(essence, "application/json") ||
         absl::EqualsIgnoreCase(essence, "text/json") || absl::EndsWithIgnoreCase(essence, "+json");
}

}  // namespace nexus
