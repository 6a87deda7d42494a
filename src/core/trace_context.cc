#include "nexus/core/trace_context.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus {
namespace {

constexpr size_t kVersion00Length = 55;  // 2 + 1 + 32 + 1 + 16 + 1 + 2
constexpr size_t kMemberPartBytesMax = 256;

absl::Status Malformed(absl::string_view what) {
  return MakeError(ErrorReason::kMalformedRequest, what);
}

int LowerHexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;  // upper case is not allowed here
}

bool ParseHex(absl::string_view text, uint8_t* out) {
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    const int high = LowerHexDigit(text[i]);
    const int low = LowerHexDigit(text[i + 1]);
    if (high < 0 || low < 0) return false;
    out[i / 2] = static_cast<uint8_t>(high << 4 | low);
  }
  return true;
}

template <size_t N>
std::string FormatHex(const std::array<uint8_t, N>& bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * N);
  for (const uint8_t byte : bytes) {
    text.push_back(kHex[byte >> 4]);
    text.push_back(kHex[byte & 15]);
  }
  return text;
}

template <size_t N>
bool AllZero(const std::array<uint8_t, N>& bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t b) { return b == 0; });
}

absl::StatusOr<TraceContext> ParseTraceparent(absl::string_view text) {
  if (text.size() < kVersion00Length || text[2] != '-' || text[35] != '-' || text[52] != '-') {
    return Malformed("traceparent must be version-traceid-spanid-flags, 55 characters");
  }
  uint8_t version = 0;
  uint8_t flags = 0;
  TraceContext context;
  if (!ParseHex(text.substr(0, 2), &version) ||
      !ParseHex(text.substr(3, 32), context.trace_id.data()) ||
      !ParseHex(text.substr(36, 16), context.span_id.data()) ||
      !ParseHex(text.substr(53, 2), &flags)) {
    return Malformed("traceparent must be made of lower-case hexadecimal digits");
  }
  if (version == 0xFF) return Malformed("traceparent has the forbidden version ff");
  // Only a newer version may go on, and only with another field.
  if (text.size() > kVersion00Length && (version == 0 || text[kVersion00Length] != '-')) {
    return Malformed("traceparent is too long for its version");
  }
  if (AllZero(context.trace_id)) return Malformed("traceparent has a trace id of zeros");
  if (AllZero(context.span_id)) return Malformed("traceparent has a span id of zeros");
  context.sampled = (flags & 1) != 0;
  return context;
}

bool IsKey(absl::string_view key) {
  if (key.empty() || key.size() > kMemberPartBytesMax) return false;
  if (!absl::ascii_islower(key[0]) && !absl::ascii_isdigit(key[0])) return false;
  return std::all_of(key.begin(), key.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) ||
           absl::string_view("_-*/@").find(c) != absl::string_view::npos;
  });
}

bool IsValue(absl::string_view value) {
  if (value.empty() || value.size() > kMemberPartBytesMax || value.back() == ' ') return false;
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return c >= 0x20 && c <= 0x7E && c != ',' && c != '='; });
}

}  // namespace

absl::Status CheckTraceparent(absl::string_view traceparent) {
  return ParseTraceparent(traceparent).status();
}

absl::Status CheckTracestate(absl::string_view tracestate) {
  if (tracestate.size() > kTracestateBytesMax) {
    return Malformed(absl::StrCat("tracestate has at most ", kTracestateBytesMax,
                                  " bytes; this one has ", tracestate.size()));
  }
  std::vector<absl::string_view> keys;
  for (absl::string_view part : absl::StrSplit(tracestate, ',')) {
    const absl::string_view member = absl::StripAsciiWhitespace(part);
    if (member.empty()) continue;  // the standard allows empty members
    const size_t equals = member.find('=');
    if (equals == absl::string_view::npos || !IsKey(member.substr(0, equals)) ||
        !IsValue(member.substr(equals + 1))) {
      return Malformed(absl::StrCat("tracestate has a malformed member at place ", keys.size()));
    }
    keys.push_back(member.substr(0, equals));
  }
  if (keys.size() > kTracestateMembersMax) {
    return Malformed(absl::StrCat("tracestate has at most ", kTracestateMembersMax, " members"));
  }
  std::sort(keys.begin(), keys.end());
  if (std::adjacent_find(keys.begin(), keys.end()) != keys.end()) {
    return Malformed("tracestate names a member twice");
  }
  return absl::OkStatus();
}

absl::StatusOr<TraceContext> TraceContext::Parse(absl::string_view traceparent,
                                                 absl::string_view tracestate) {
  NEXUS_ASSIGN_OR_RETURN(TraceContext context, ParseTraceparent(traceparent));
  NEXUS_RETURN_IF_ERROR(CheckTracestate(tracestate));
  context.tracestate = std::string(tracestate);
  return context;
}

TraceContext TraceContext::Start(IdSource& ids, bool sampled) {
  TraceContext context;
  context.sampled = sampled;
  while (AllZero(context.trace_id)) {
    for (size_t i = 0; i < 16; i += 8) {
      const uint64_t word = ids.Random();
      for (size_t k = 0; k < 8; ++k) context.trace_id[i + k] = static_cast<uint8_t>(word >> 8 * k);
    }
  }
  return context.Child(ids);
}

TraceContext TraceContext::Child(IdSource& ids) const {
  TraceContext child = *this;
  do {
    const uint64_t word = ids.Random();
    for (size_t k = 0; k < 8; ++k) child.span_id[k] = static_cast<uint8_t>(word >> 8 * k);
  } while (AllZero(child.span_id));
  return child;
}

std::string TraceContext::Traceparent() const {
  return absl::StrCat("00-", TraceIdText(), "-", SpanIdText(), sampled ? "-01" : "-00");
}

std::string TraceContext::TraceIdText() const { return FormatHex(trace_id); }

std::string TraceContext::SpanIdText() const { return FormatHex(span_id); }

}  // namespace nexus
