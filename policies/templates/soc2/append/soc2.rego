package nexus.append

import data.nexus.soc2

# METADATA
# title: Confidential data stay where they were decided to be
# description: |
#   Confidential information is identified and kept where it is protected: a category holds the
#   classes that were declared for it.
# custom:
#   rule: soc2_confidential_data_in_their_place
#   control: SOC 2 C1.1
deny contains {
	"rule": "soc2_confidential_data_in_their_place",
	"message": sprintf(
		"event %d (%s) holds %s: leave it out, or declare it for category %q in data.soc2",
		[event.first_index, event.type, class, event.category],
	),
} if {
	some event in input.events
	some class in soc2.confidential(event)
	not soc2.allowed(event.category, class)
}

# METADATA
# title: Confidential data have an end
# description: |
#   Confidential information is disposed of when it is not needed any more: how long is decided
#   before the first event is written.
# custom:
#   rule: soc2_retention_required
#   control: SOC 2 C1.2
deny contains {
	"rule": "soc2_retention_required",
	"message": sprintf(
		"category %q holds confidential data and has no retention_days in data.soc2",
		[event.category],
	),
} if {
	some event in input.events
	count(soc2.confidential(event)) > 0
	not soc2.has_retention(event.category)
}

# METADATA
# title: Nobody writes anonymously
# description: |
#   Logical access: who writes is identified and authenticated.
# custom:
#   rule: soc2_no_anonymous_writes
#   control: SOC 2 CC6.1
deny contains {
	"rule": "soc2_no_anonymous_writes",
	"message": "prove who you are: nothing is written anonymously",
} if {
	not input.principal.authenticated
	count(input.events) > 0
}
