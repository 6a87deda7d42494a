package nexus.query

import data.nexus.roles

# METADATA
# title: A query of the past needs a role
# description: |
#   Who may read is granted by category to roles (data.nexus.grants). Without grants in the data the
#   rule says nothing.
# custom:
#   rule: role_required
deny contains {
	"rule": "role_required",
	"message": sprintf(
		"%q may not query category %q: no role of it grants that",
		[input.principal.name, input.stream.category],
	),
} if {
	roles.configured
	not input.whole_log
	not roles.covered("query", input.stream.category)
}

# METADATA
# title: A query of the past of the whole log needs a role for all of it
# description: |
#   The whole log is every category, the server's own too unless they are left out. A filter by
#   categories makes it those. Without grants in the data the rule says nothing.
# custom:
#   rule: role_required_for_the_whole_log
deny contains {
	"rule": "role_required_for_the_whole_log",
	"message": sprintf(
		"%q may not query the whole log: filter by categories, or leave system streams out",
		[input.principal.name],
	),
} if {
	roles.configured
	input.whole_log
	not roles.covered_log("query")
}
