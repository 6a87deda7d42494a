package nexus.query

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
		"%q may not query category %q: no role of it is among its readers in data.hipaa",
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

# METADATA
# title: Reads of PHI are bounded
# description: |
#   Minimum necessary: who reads PHI says how many events at most, unless looking at all of them is
#   its work.
# custom:
#   rule: hipaa_bounded_reads
#   control: 45 CFR 164.502(b)
deny contains {
	"rule": "hipaa_bounded_reads",
	"message": sprintf(
		"a read of PHI needs a limit of at most %d events",
		[data.hipaa.events_max],
	),
} if {
	count(hipaa.touched) > 0
	input.call == "read"
	not hipaa.bounded
}
