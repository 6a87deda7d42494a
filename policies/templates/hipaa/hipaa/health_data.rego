# METADATA
# title: Which data are protected health information, and what is declared about them
# description: |
#   data.hipaa names the classes of protected health information (PHI) and, for each category that
#   may hold such, classes, readers, writers and days.
package nexus.hipaa

phi(event) := {class |
	some class in event.schema.classes
	some family in data.hipaa.phi_classes
	in_family(class, family)
}

declared(category) := data.hipaa.categories[category]

allowed(category, class) if {
	some family in data.hipaa.categories[category].classes
	in_family(class, family)
}

may_write(category) if {
	some role in input.principal.roles
	role in data.hipaa.categories[category].writers
}

kept_long_enough(category) if {
	data.hipaa.categories[category].retention_days >= data.hipaa.retention_days_min
}

# A read that ends after a number of events, or by who looks at all of them.
bounded if {
	input.events_max > 0
	input.events_max <= data.hipaa.events_max
}

bounded if {
	some role in input.principal.roles
	role in data.hipaa.bulk_readers
}

# The declared categories that a read may show: the stream's own, or those that the filter of a
# read of the whole log leaves in. A filter without categories leaves all of them in.
touched contains input.stream.category if {
	not input.whole_log
	data.hipaa.categories[input.stream.category]
}

touched contains category if {
	input.whole_log
	not filtered
	some category, _ in data.hipaa.categories
}

touched contains category if {
	input.whole_log
	filtered
	some item in input.filter
	some category in item.categories
	data.hipaa.categories[category]
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
	role in data.hipaa.categories[category].readers
}

# A class is the family itself, or one below it: "phi" has "phi.x".
in_family(class, family) if class == family

in_family(class, family) if startswith(class, concat("", [family, "."]))
