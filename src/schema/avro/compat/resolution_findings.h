#pragma once

// What stops readers with one schema from reading data of another, as findings.

#include <vector>

#include "nexus/core/compatibility.h"
#include "schema/avro/avro_schema.h"
#include "schema/avro/resolution_plan.h"

namespace nexus::schema {

// Empty: every datum of `writer` is readable with `reader`. `forward`: the reader is the earlier
// version. UNDECIDED alone if that is more work than `limits` allow. `version` and `fix` are left
// to the caller. At most `findings_max`.
std::vector<CompatibilityFinding> FindUnreadable(const AvroSchema& writer, const AvroSchema& reader,
                                                 bool forward, const ResolutionLimits& limits,
                                                 size_t findings_max);

}  // namespace nexus::schema
