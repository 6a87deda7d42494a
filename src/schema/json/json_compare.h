#pragma once

// Equality of JSON values: numbers by value, objects whatever the order of their members.

#include <cstddef>
#include <string>
#include <string_view>

#include "schema/json/json_document.h"
#include "schema/json/json_number.h"

namespace nexus::schema {

// `element` must be a number.
Number NumberOf(JsonElement element);

bool SameJson(JsonElement a, JsonElement b);

// Equal for equal values. Seeded anew in each process, so that nobody can choose what collides.
size_t HashJson(JsonElement element);
size_t HashText(std::string_view text);  // of a string value

// One line of text in which equal values are equal: keys sorted bytewise, no white space, numbers
// in their shortest form.
std::string CanonicalJson(JsonElement element);
void AppendQuoted(std::string& out, std::string_view text);

}  // namespace nexus::schema
