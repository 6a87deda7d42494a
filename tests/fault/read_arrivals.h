#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "fault/conservation.h"
#include "nexus/core/status_macros.h"
#include "nexus/port/broker_reader.h"

namespace nexus::fault {

// What `reader` gives from `next` on, by partition, up to what is there now; moves `next` on.
inline absl::StatusOr<std::vector<Arrival>> ReadArrivals(BrokerReader& reader,
                                                         std::map<int32_t, int64_t>& next) {
  constexpr absl::Duration kReadTimeout = absl::Seconds(60);
  NEXUS_ASSIGN_OR_RETURN(std::vector<BrokerPart> parts, reader.Parts(kReadTimeout));
  for (BrokerPart& part : parts) {
    int64_t& from = next[part.partition];
    part.first = std::max(part.first, from);
    from = part.end;
  }
  NEXUS_RETURN_IF_ERROR(reader.Begin(parts));
  std::vector<Arrival> arrivals;
  const absl::Time deadline = absl::Now() + kReadTimeout;
  while (absl::Now() < deadline) {
    NEXUS_ASSIGN_OR_RETURN(
        const bool all, reader.Read(absl::Milliseconds(100), [&](const BrokerRecord& record) {
          arrivals.push_back({record.partition, record.position.value, record.id.ToString()});
        }));
    if (all) return arrivals;
  }
  return absl::DeadlineExceededError("the broker does not give what it has");
}

}  // namespace nexus::fault
