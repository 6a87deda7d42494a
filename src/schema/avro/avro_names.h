#pragma once

// Names of types, fields and symbols, as the specification spells them.

#include <string>

#include "absl/strings/string_view.h"

namespace nexus::schema {

// A letter or '_', then letters, digits and '_'; ASCII.
bool IsAvroName(absl::string_view name);

// Names with dots between them. With `allow_empty` the empty text too, which is the null namespace.
bool IsDottedAvroName(absl::string_view name, bool allow_empty);

// `name` with `space` before it, unless it has a dot or `space` is empty.
std::string FullAvroName(absl::string_view name, absl::string_view space);

// What stands before the last dot; empty if there is none.
absl::string_view NamespaceOf(absl::string_view full_name);

}  // namespace nexus::schema
