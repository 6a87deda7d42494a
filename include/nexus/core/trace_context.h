#pragma once

// W3C trace context: which trace a call belongs to, as `traceparent` and `tracestate` carry it.
//
//   NEXUS_ASSIGN_OR_RETURN(const TraceContext caller, TraceContext::Parse(parent, state));
//   const TraceContext mine = caller.Child(ids);
//   trailing["traceparent"] = mine.Traceparent();
//
// A plain value.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/id_source.h"

namespace nexus {

inline constexpr size_t kTracestateBytesMax = 512;
inline constexpr size_t kTracestateMembersMax = 32;

struct TraceContext {
  std::array<uint8_t, 16> trace_id{};
  std::array<uint8_t, 8> span_id{};
  bool sampled = false;
  std::string tracestate;  // passed on as it came

  // MALFORMED_REQUEST that says what is wrong: an id that is all zero, upper-case or short; version
  // ff; a tracestate over its limits, with a malformed or repeated member. A newer version is read
  // as version 00, which is what it promises to be compatible with.
  static absl::StatusOr<TraceContext> Parse(absl::string_view traceparent,
                                            absl::string_view tracestate);

  // The first span of a new trace.
  static TraceContext Start(IdSource& ids, bool sampled);

  // A new span of the same trace.
  TraceContext Child(IdSource& ids) const;

  std::string Traceparent() const;  // "00-<trace id>-<span id>-<flags>"
  std::string TraceIdText() const;  // 32 hexadecimal digits, lower-case
  std::string SpanIdText() const;   // 16

  friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

// The two checks apart, for who stores the text and needs no ids. OK for an empty tracestate.
absl::Status CheckTraceparent(absl::string_view traceparent);
absl::Status CheckTracestate(absl::string_view tracestate);

}  // namespace nexus
