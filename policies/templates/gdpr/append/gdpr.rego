package nexus.append

import data.nexus.gdpr

# METADATA
# title: Personal data stay where they were decided to be
# description: |
#   Data minimisation: a category holds the classes of personal data that were declared for it, and
#   no others.
# custom:
#   rule: gdpr_only_declared_personal_data
#   control: GDPR Art. 5(1)(c), 25(2)
deny contains {
	"rule": "gdpr_only_declared_personal_data",
	"message": sprintf(
		"event %d (%s) holds %s: leave it out, or declare it for category %q in data.gdpr",
		[event.first_index, event.type, class, event.category],
	),
} if {
	some event in input.events
	some class in gdpr.personal(event)
	not gdpr.allowed(event.category, class)
}

# METADATA
# title: Personal data are stored for a declared purpose
# description: |
#   Purpose limitation: who writes personal data says what for, in metadata.purpose, and the purpose
#   is one that was declared for the category.
# custom:
#   rule: gdpr_purpose_required
#   control: GDPR Art. 5(1)(b), 6
deny contains {
	"rule": "gdpr_purpose_required",
	"message": sprintf(
		"event %d (%s) holds personal data: name a declared purpose in metadata.purpose",
		[event.first_index, event.type],
	),
} if {
	some event in input.events
	count(gdpr.personal(event)) > 0
	not gdpr.purpose_is_known(event)
}

# METADATA
# title: Personal data say whose they are
# description: |
#   Access, rectification and erasure begin with finding the data of one person: a schema with
#   personal data marks the field that identifies it (x-nexus-subject-key).
# custom:
#   rule: gdpr_subject_key_required
#   control: GDPR Art. 15, 16, 17
deny contains {
	"rule": "gdpr_subject_key_required",
	"message": sprintf(
		"the schema of %s has personal data and no subject key: mark the field that says whose they are",
		[event.type],
	),
} if {
	some event in input.events
	count(gdpr.personal(event)) > 0
	not event.schema.subject_key
}

# METADATA
# title: Special categories of data only where they were decided on
# description: |
#   Health, belief, biometrics and the like are forbidden unless an exception holds; that it does
#   was decided for a category as a whole (special).
# custom:
#   rule: gdpr_special_categories
#   control: GDPR Art. 9
deny contains {
	"rule": "gdpr_special_categories",
	"message": sprintf(
		"event %d (%s) holds %s, and category %q is not declared for special categories of data",
		[event.first_index, event.type, class, event.category],
	),
} if {
	some event in input.events
	some class in gdpr.special(event)
	not gdpr.may_be_special(event.category)
}

# METADATA
# title: Personal data have an end
# description: |
#   Storage limitation: how long is decided before the first event is written (retention_days).
# custom:
#   rule: gdpr_retention_required
#   control: GDPR Art. 5(1)(e)
deny contains {
	"rule": "gdpr_retention_required",
	"message": sprintf(
		"category %q holds personal data and has no retention_days in data.gdpr",
		[event.category],
	),
} if {
	some event in input.events
	count(gdpr.personal(event)) > 0
	not gdpr.has_retention(event.category)
}

# METADATA
# title: Categories with personal data have schemas
# description: |
#   Without a schema nobody knows which classes of data an event holds, and no rule here sees them.
# custom:
#   rule: gdpr_schema_required
#   control: GDPR Art. 5(2), 30
deny contains {
	"rule": "gdpr_schema_required",
	"message": sprintf(
		"category %q may hold personal data: register a schema for %s",
		[event.category, event.type],
	),
} if {
	some event in input.events
	gdpr.declared(event.category)
	not event.schema.registered
}

# METADATA
# title: Personal data are written by somebody
# description: |
#   Accountability: the stamp on the event names who wrote it, which says nothing of an anonymous
#   caller.
# custom:
#   rule: gdpr_known_principal
#   control: GDPR Art. 5(2), 32
deny contains {
	"rule": "gdpr_known_principal",
	"message": "prove who you are: personal data are not written anonymously",
} if {
	not input.principal.authenticated
	some event in input.events
	count(gdpr.personal(event)) > 0
}
