package nexus.update_registry_mode

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
