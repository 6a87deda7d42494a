package nexus.append

import data.nexus.roles

# METADATA
# title: Appending needs a role
# description: |
#   Who may append is granted by category to roles (data.nexus.grants). Without grants in the data
#   the rule says nothing.
# custom:
#   rule: role_required
deny contains {
	"rule": "role_required",
	"message": sprintf(
		"%q may not append to category %q: no role of it grants that",
		[input.principal.name, event.category],
	),
} if {
	roles.configured
	some event in input.events
	not roles.covered("append", event.category)
}
