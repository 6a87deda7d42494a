#pragma once

// 128-bit identifiers (UUIDs of any version), one type a kind.
//
// An EventId is unique in its stream, a CommitId in its tenant. Text is the usual 8-4-4-4-12 form;
// parsing takes either case, printing is lower-case. The nil id (all zero) means "none".

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nexus {

using UuidBytes = std::array<uint8_t, 16>;

// kInvalidArgument (MALFORMED_ID) unless `text` is exactly 8-4-4-4-12 hexadecimal digits.
absl::StatusOr<UuidBytes> ParseUuid(absl::string_view text);
std::string FormatUuid(const UuidBytes& bytes);

template <typename Tag>
struct Uuid {
  UuidBytes bytes{};

  static absl::StatusOr<Uuid> Parse(absl::string_view text) {
    absl::StatusOr<UuidBytes> parsed = ParseUuid(text);
    if (!parsed.ok()) return parsed.status();
    return Uuid{*parsed};
  }

  std::string ToString() const { return FormatUuid(bytes); }
  bool IsNil() const { return bytes == UuidBytes{}; }
  absl::string_view AsBytes() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  friend auto operator<=>(const Uuid&, const Uuid&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const Uuid& id) {
    return H::combine(std::move(h), id.bytes);
  }
};

using EventId = Uuid<struct EventIdTag>;
using CommitId = Uuid<struct CommitIdTag>;

// The id of the `index`-th event of a commit whose client named none: the same commit sent again
// gets the same event ids, so a retry stays a retry. Distinct for every index below 2^32; ascending
// (but for an overflow of 62 random bits), so that a stream of UUIDv7 commits has sorted event ids.
EventId DeriveEventId(const CommitId& commit, uint32_t index);

}  // namespace nexus
