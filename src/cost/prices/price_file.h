#pragma once

// Reads a price file: YAML, and nothing in it that is not understood. docs/reference/price-file.md.

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cost/price_list.h"

namespace nexus::cost {

inline constexpr size_t kPriceFileBytesMax = 256 << 10;

// MALFORMED_REQUEST with the JSON pointer and the line of what is missing or wrong.
absl::StatusOr<PriceList> ParsePrices(absl::string_view yaml);

// The same of a file; its name is in the errors too.
absl::StatusOr<PriceList> ReadPriceFile(const std::string& path);

// What stands in config/prices.yaml, as of the build.
absl::string_view ShippedPricesText();

}  // namespace nexus::cost
