package nexus.query

import data.nexus.soc2

# METADATA
# title: Confidential data are read by those who are authorised
# description: |
#   Logical access: the readers of a category with confidential data are named.
# custom:
#   rule: soc2_access_by_role
#   control: SOC 2 CC6.1, CC6.3, C1.1
deny contains {
	"rule": "soc2_access_by_role",
	"message": sprintf(
		"%q may not query category %q: no role of it is among its readers in data.soc2",
		[input.principal.name, category],
	),
} if {
	some category in soc2.unreadable
}

# METADATA
# title: Confidential data are read by somebody
# description: |
#   Monitoring needs to know who read: the audit names the caller.
# custom:
#   rule: soc2_known_principal
#   control: SOC 2 CC6.1, CC7.2
deny contains {
	"rule": "soc2_known_principal",
	"message": "prove who you are: this data is not shown to a caller without a name",
} if {
	not input.principal.authenticated
	count(soc2.touched) > 0
}
