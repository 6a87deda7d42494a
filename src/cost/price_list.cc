#include "cost/price_list.h"

namespace nexus::cost {

std::set<uint64_t> PieceSizes(const PriceList& prices) {
  std::set<uint64_t> sizes;
  for (const auto& [name, service] : prices.services) {
    for (const char* field :
         {"put_unit_bytes", "record_rounding_bytes", "chunk_bytes", "event_bytes"}) {
      const auto found = service.numbers.find(field);
      if (found != service.numbers.end()) sizes.insert(found->second);
    }
  }
  return sizes;
}

}  // namespace nexus::cost
