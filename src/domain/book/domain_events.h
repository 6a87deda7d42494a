#pragma once

// The events of the stream `$domains`, byte for byte: docs/reference/domains.md. Who did it and
// when stand on the event itself.

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "domain/domain_package.h"
#include "nexus/port/json_reader.h"

namespace nexus::domain {

inline constexpr absl::string_view kDomainsStream = "$domains";
inline constexpr absl::string_view kDomainAppliedType = "$domain-applied";
inline constexpr absl::string_view kDomainRemovedType = "$domain-removed";

struct DomainEvent {
  bool removed = false;
  DomainPackage package = {};   // of a removal: its name alone
  uint64_t version = 0;         // 1 with the first of its name; a removal has one of its own
  uint64_t rolled_back_to = 0;  // the version whose package this is again; 0: it is new
  std::string comment = {};
};

absl::string_view TypeOf(const DomainEvent& event);
std::string EncodeDomainEvent(const DomainEvent& event);

// UNSUPPORTED_FORMAT for a type that is not known, DATA_LOSS for data that is not such an event or
// whose package does not have the digest that was written with it.
absl::StatusOr<DomainEvent> DecodeDomainEvent(absl::string_view type, absl::string_view data,
                                              JsonReader& json);

}  // namespace nexus::domain
