package nexus.execute

import data.nexus.roles

# METADATA
# title: Executing needs a role
# description: |
#   Who may execute commands is granted by category to roles (data.nexus.grants). Without grants in
#   the data the rule says nothing.
# custom:
#   rule: role_required
deny contains {
	"rule": "role_required",
	"message": sprintf(
		"%q may not execute %q on category %q: no role of it grants that",
		[input.principal.name, input.command.type, input.stream.category],
	),
} if {
	roles.configured
	not roles.covered("execute", input.stream.category)
}
