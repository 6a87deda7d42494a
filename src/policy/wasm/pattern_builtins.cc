// regex.find_n, regex.replace, regex.split, regex.template_match, glob.quote_meta
//
// RE2, as OPA's own, so that no pattern takes more than linear time.

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "policy/wasm/host_builtins.h"

namespace nexus::policy {
namespace {

using Operands = absl::Span<const RegoValue>;

// Of all matches of one call.
constexpr size_t kGroupsMax = 500'000;

absl::Status TooLarge() { return absl::ResourceExhaustedError("its result is too large"); }

absl::StatusOr<std::unique_ptr<re2::RE2>> CompilePattern(absl::string_view pattern) {
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(8 << 20);
  auto compiled =
      std::make_unique<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!compiled->ok()) return absl::InvalidArgumentError(compiled->error());
  return compiled;
}

size_t RuneBytes(absl::string_view text, size_t at) {
  size_t bytes = 1;
  while (at + bytes < text.size() &&
         (static_cast<unsigned char>(text[at + bytes]) & 0xc0) == 0x80) {
    ++bytes;
  }
  return bytes;
}

struct Match {
  size_t begin;
  size_t end;
  std::vector<re2::StringPiece> groups;
};

// All that do not overlap, from left to right, an empty one not right behind another. An error:
// more than the memory of a policy may have.
absl::StatusOr<std::vector<Match>> FindAll(const re2::RE2& pattern, absl::string_view text,
                                           size_t matches_max = std::string::npos) {
  const re2::StringPiece piece(text.data(), text.size());
  std::vector<re2::StringPiece> groups(static_cast<size_t>(pattern.NumberOfCapturingGroups()) + 1);
  std::vector<Match> matches;
  size_t at = 0;
  size_t last_end = std::string::npos;
  while (at <= text.size() && matches.size() < matches_max &&
         pattern.Match(piece, at, text.size(), re2::RE2::UNANCHORED, groups.data(),
                       static_cast<int>(groups.size()))) {
    const auto begin = static_cast<size_t>(groups[0].data() - text.data());
    const size_t end = begin + groups[0].size();
    if (end > begin || begin != last_end) matches.push_back({begin, end, groups});
    if (matches.size() * groups.size() > kGroupsMax) return TooLarge();
    last_end = end;
    at = end > begin ? end : end + (end < text.size() ? RuneBytes(text, end) : 1);
  }
  return matches;
}

RegoValue TextValue(absl::string_view text) { return RegoValue::String(std::string(text)); }

absl::StatusOr<RegoValue> FindN(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view pattern, StringOperand(operands, 0));
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view text, StringOperand(operands, 1));
  int64_t count = 0;
  if (!operands[2].is(RegoValue::Kind::kNumber) || !absl::SimpleAtoi(operands[2].text, &count)) {
    return absl::InvalidArgumentError("operand 3 must be an integer");
  }
  NEXUS_ASSIGN_OR_RETURN(const auto compiled, CompilePattern(pattern));
  std::vector<RegoValue> found;
  const size_t most = count < 0 ? std::string::npos : static_cast<size_t>(count);
  NEXUS_ASSIGN_OR_RETURN(const std::vector<Match> matches, FindAll(*compiled, text, most));
  for (const Match& match : matches) {
    found.push_back(TextValue(text.substr(match.begin, match.end - match.begin)));
  }
  return RegoValue::Array(std::move(found));
}

absl::StatusOr<RegoValue> SplitBy(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view pattern, StringOperand(operands, 0));
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view text, StringOperand(operands, 1));
  NEXUS_ASSIGN_OR_RETURN(const auto compiled, CompilePattern(pattern));
  std::vector<RegoValue> parts;
  if (!pattern.empty() && text.empty()) return RegoValue::Array({TextValue("")});
  size_t begin = 0;
  size_t end = 0;
  NEXUS_ASSIGN_OR_RETURN(const std::vector<Match> matches, FindAll(*compiled, text));
  for (const Match& match : matches) {
    if (match.end == 0) continue;
    end = match.begin;
    parts.push_back(TextValue(text.substr(begin, end - begin)));
    begin = match.end;
  }
  if (end != text.size()) parts.push_back(TextValue(text.substr(begin)));
  return RegoValue::Array(std::move(parts));
}

bool IsWord(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; }

absl::string_view Group(const re2::RE2& pattern, const Match& match, const std::string& name) {
  size_t index = match.groups.size();
  if (!absl::SimpleAtoi(name, &index)) {
    const auto named = pattern.NamedCapturingGroups().find(name);
    if (named == pattern.NamedCapturingGroups().end()) return "";
    index = static_cast<size_t>(named->second);
  }
  if (index >= match.groups.size()) return "";
  return {match.groups[index].data(), match.groups[index].size()};
}

// "$1", "${1}", "$name", "${name}", "$$".
void Expand(const re2::RE2& pattern, const Match& match, absl::string_view form, std::string& out) {
  while (!form.empty()) {
    const size_t dollar = std::min(form.find('$'), form.size());
    out.append(form.data(), dollar);
    form.remove_prefix(dollar);
    if (form.empty()) return;
    if (absl::StartsWith(form, "$$")) {
      out.push_back('$');
      form.remove_prefix(2);
      continue;
    }
    const bool braces = absl::StartsWith(form, "${");
    size_t end = braces ? 2 : 1;
    while (end < form.size() && IsWord(form[end])) ++end;
    const std::string name(form.substr(braces ? 2 : 1, end - (braces ? 2 : 1)));
    const bool closed = !braces || (end < form.size() && form[end] == '}');
    if (name.empty() || !closed) {
      out.push_back('$');
      form.remove_prefix(1);
      continue;
    }
    absl::StrAppend(&out, Group(pattern, match, name));
    form.remove_prefix(end + (braces ? 1 : 0));
  }
}

absl::StatusOr<RegoValue> Replace(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view text, StringOperand(operands, 0));
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view pattern, StringOperand(operands, 1));
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view form, StringOperand(operands, 2));
  NEXUS_ASSIGN_OR_RETURN(const auto compiled, CompilePattern(pattern));
  NEXUS_ASSIGN_OR_RETURN(const std::vector<Match> matches, FindAll(*compiled, text));
  std::string out;
  size_t at = 0;
  for (const Match& match : matches) {
    absl::StrAppend(&out, text.substr(at, match.begin - at));
    Expand(*compiled, match, form, out);
    if (out.size() > kResultBytesMax) return TooLarge();
    at = match.end;
  }
  absl::StrAppend(&out, text.substr(at));
  return RegoValue::String(std::move(out));
}

// A pattern in which only what stands between the delimiters is a regular expression.
absl::StatusOr<std::string> FromTemplate(absl::string_view form, char open, char close) {
  std::string pattern = "^";
  size_t literal = 0;
  size_t inside = 0;
  int depth = 0;
  for (size_t i = 0; i < form.size(); ++i) {
    if (form[i] == open && ++depth == 1) {
      const absl::string_view plain = form.substr(literal, i - literal);
      pattern.append(re2::RE2::QuoteMeta(re2::StringPiece(plain.data(), plain.size())));
      inside = i + 1;
    } else if (form[i] == close && --depth == 0) {
      absl::StrAppend(&pattern, "(", form.substr(inside, i - inside), ")");
      literal = i + 1;
    }
    if (depth < 0) break;
  }
  if (depth != 0) return absl::InvalidArgumentError("delimiters without their counterparts");
  const absl::string_view plain = form.substr(literal);
  pattern.append(re2::RE2::QuoteMeta(re2::StringPiece(plain.data(), plain.size())));
  return pattern + "$";
}

absl::StatusOr<RegoValue> TemplateMatch(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view form, StringOperand(operands, 0));
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view text, StringOperand(operands, 1));
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view open, StringOperand(operands, 2));
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view close, StringOperand(operands, 3));
  if (open.size() != 1 || close.size() != 1) {
    return absl::InvalidArgumentError("a delimiter must be one character");
  }
  NEXUS_ASSIGN_OR_RETURN(const std::string pattern, FromTemplate(form, open[0], close[0]));
  NEXUS_ASSIGN_OR_RETURN(const auto compiled, CompilePattern(pattern));
  return RegoValue::Boolean(
      re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled));
}

absl::StatusOr<RegoValue> QuoteGlob(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view text, StringOperand(operands, 0));
  std::string out;
  for (const char c : text) {
    if (absl::string_view("*?\\[]{}").find(c) != absl::string_view::npos) out.push_back('\\');
    out.push_back(c);
  }
  return RegoValue::String(std::move(out));
}

constexpr std::array kPatternBuiltins = {
    NamedBuiltin{"regex.find_n", 3, &FindN},
    NamedBuiltin{"regex.split", 2, &SplitBy},
    NamedBuiltin{"regex.replace", 3, &Replace},
    NamedBuiltin{"regex.template_match", 4, &TemplateMatch},
    NamedBuiltin{"glob.quote_meta", 1, &QuoteGlob},
};

}  // namespace

absl::Span<const NamedBuiltin> PatternBuiltins() { return kPatternBuiltins; }

}  // namespace nexus::policy
