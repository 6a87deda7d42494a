#include "cli/error_catalogue.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/errors_proto.h"

namespace nexus::cli {
namespace {

constexpr absl::string_view kPrefix = "ERROR_REASON_";

// What stands between `before` and the next `after`; empty if it is not there.
absl::string_view Between(absl::string_view text, absl::string_view before,
                          absl::string_view after) {
  const size_t from = text.find(before);
  if (from == absl::string_view::npos) return {};
  text.remove_prefix(from + before.size());
  return text.substr(0, text.find(after));
}

// `ERROR_REASON_X = 7 [(traits) = {code: "NOT_FOUND", retriable: true}];`
ReasonEntry ParseEntry(absl::string_view line, std::string explanation) {
  ReasonEntry entry;
  absl::ConsumePrefix(&line, kPrefix);
  entry.name = std::string(absl::StripAsciiWhitespace(line.substr(0, line.find('='))));
  const absl::string_view number = line.substr(line.find('=') + 1);
  (void)absl::SimpleAtoi(number.substr(0, number.find_first_of("[;")), &entry.number);
  entry.code = std::string(Between(line, "code: \"", "\""));
  entry.retriable = absl::StrContains(line, "retriable: true");
  entry.explanation = std::move(explanation);
  return entry;
}

}  // namespace

std::vector<ReasonEntry> ParseReasons(absl::string_view proto) {
  std::vector<ReasonEntry> entries;
  std::string comment;
  for (absl::string_view line : absl::StrSplit(proto, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (absl::ConsumePrefix(&line, "//")) {
      absl::StrAppend(&comment, comment.empty() ? "" : " ", absl::StripAsciiWhitespace(line));
      continue;
    }
    if (absl::StartsWith(line, kPrefix) && !absl::StartsWith(line, "ERROR_REASON_UNSPECIFIED")) {
      entries.push_back(ParseEntry(line, comment));
    }
    comment.clear();
  }
  return entries;
}

std::vector<ReasonEntry> AllReasons() { return ParseReasons(kErrorsProto); }

}  // namespace nexus::cli
