#include <algorithm>
#include <array>
#include <cstdint>

#include "schema/json/format.h"

namespace nexus::schema {
namespace {

// Where a character may stand.
constexpr uint8_t kScheme = 1;
constexpr uint8_t kUserInfo = 2;
constexpr uint8_t kHost = 4;
constexpr uint8_t kPath = 8;
constexpr uint8_t kQuery = 16;    // and the fragment
constexpr uint8_t kLiteral = 32;  // of a template
constexpr uint8_t kVariable = 64;

constexpr std::array<uint8_t, 128> PlacesOfCharacters() {
  std::array<uint8_t, 128> places{};
  const auto allow = [&places](std::string_view characters, uint8_t where) {
    for (const char c : characters) places[static_cast<size_t>(c)] |= where;
  };
  constexpr uint8_t kParts = kUserInfo | kHost | kPath | kQuery;
  constexpr uint8_t kEverywhere = kParts | kLiteral;
  allow("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        kEverywhere | kScheme | kVariable);
  allow("-._~!$&'()*+,;=", kParts);
  allow("-._~!$&()*+,;=:@/?#[]", kLiteral);
  allow("+-.", kScheme);
  allow(":", kUserInfo | kPath | kQuery);
  allow("@/", kPath | kQuery);
  allow("?", kQuery);
  allow("_.", kVariable);
  return places;
}
constexpr std::array<uint8_t, 128> kPlaces = PlacesOfCharacters();

bool IsHex(char c) { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }

// Whether all of `text` may stand `where`: its characters, percent escapes, and with `iri` what is
// outside ASCII.
bool MayStand(std::string_view text, uint8_t where, bool iri) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '%' && where != kScheme) {
      if (i + 2 >= text.size() || !IsHex(text[i + 1]) || !IsHex(text[i + 2])) return false;
      i += 2;
    } else if (c >= 0x80 ? !iri : (kPlaces[c] & where) == 0) {
      return false;
    }
  }
  return true;
}

bool IsScheme(std::string_view text) {
  return !text.empty() && (text[0] | 0x20) >= 'a' && (text[0] | 0x20) <= 'z' &&
         MayStand(text, kScheme, false);
}

bool IsIpLiteral(std::string_view text) {
  if (!text.empty() && (text[0] | 0x20) == 'v') {
    const size_t dot = text.find('.');
    if (dot == std::string_view::npos || dot < 2 || dot + 1 == text.size()) return false;
    for (const char c : text.substr(1, dot - 1)) {
      if (!IsHex(c)) return false;
    }
    return text.find('%') == std::string_view::npos &&
           MayStand(text.substr(dot + 1), kUserInfo, false);
  }
  return IsIpv6(text);
}

bool IsAuthority(std::string_view text, bool iri) {
  if (const size_t at = text.find('@'); at != std::string_view::npos) {
    if (!MayStand(text.substr(0, at), kUserInfo, iri)) return false;
    text.remove_prefix(at + 1);
  }
  std::string_view port;
  if (!text.empty() && text[0] == '[') {
    const size_t close = text.find(']');
    if (close == std::string_view::npos || !IsIpLiteral(text.substr(1, close - 1))) return false;
    port = text.substr(close + 1);
  } else {
    const size_t colon = std::min(text.find(':'), text.size());
    if (!MayStand(text.substr(0, colon), kHost, iri)) return false;
    port = text.substr(colon);
  }
  if (port.empty()) return true;
  return port[0] == ':' && port.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

bool IsReference(std::string_view text, bool iri, bool absolute) {
  if (const size_t hash = text.find('#'); hash != std::string_view::npos) {
    if (!MayStand(text.substr(hash + 1), kQuery, iri)) return false;
    text = text.substr(0, hash);
  }
  if (const size_t mark = text.find('?'); mark != std::string_view::npos) {
    if (!MayStand(text.substr(mark + 1), kQuery, iri)) return false;
    text = text.substr(0, mark);
  }
  // A first segment with a colon would be taken for a scheme.
  const size_t colon = text.find_first_of(":/");
  const bool has_scheme = colon != std::string_view::npos && text[colon] == ':';
  if (has_scheme) {
    if (!IsScheme(text.substr(0, colon))) return false;
    text.remove_prefix(colon + 1);
  } else if (absolute) {
    return false;
  }
  if (text.substr(0, 2) == "//") {
    text.remove_prefix(2);
    const size_t end = std::min(text.find('/'), text.size());
    if (!IsAuthority(text.substr(0, end), iri)) return false;
    text.remove_prefix(end);
  }
  return MayStand(text, kPath, iri);
}

// "var", "var:3", "var*"
bool IsVariable(std::string_view text) {
  if (!text.empty() && text.back() == '*') {
    text.remove_suffix(1);
  } else if (const size_t colon = text.find(':'); colon != std::string_view::npos) {
    const std::string_view length = text.substr(colon + 1);
    if (length.empty() || length.size() > 4 || length[0] == '0' ||
        length.find_first_not_of("0123456789") != std::string_view::npos) {
      return false;
    }
    text = text.substr(0, colon);
  }
  if (text.empty() || text.front() == '.' || text.back() == '.' ||
      text.find("..") != std::string_view::npos) {
    return false;
  }
  return MayStand(text, kVariable, false);
}

bool IsExpression(std::string_view text) {
  static constexpr std::string_view kOperators = "+#./;?&=,!@|";
  if (!text.empty() && kOperators.find(text[0]) != std::string_view::npos) text.remove_prefix(1);
  for (;;) {
    const size_t comma = text.find(',');
    if (!IsVariable(text.substr(0, comma))) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

bool IsUri(std::string_view text) { return IsReference(text, false, true); }
bool IsUriReference(std::string_view text) { return IsReference(text, false, false); }
bool IsIri(std::string_view text) { return IsReference(text, true, true); }
bool IsIriReference(std::string_view text) { return IsReference(text, true, false); }

bool IsUriTemplate(std::string_view text) {
  while (!text.empty()) {
    const size_t open = std::min(text.find('{'), text.size());
    if (!MayStand(text.substr(0, open), kLiteral, true)) return false;
    text.remove_prefix(open);
    if (text.empty()) return true;
    const size_t close = text.find('}');
    if (close == std::string_view::npos || !IsExpression(text.substr(1, close - 1))) return false;
    text.remove_prefix(close + 1);
  }
  return true;
}

}  // namespace nexus::schema
