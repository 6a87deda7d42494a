package nexus.admin

import data.nexus.roles

# METADATA
# title: Maintenance needs a role
# description: |
#   Draining the server, walking over all of its log and rebuilding its index cost everybody time
#   (data.nexus.grants, operation admin). Without grants in the data the rule says nothing.
# custom:
#   rule: role_required
deny contains {
	"rule": "role_required",
	"message": sprintf(
		"%q may not %s: no role of it grants admin",
		[input.principal.name, input.action],
	),
} if {
	roles.configured
	not roles.allowed("admin")
}
