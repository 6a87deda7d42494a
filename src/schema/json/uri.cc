#include "schema/json/uri.h"

#include <cctype>
#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace nexus::schema {
namespace {

struct Uri {
  std::optional<absl::string_view> scheme;
  std::optional<absl::string_view> authority;
  absl::string_view path;
  std::optional<absl::string_view> query;
};

// `text` without a fragment.
Uri Split(absl::string_view text) {
  Uri uri;
  const size_t colon = text.find(':');
  if (colon != absl::string_view::npos && colon > 0 &&
      text.substr(0, colon).find_first_of("/?") == absl::string_view::npos) {
    uri.scheme = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (const size_t mark = text.find('?'); mark != absl::string_view::npos) {
    uri.query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  if (absl::StartsWith(text, "//")) {
    text.remove_prefix(2);
    const size_t end = std::min(text.find('/'), text.size());
    uri.authority = text.substr(0, end);
    text.remove_prefix(end);
  }
  uri.path = text;
  return uri;
}

// RFC 3986, 5.2.4, by segments.
std::string RemoveDots(absl::string_view path) {
  const std::vector<absl::string_view> in = absl::StrSplit(path, '/');
  std::vector<absl::string_view> out;
  for (size_t i = 0; i < in.size(); ++i) {
    const bool last = i + 1 == in.size();
    if (in[i] == "..") {
      if (out.size() > 1) out.pop_back();
      if (last) out.push_back("");
    } else if (in[i] == ".") {
      if (last) out.push_back("");
    } else {
      out.push_back(in[i]);
    }
  }
  return absl::StrJoin(out, "/");
}

std::string MergePaths(const Uri& base, absl::string_view path) {
  if (base.authority && base.path.empty()) return absl::StrCat("/", path);
  const size_t slash = base.path.rfind('/');
  if (slash == absl::string_view::npos) return std::string(path);
  return absl::StrCat(base.path.substr(0, slash + 1), path);
}

std::string Join(const Uri& parts, absl::string_view path) {
  std::string out;
  if (parts.scheme) absl::StrAppend(&out, *parts.scheme, ":");
  if (parts.authority) absl::StrAppend(&out, "//", *parts.authority);
  absl::StrAppend(&out, path);
  if (parts.query) absl::StrAppend(&out, "?", *parts.query);
  return out;
}

// RFC 3986, 5.2.2.
std::string Resolve(absl::string_view base_text, absl::string_view reference) {
  if (reference.empty()) return std::string(base_text);
  Uri r = Split(reference);
  if (r.scheme) return Join(r, r.authority ? RemoveDots(r.path) : std::string(r.path));
  const Uri base = Split(base_text);
  r.scheme = base.scheme;
  if (r.authority) return Join(r, RemoveDots(r.path));
  r.authority = base.authority;
  if (r.path.empty()) {
    if (!r.query) r.query = base.query;
    return Join(r, base.path);
  }
  if (absl::StartsWith(r.path, "/")) return Join(r, RemoveDots(r.path));
  return Join(r, RemoveDots(MergePaths(base, r.path)));
}

absl::StatusOr<std::string> PercentDecode(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    int value = 0;
    for (int digit = 0; digit < 2; ++digit) {
      ++i;
      if (i >= text.size() || !std::isxdigit(static_cast<unsigned char>(text[i]))) {
        return absl::InvalidArgumentError("a percent escape is broken");
      }
      const char c = text[i];
      value = value * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    out += static_cast<char>(value);
  }
  return out;
}

}  // namespace

absl::StatusOr<UriParts> ResolveUri(absl::string_view base, absl::string_view reference) {
  UriParts parts;
  const size_t hash = reference.find('#');
  if (hash != absl::string_view::npos) {
    absl::StatusOr<std::string> fragment = PercentDecode(reference.substr(hash + 1));
    if (!fragment.ok()) return fragment.status();
    parts.fragment = *std::move(fragment);
    reference = reference.substr(0, hash);
  }
  parts.absolute = Resolve(base, reference);
  return parts;
}

}  // namespace nexus::schema
