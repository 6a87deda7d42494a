#pragma once

// The part of the option table (option_table.h) about domains: commands, snapshots, queries of the
// past. Immutable.

#include "absl/types/span.h"
#include "config/option_table.h"

namespace nexus::config {

absl::Span<const Option> DomainOptions();

}  // namespace nexus::config
