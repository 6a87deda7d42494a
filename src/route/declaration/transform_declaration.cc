#include "route/declaration/transform_declaration.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "declaration/strict_object.h"
#include "digest/sha256.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/text.h"

namespace nexus::route {
namespace {

constexpr char kPlace[] = "/transform";
constexpr size_t kPointerBytesMax = 1'000;
constexpr size_t kNameBytesMax = 255;
constexpr size_t kMaskBytesMax = 1'000;
constexpr size_t kAttributesMax = 32;
constexpr size_t kAttributeNameBytesMax = 20;  // what CloudEvents asks for

// Attributes that say what the event is.
constexpr absl::string_view kReserved[] = {
    "specversion",  "id",       "source",          "type",
    "subject",      "time",     "datacontenttype", "dataschema",
    "partitionkey", "sequence", "traceparent",     "tracestate",
    "data",         "dataref"};

void CheckPointer(declaration::StrictObject& object, absl::string_view place,
                  absl::string_view pointer) {
  std::vector<std::string> segments;
  if (pointer.size() > kPointerBytesMax || !ParsePointer(pointer, segments)) {
    return object.Fail(place, absl::StrCat("'", pointer.substr(0, 60), "' is no JSON pointer such ",
                                           "as /customer/email or /items/*/price"));
  }
  if (segments.size() > kPointerSegmentsMax) {
    object.Fail(place, absl::StrCat("it is deeper than ", kPointerSegmentsMax));
  }
}

void ReadPointers(declaration::StrictObject& object, absl::string_view name,
                  std::vector<std::string>& out) {
  object.Texts(name, out, kTransformPointersMax);
  for (size_t i = 0; i < out.size(); ++i) {
    CheckPointer(object, absl::StrCat(name, "/", i), out[i]);
  }
}

void ReadPairs(declaration::StrictObject& object, absl::string_view name, size_t bytes_max,
               TransformDeclaration::Pairs& out) {
  object.TextMap(name, out, kTransformPointersMax);
  for (const auto& [pointer, text] : out) {
    const std::string place = absl::StrCat(name, "/", declaration::EscapedForPointer(pointer));
    CheckPointer(object, place, pointer);
    if (text.size() > bytes_max || FindControlCharacter(text)) {
      object.Fail(place, absl::StrCat("at most ", bytes_max, " bytes without control characters"));
    }
  }
}

absl::Status ParseHash(const std::string& text, JsonReader& json, TransformDeclaration& out) {
  declaration::StrictObject object(json, text, absl::StrCat(kPlace, "/hash"));
  object.Require("fields");
  object.Require("secret");
  ReadPointers(object, "fields", out.hash);
  object.Text("secret", out.secret, kNameBytesMax);
  const bool plain = !out.secret.empty() && out.secret[0] != '.' &&
                     std::all_of(out.secret.begin(), out.secret.end(), [](unsigned char c) {
                       return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
                     });
  if (object.status().ok() && !plain) {
    object.Fail("secret", "the plain name of a file in the folder of secrets is needed here");
  }
  if (object.status().ok() && out.hash.empty()) object.Fail("fields", "it names no field");
  return object.Finish();
}

absl::Status ParseSchema(const std::string& text, JsonReader& json, TransformDeclaration& out) {
  declaration::StrictObject object(json, text, absl::StrCat(kPlace, "/schema"));
  object.Require("type");
  object.Require("version");
  object.Text("type", out.schema_type, kNameBytesMax);
  object.Number("version", out.schema_version, 1, UINT32_MAX);
  if (object.status().ok() && out.schema_type.empty()) object.Fail("type", "it is empty");
  return object.Finish();
}

bool IsAttributeName(absl::string_view name) {
  if (name.empty() || name.size() > kAttributeNameBytesMax) return false;
  if (absl::StartsWith(name, "nexus")) return false;
  if (std::find(std::begin(kReserved), std::end(kReserved), name) != std::end(kReserved)) {
    return false;
  }
  return std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c);
  });
}

void ReadAttributes(declaration::StrictObject& object, TransformDeclaration::Pairs& out) {
  object.TextMap("attributes", out, kAttributesMax);
  for (const auto& [name, value] : out) {
    const std::string place = absl::StrCat("attributes/", declaration::EscapedForPointer(name));
    if (!IsAttributeName(name)) {
      object.Fail(place,
                  "1 to 20 of a-z and 0-9 are needed here, and no name that CloudEvents or "
                  "nexus has");
    }
    if (value.empty() || value.size() > kMaskBytesMax || FindControlCharacter(value)) {
      object.Fail(place, "a text without control characters is needed here");
    }
  }
}

void CheckRenames(declaration::StrictObject& object, const TransformDeclaration::Pairs& renames) {
  for (const auto& [pointer, name] : renames) {
    const std::string place = absl::StrCat("rename/", declaration::EscapedForPointer(pointer));
    if (absl::EndsWith(pointer, "/*")) object.Fail(place, "many members cannot have one name");
    if (name.empty()) object.Fail(place, "a name is needed here");
  }
}

std::string PointersJson(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) {
    absl::StrAppend(&out, out.size() > 1 ? "," : "", JsonString(item));
  }
  return out + "]";
}

std::string PairsJson(const TransformDeclaration::Pairs& pairs) {
  std::string out = "{";
  for (const auto& [name, value] : pairs) {
    absl::StrAppend(&out, out.size() > 1 ? "," : "", JsonString(name), ":", JsonString(value));
  }
  return out + "}";
}

}  // namespace

bool ParsePointer(absl::string_view pointer, std::vector<std::string>& segments) {
  segments.clear();
  if (pointer.empty() || pointer[0] != '/') return false;
  for (const absl::string_view part : absl::StrSplit(pointer.substr(1), '/')) {
    std::string segment;
    for (size_t i = 0; i < part.size(); ++i) {
      if (part[i] != '~') {
        segment += part[i];
        continue;
      }
      if (++i == part.size() || (part[i] != '0' && part[i] != '1')) return false;
      segment += part[i] == '0' ? '~' : '/';
    }
    segments.push_back(std::move(segment));
  }
  return true;
}

absl::Status ParseTransform(const std::string& text, JsonReader& json, TransformDeclaration& out) {
  declaration::StrictObject object(json, text, kPlace);
  ReadPointers(object, "require", out.require);
  ReadPointers(object, "pick", out.pick);
  ReadPointers(object, "drop", out.drop);
  ReadPairs(object, "mask", kMaskBytesMax, out.mask);
  ReadPairs(object, "rename", kNameBytesMax, out.rename);
  CheckRenames(object, out.rename);
  ReadAttributes(object, out.attributes);
  std::string part;
  object.Json("hash", part);
  if (object.Has("hash") && object.status().ok()) object.Take(ParseHash(part, json, out));
  object.Json("schema", part);
  if (object.Has("schema") && object.status().ok()) object.Take(ParseSchema(part, json, out));
  NEXUS_RETURN_IF_ERROR(object.Finish());
  if (out == TransformDeclaration())
    return declaration::DeclarationFault(kPlace, "it does nothing");
  return absl::OkStatus();
}

std::string TransformText(const TransformDeclaration& transform) {
  std::string out = absl::StrCat(
      "{\"require\":", PointersJson(transform.require), ",\"pick\":", PointersJson(transform.pick),
      ",\"drop\":", PointersJson(transform.drop), ",\"mask\":", PairsJson(transform.mask),
      ",\"rename\":", PairsJson(transform.rename),
      ",\"attributes\":", PairsJson(transform.attributes));
  if (!transform.hash.empty()) {
    absl::StrAppend(&out, ",\"hash\":{\"fields\":", PointersJson(transform.hash),
                    ",\"secret\":", JsonString(transform.secret), "}");
  }
  if (!transform.schema_type.empty()) {
    absl::StrAppend(&out, ",\"schema\":{\"type\":", JsonString(transform.schema_type),
                    ",\"version\":", transform.schema_version, "}");
  }
  return out + "}";
}

std::string TransformDigest(const TransformDeclaration& transform) {
  return Sha256Hex(TransformText(transform));
}

}  // namespace nexus::route
