#pragma once

// What the input documents of all operations have in common. Pure; thread-safe.

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "policy/json_writer.h"
#include "policy/policy_input.h"

namespace nexus::policy {

void WriteText(absl::string_view key, absl::string_view text, JsonWriter& json);
void WriteCount(absl::string_view key, uint64_t number, JsonWriter& json);
void WriteBool(absl::string_view key, bool value, JsonWriter& json);
void WriteTexts(absl::string_view key, absl::Span<const std::string> texts, JsonWriter& json);
// What every document begins with: operation, tenant, principal.
void WriteHead(absl::string_view operation, uint32_t tenant, const PrincipalFacts& principal,
               JsonWriter& json);

// The document of an operation; `write` adds what is asked about.
template <typename Write>
std::string Input(absl::string_view operation, uint32_t tenant, const PrincipalFacts& principal,
                  Write write) {
  std::string out;
  JsonWriter json(&out);
  json.BeginObject();
  WriteHead(operation, tenant, principal, json);
  write(json);
  json.EndObject();
  return out;
}

}  // namespace nexus::policy
