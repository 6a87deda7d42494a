// hex, urlquery, base64url.encode_no_pad

#include <array>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "nexus/core/status_macros.h"
#include "policy/wasm/host_builtins.h"

namespace nexus::policy {
namespace {

using Operands = absl::Span<const RegoValue>;

bool IsHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

absl::StatusOr<RegoValue> HexEncode(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view text, StringOperand(operands, 0));
  return RegoValue::String(absl::BytesToHexString(text));
}

absl::StatusOr<RegoValue> HexDecode(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view text, StringOperand(operands, 0));
  for (const char c : text) {
    if (!IsHex(c)) return absl::InvalidArgumentError("it is not hexadecimal");
  }
  if (text.size() % 2 != 0) return absl::InvalidArgumentError("half a byte");
  return RegoValue::String(absl::HexStringToBytes(text));
}

std::string QueryEscape(absl::string_view text) {
  std::string out;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' ||
        c == '~') {
      out.push_back(c);
    } else if (c == ' ') {
      out.push_back('+');
    } else {
      absl::StrAppend(&out, "%", absl::AsciiStrToUpper(absl::BytesToHexString({&c, 1})));
    }
  }
  return out;
}

absl::StatusOr<std::string> QueryUnescape(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    if (i + 2 >= text.size() || !IsHex(text[i + 1]) || !IsHex(text[i + 2])) {
      return absl::InvalidArgumentError("an escape that is none");
    }
    out.append(absl::HexStringToBytes(text.substr(i + 1, 2)));
    i += 2;
  }
  return out;
}

absl::StatusOr<RegoValue> QueryEncode(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view text, StringOperand(operands, 0));
  return RegoValue::String(QueryEscape(text));
}

absl::StatusOr<RegoValue> QueryDecode(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view text, StringOperand(operands, 0));
  NEXUS_ASSIGN_OR_RETURN(std::string decoded, QueryUnescape(text));
  return RegoValue::String(std::move(decoded));
}

absl::StatusOr<RegoValue> QueryEncodeObject(Operands operands) {
  if (!operands[0].is(RegoValue::Kind::kObject)) {
    return absl::InvalidArgumentError("operand 1 must be an object");
  }
  std::map<std::string, std::vector<std::string>> pairs;
  const std::vector<RegoValue>& members = operands[0].items;
  for (size_t i = 0; i + 1 < members.size(); i += 2) {
    if (!members[i].is(RegoValue::Kind::kString)) {
      return absl::InvalidArgumentError("a key is not a string");
    }
    std::vector<std::string>& values = pairs[members[i].text];
    const RegoValue& value = members[i + 1];
    const bool list = value.is(RegoValue::Kind::kArray) || value.is(RegoValue::Kind::kSet);
    for (const RegoValue& item : list ? Operands(value.items) : Operands(&value, 1)) {
      if (!item.is(RegoValue::Kind::kString)) {
        return absl::InvalidArgumentError("a value is neither a string nor a list of strings");
      }
      values.push_back(item.text);
    }
  }
  std::string out;
  for (const auto& [key, values] : pairs) {
    for (const std::string& value : values) {
      absl::StrAppend(&out, out.empty() ? "" : "&", QueryEscape(key), "=", QueryEscape(value));
    }
  }
  return RegoValue::String(std::move(out));
}

absl::StatusOr<RegoValue> QueryDecodeObject(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view text, StringOperand(operands, 0));
  std::map<std::string, std::vector<RegoValue>> pairs;
  for (const absl::string_view pair : absl::StrSplit(text, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(pair, absl::MaxSplits('=', 1));
    NEXUS_ASSIGN_OR_RETURN(std::string key, QueryUnescape(parts.first));
    NEXUS_ASSIGN_OR_RETURN(std::string value, QueryUnescape(parts.second));
    pairs[std::move(key)].push_back(RegoValue::String(std::move(value)));
  }
  std::vector<RegoValue> members;
  for (auto& [key, values] : pairs) {
    members.push_back(RegoValue::String(key));
    members.push_back(RegoValue::Array(std::move(values)));
  }
  return RegoValue::Object(std::move(members));
}

absl::StatusOr<RegoValue> Base64UrlNoPad(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view text, StringOperand(operands, 0));
  return RegoValue::String(absl::WebSafeBase64Escape(text));
}

constexpr std::array kEncodingBuiltins = {
    NamedBuiltin{"hex.encode", 1, &HexEncode},
    NamedBuiltin{"hex.decode", 1, &HexDecode},
    NamedBuiltin{"urlquery.encode", 1, &QueryEncode},
    NamedBuiltin{"urlquery.decode", 1, &QueryDecode},
    NamedBuiltin{"urlquery.encode_object", 1, &QueryEncodeObject},
    NamedBuiltin{"urlquery.decode_object", 1, &QueryDecodeObject},
    NamedBuiltin{"base64url.encode_no_pad", 1, &Base64UrlNoPad},
};

}  // namespace

absl::Span<const NamedBuiltin> EncodingBuiltins() { return kEncodingBuiltins; }

}  // namespace nexus::policy
