# METADATA
# title: Which data are personal, and what is declared about them
# description: |
#   data.gdpr names the classes of personal data and, for each category of streams that may hold
#   such, the classes, purposes, readers and days that were decided on.
package nexus.gdpr

# The classes of personal data that an event's schema has.
personal(event) := {class |
	some class in event.schema.classes
	some family in data.gdpr.personal_classes
	in_family(class, family)
}

special(event) := {class |
	some class in event.schema.classes
	some family in data.gdpr.special_classes
	in_family(class, family)
}

declared(category) := data.gdpr.categories[category]

# What the category may hold; nothing if it was not declared.
allowed(category, class) if {
	some family in data.gdpr.categories[category].classes
	in_family(class, family)
}

# Of its own: `not` of a reference into what is not declared would be undefined, and deny nothing.
may_be_special(category) if data.gdpr.categories[category].special

purpose_is_known(event) if event.metadata.purpose in data.gdpr.categories[event.category].purposes

has_retention(category) if data.gdpr.categories[category].retention_days > 0

# The declared categories that a read may show: the stream's own, or those that the filter of a
# read of the whole log leaves in. A filter without categories leaves all of them in.
touched contains input.stream.category if {
	not input.whole_log
	data.gdpr.categories[input.stream.category]
}

touched contains category if {
	input.whole_log
	not filtered
	some category, _ in data.gdpr.categories
}

touched contains category if {
	input.whole_log
	filtered
	some item in input.filter
	some category in item.categories
	data.gdpr.categories[category]
}

filtered if {
	count(input.filter) > 0
	every item in input.filter {
		count(item.categories) > 0
	}
}

# Of these, the ones that no role of the caller may read.
unreadable contains category if {
	some category in touched
	not may_read(category)
}

may_read(category) if {
	some role in input.principal.roles
	role in data.gdpr.categories[category].readers
}

# A class is the family itself, or one below it: "pii" has "pii.x".
in_family(class, family) if class == family

in_family(class, family) if startswith(class, concat("", [family, "."]))
