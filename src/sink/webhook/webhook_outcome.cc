#include "sink/webhook/webhook_outcome.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::sink {
namespace {

constexpr size_t kWordsMax = 200;

ErrorReason ReasonOfHttp(long status) {
  switch (status) {
    case 401:
    case 407:
    case 408:
    case 425:
    case 429:
      return ErrorReason::kNotReady;
    case 403:
      return ErrorReason::kAccessDenied;
    case 404:
    case 410:
      return ErrorReason::kNotFound;
    case 413:
      return ErrorReason::kLimitExceeded;
    default:
      return status >= 400 && status < 500 ? ErrorReason::kMalformedRequest
                                           : ErrorReason::kNotReady;
  }
}

std::string Printable(absl::string_view words) {
  std::string text;
  for (const char c : words.substr(0, kWordsMax)) {
    const auto byte = static_cast<unsigned char>(c);
    text += absl::ascii_isprint(byte) ? c : ' ';
  }
  return std::string(absl::StripAsciiWhitespace(text));
}

}  // namespace

absl::Status OutcomeOfHttp(long status, absl::string_view words) {
  if (status >= 200 && status < 300) return absl::OkStatus();
  const std::string said = Printable(words);
  return MakeError(ReasonOfHttp(status),
                   absl::StrCat("the receiver answered ", status, said.empty() ? "" : ": ", said));
}

}  // namespace nexus::sink
