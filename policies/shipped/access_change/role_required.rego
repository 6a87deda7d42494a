package nexus.access_change

import data.nexus.roles

# METADATA
# title: Changing access needs a role
# description: |
#   Who hands out rights could give himself any (data.nexus.grants, operation access_change).
#   Without grants in the data the rule says nothing.
# custom:
#   rule: role_required
deny contains {
	"rule": "role_required",
	"message": sprintf(
		"%q may not %s: no role of it grants access_change",
		[input.principal.name, input.action],
	),
} if {
	roles.configured
	not roles.allowed("access_change")
}

# METADATA
# title: Tokens expire
# description: |
#   A token that never ends is found one day by somebody else. Where data.nexus.limits.access has
#   tokens_expire, a new one must have an end.
# custom:
#   rule: tokens_expire
deny contains {
	"rule": "tokens_expire",
	"message": sprintf("the token for %q has no end: give it one (--expires)", [input.member]),
} if {
	data.nexus.limits.access.tokens_expire
	input.action == "create_token"
	not input.expires
}
