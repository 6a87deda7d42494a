#include "cli/instances.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/files.h"
#include "cli/line_reader.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

using TakeInstance = absl::FunctionRef<absl::StatusOr<bool>(const Instance&)>;

bool HasLines(const InstanceFiles& from, const std::string& file) {
  if (from.lines) return true;
  return from.lines_by_name && (absl::EndsWith(file, ".jsonl") || absl::EndsWith(file, ".ndjson"));
}

absl::StatusOr<bool> TakeLines(const std::string& file, std::istream& in, TakeInstance take) {
  LineReader lines(in, kInstanceLineBytesMax);
  while (lines.Next()) {
    if (!lines.is_cut() && absl::StripAsciiWhitespace(lines.text()).empty()) continue;
    NEXUS_ASSIGN_OR_RETURN(const bool more,
                           take({file, lines.number(), lines.text(), lines.is_cut()}));
    if (!more) return false;
  }
  if (in.bad()) return MakeError(ErrorReason::kInternal, absl::StrCat("cannot read ", file));
  return true;
}

absl::StatusOr<bool> TakeFile(const InstanceFiles& from, const std::string& file, std::istream& in,
                              TakeInstance take) {
  if (!HasLines(from, file)) {
    NEXUS_ASSIGN_OR_RETURN(const std::string data, ReadSource(file, in));
    return take({file, 0, data});
  }
  if (file == "-") return TakeLines(file, in, take);
  NEXUS_ASSIGN_OR_RETURN(std::ifstream stream, OpenFile(file));
  return TakeLines(file, stream, take);
}

}  // namespace

absl::Status ForEachInstance(const InstanceFiles& from, std::istream& in, TakeInstance take) {
  for (const std::string& file : from.files) {
    NEXUS_ASSIGN_OR_RETURN(const bool more, TakeFile(from, file, in, take));
    if (!more) break;
  }
  return absl::OkStatus();
}

}  // namespace nexus::cli
