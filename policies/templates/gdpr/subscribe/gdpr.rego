package nexus.subscribe

import data.nexus.gdpr

# METADATA
# title: Personal data are read by those who need them
# description: |
#   Integrity and confidentiality: the readers of a category with personal data are named.
# custom:
#   rule: gdpr_access_by_role
#   control: GDPR Art. 5(1)(f), 25, 32
deny contains {
	"rule": "gdpr_access_by_role",
	"message": sprintf(
		"%q may not subscribe to category %q: no role of it is among its readers in data.gdpr",
		[input.principal.name, category],
	),
} if {
	some category in gdpr.unreadable
}

# METADATA
# title: Personal data are read by somebody
# description: |
#   Accountability: the audit names who read, which says nothing of an anonymous caller.
# custom:
#   rule: gdpr_known_principal
#   control: GDPR Art. 5(2), 32
deny contains {
	"rule": "gdpr_known_principal",
	"message": "prove who you are: this data is not shown to a caller without a name",
} if {
	not input.principal.authenticated
	count(gdpr.touched) > 0
}
