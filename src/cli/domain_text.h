#pragma once

// Domains for people and for programs.

#include <ostream>
#include <string>

#include "cli/output.h"
#include "nexus/admin/v1/domain.pb.h"

namespace nexus::cli {

// What changes, as a diff by kind: "+ Schema OrderPlaced (version 1)". Below what is not new, its
// text before and after. What stays as it is gets no line.
void PrintDomainChanges(std::ostream& out, OutputStyle style,
                        const admin::v1::ApplyDomainResponse& applied);

// {"changed", "position", "changes": [{"change", "kind", "name", "path", "detail", "before",
// "after"}], "domain": {...}}; those that stay as they are are in the list.
std::string AppliedJson(const admin::v1::ApplyDomainResponse& applied);

// Whether anything is (or would be) another than before.
bool ChangesSomething(const admin::v1::ApplyDomainResponse& applied);

// "aggregates/order.js (812 bytes)"; of compiled rules their revision, too.
std::string FileText(const admin::v1::DomainFile& file);

// Files and declarations only where the server sent them; of compiled rules size and revision in
// the place of the text.
std::string DomainJson(const admin::v1::Domain& domain);

}  // namespace nexus::cli
