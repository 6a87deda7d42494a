#pragma once

// The limits of one principal or role, as one text: "requests_per_second=100
// temporal_reads_per_minute=60". Names are those below access.rates.

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "config/nexus_config.h"

namespace nexus::config {

// `of_all` with what `text` says in its place. kInvalidArgument with a sentence that names the
// wrong part.
absl::StatusOr<RatesConfig> ParseRates(absl::string_view text, const RatesConfig& of_all);

}  // namespace nexus::config
