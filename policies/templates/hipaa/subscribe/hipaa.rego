package nexus.subscribe

import data.nexus.hipaa

# METADATA
# title: PHI is read by those whose work needs it
# description: |
#   Access control: the readers of a category with PHI are named, those in an emergency too.
# custom:
#   rule: hipaa_access_by_role
#   control: 45 CFR 164.312(a)(1), 164.312(a)(2)(ii), 164.308(a)(4)
deny contains {
	"rule": "hipaa_access_by_role",
	"message": sprintf(
		"%q may not subscribe to category %q: no role of it is among its readers in data.hipaa",
		[input.principal.name, category],
	),
} if {
	some category in hipaa.unreadable
}

# METADATA
# title: PHI is read by a person or system that is known
# description: |
#   Unique user identification and authentication: audit controls record who read.
# custom:
#   rule: hipaa_known_principal
#   control: 45 CFR 164.312(a)(2)(i), 164.312(b), 164.312(d)
deny contains {
	"rule": "hipaa_known_principal",
	"message": "prove who you are: this data is not shown to a caller without a name",
} if {
	not input.principal.authenticated
	count(hipaa.touched) > 0
}
