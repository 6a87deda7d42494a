package nexus.append

import data.nexus.hipaa

# METADATA
# title: PHI stays where it was decided to be
# description: |
#   Minimum necessary: a category holds the classes of PHI that were declared for it, and no others.
# custom:
#   rule: hipaa_minimum_necessary
#   control: 45 CFR 164.502(b), 164.514(d)
deny contains {
	"rule": "hipaa_minimum_necessary",
	"message": sprintf(
		"event %d (%s) holds %s: leave it out, or declare it for category %q in data.hipaa",
		[event.first_index, event.type, class, event.category],
	),
} if {
	some event in input.events
	some class in hipaa.phi(event)
	not hipaa.allowed(event.category, class)
}

# METADATA
# title: PHI is written by the systems that may
# description: |
#   Access control for who alters PHI: the writers of a category are named.
# custom:
#   rule: hipaa_writers_by_role
#   control: 45 CFR 164.312(a)(1), 164.308(a)(4)
deny contains {
	"rule": "hipaa_writers_by_role",
	"message": sprintf(
		"%q may not write category %q: no role of it is among its writers in data.hipaa",
		[input.principal.name, event.category],
	),
} if {
	some event in input.events
	hipaa.declared(event.category)
	not hipaa.may_write(event.category)
}

# METADATA
# title: Categories with PHI have schemas
# description: |
#   Integrity: what is not checked against a schema may be altered or malformed unseen, and no rule
#   here knows what is in it.
# custom:
#   rule: hipaa_schema_required
#   control: 45 CFR 164.312(c)(1)
deny contains {
	"rule": "hipaa_schema_required",
	"message": sprintf(
		"category %q may hold PHI: register a schema for %s",
		[event.category, event.type],
	),
} if {
	some event in input.events
	hipaa.declared(event.category)
	not event.schema.registered
}

# METADATA
# title: Records are kept for six years at least
# description: |
#   Documentation is retained for six years from its making; the category says for how long it is
#   kept.
# custom:
#   rule: hipaa_retention_six_years
#   control: 45 CFR 164.316(b)(2)(i)
deny contains {
	"rule": "hipaa_retention_six_years",
	"message": sprintf(
		"category %q is kept for less than %d days: raise retention_days in data.hipaa",
		[event.category, data.hipaa.retention_days_min],
	),
} if {
	some event in input.events
	hipaa.declared(event.category)
	not hipaa.kept_long_enough(event.category)
}

# METADATA
# title: PHI is written by a person or system that is known
# description: |
#   Unique user identification and authentication: the stamp on the event names who wrote it.
# custom:
#   rule: hipaa_known_principal
#   control: 45 CFR 164.312(a)(2)(i), 164.312(d)
deny contains {
	"rule": "hipaa_known_principal",
	"message": "prove who you are: PHI is not written anonymously",
} if {
	not input.principal.authenticated
	some event in input.events
	count(hipaa.phi(event)) > 0
}
