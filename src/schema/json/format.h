#pragma once

// The values of `format` that can be asserted. Each check looks at one string, once, and allocates
// nothing, but for "regex", which compiles.

#include <string_view>

#include "absl/strings/string_view.h"

namespace nexus::schema {

struct Format {
  absl::string_view name;
  bool (*holds)(std::string_view text);
};

// Null for a format that is not known, which always holds.
const Format* FindFormat(std::string_view name);

// RFC 3339, and the durations of its appendix A.
bool IsDate(std::string_view text);
bool IsTime(std::string_view text);
bool IsDateTime(std::string_view text);
bool IsDuration(std::string_view text);

// RFC 1123 names of at most 253 bytes; RFC 2673 and RFC 4291 addresses.
bool IsHostname(std::string_view text);
bool IsIpv4(std::string_view text);
bool IsIpv6(std::string_view text);

// RFC 5321 mailboxes. The second lets any character outside ASCII stand where a letter may.
bool IsEmail(std::string_view text);
bool IsIdnEmail(std::string_view text);

// RFC 3986. An IRI is a URI in which any character outside ASCII may stand where a letter may.
bool IsUri(std::string_view text);
bool IsUriReference(std::string_view text);
bool IsIri(std::string_view text);
bool IsIriReference(std::string_view text);
// RFC 6570, up to its level 4.
bool IsUriTemplate(std::string_view text);

bool IsUuid(std::string_view text);
// RFC 6901, and the draft of relative pointers.
bool IsPointer(std::string_view text);
bool IsRelativePointer(std::string_view text);
// One that Pattern takes.
bool IsRegex(std::string_view text);

}  // namespace nexus::schema
