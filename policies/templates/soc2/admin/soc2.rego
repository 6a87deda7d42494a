package nexus.admin

import data.nexus.soc2

# METADATA
# title: Maintenance is done by operators
# description: |
#   System operations are for those who are responsible for them.
# custom:
#   rule: soc2_maintenance_by_operators
#   control: SOC 2 CC6.3, CC7.1
deny contains {
	"rule": "soc2_maintenance_by_operators",
	"message": sprintf(
		"%q may not %s: it is no operator",
		[input.principal.name, input.action],
	),
} if {
	not soc2.operator
}
