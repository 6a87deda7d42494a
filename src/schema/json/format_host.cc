#include <algorithm>

#include "schema/json/format.h"

namespace nexus::schema {
namespace {

bool IsLetterOrDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool IsOutsideAscii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

// Calls `holds` with each part between two `separator`s until one does not.
template <typename Holds>
bool EachPart(std::string_view text, char separator, Holds holds) {
  for (;;) {
    const size_t end = text.find(separator);
    if (!holds(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

bool IsLabel(std::string_view label, bool idn) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') {
    return false;
  }
  // "--" there marks an encoding, of which "xn" is the only one.
  if (label.size() >= 4 && label[2] == '-' && label[3] == '-' &&
      ((label[0] | 0x20) != 'x' || (label[1] | 0x20) != 'n')) {
    return false;
  }
  return std::all_of(label.begin(), label.end(), [idn](char c) {
    return IsLetterOrDigit(c) || c == '-' || (idn && IsOutsideAscii(c));
  });
}

bool IsHost(std::string_view text, bool idn) {
  return !text.empty() && text.size() <= 253 &&
         EachPart(text, '.', [idn](std::string_view label) { return IsLabel(label, idn); });
}

bool IsAtom(std::string_view atom, bool idn) {
  static constexpr std::string_view kSpecial = "!#$%&'*+-/=?^_`{|}~";
  return !atom.empty() && std::all_of(atom.begin(), atom.end(), [idn](char c) {
    return IsLetterOrDigit(c) || kSpecial.find(c) != std::string_view::npos ||
           (idn && IsOutsideAscii(c));
  });
}

// What stands between two quotes.
bool IsQuotedText(std::string_view text, bool idn) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"' || (text[i] == '\\' && ++i == text.size())) return false;
    if (IsOutsideAscii(text[i]) ? !idn : text[i] < ' ' || text[i] == 0x7f) return false;
  }
  return true;
}

bool IsLocalPart(std::string_view text, bool idn) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    return IsQuotedText(text.substr(1, text.size() - 2), idn);
  }
  return EachPart(text, '.', [idn](std::string_view atom) { return IsAtom(atom, idn); });
}

bool IsMailbox(std::string_view text, bool idn) {
  const size_t at = text.rfind('@');
  if (at == std::string_view::npos || !IsLocalPart(text.substr(0, at), idn)) return false;
  std::string_view domain = text.substr(at + 1);
  if (domain.size() < 2 || domain.front() != '[' || domain.back() != ']') {
    return IsHost(domain, idn);
  }
  domain = domain.substr(1, domain.size() - 2);
  if (domain.substr(0, 5) == "IPv6:") return IsIpv6(domain.substr(5));
  return IsIpv4(domain);
}

bool IsHexGroup(std::string_view group) {
  return !group.empty() && group.size() <= 4 && std::all_of(group.begin(), group.end(), [](char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
  });
}

// How many 16-bit groups `text` has, of which the last two may be an IPv4 address; -1 if it is
// wrong. Empty text has none.
int CountGroups(std::string_view text, bool ipv4_may_end) {
  if (text.empty()) return 0;
  int groups = 0;
  const bool right = EachPart(text, ':', [&](std::string_view group) {
    const bool last = group.data() + group.size() == text.data() + text.size();
    if (last && ipv4_may_end && IsIpv4(group)) {
      groups += 2;
      return true;
    }
    ++groups;
    return IsHexGroup(group);
  });
  return right ? groups : -1;
}

}  // namespace

bool IsHostname(std::string_view text) { return IsHost(text, false); }
bool IsEmail(std::string_view text) { return IsMailbox(text, false); }
bool IsIdnEmail(std::string_view text) { return IsMailbox(text, true); }

bool IsIpv4(std::string_view text) {
  int parts = 0;
  return EachPart(text, '.',
                  [&parts](std::string_view part) {
                    ++parts;
                    if (part.empty() || part.size() > 3 || (part.size() > 1 && part[0] == '0')) {
                      return false;
                    }
                    int value = 0;
                    for (const char c : part) {
                      if (c < '0' || c > '9') return false;
                      value = value * 10 + (c - '0');
                    }
                    return value <= 255;
                  }) &&
         parts == 4;
}

bool IsIpv6(std::string_view text) {
  const size_t gap = text.find("::");
  if (gap == std::string_view::npos) return CountGroups(text, true) == 8;
  // The gap stands for one group or more.
  const int before = CountGroups(text.substr(0, gap), false);
  const int after = CountGroups(text.substr(gap + 2), true);
  return before >= 0 && after >= 0 && before + after <= 7;
}

}  // namespace nexus::schema
