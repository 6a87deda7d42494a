package nexus.access_change

import data.nexus.soc2

# METADATA
# title: Changes are authorised
# description: |
#   Change management: the comment of a change begins with the ticket in which it was approved.
# custom:
#   rule: soc2_change_names_its_ticket
#   control: SOC 2 CC8.1
deny contains {
	"rule": "soc2_change_names_its_ticket",
	"message": sprintf(
		"begin the comment with the ticket of this change (%s)",
		[data.soc2.change_pattern],
	),
} if {
	not soc2.names_a_ticket
}

# METADATA
# title: Nobody hands rights to himself
# description: |
#   Segregation of duties: who gives a token or a role is not who gets it.
# custom:
#   rule: soc2_nobody_grants_himself
#   control: SOC 2 CC6.3
deny contains {
	"rule": "soc2_nobody_grants_himself",
	"message": sprintf(
		"%q may not give rights to itself: somebody else has to",
		[input.principal.name],
	),
} if {
	input.action in {"create_token", "create_role_binding"}
	not input.deny
	input.member == input.principal.name
}

# METADATA
# title: Tokens expire
# description: |
#   Credentials are removed when they are not needed any more; one that ends by itself is not
#   forgotten.
# custom:
#   rule: soc2_tokens_expire
#   control: SOC 2 CC6.2, CC6.3
deny contains {
	"rule": "soc2_tokens_expire",
	"message": sprintf(
		"the token for %q has no end: give it one",
		[input.member],
	),
} if {
	input.action == "create_token"
	not input.expires
}
