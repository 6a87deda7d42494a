# METADATA
# title: Which data are confidential, and what is declared about them
# description: |
#   data.soc2 names the classes of confidential data and, for each category that may hold such,
#   classes, readers and days; and what the comment of a change begins with.
package nexus.soc2

confidential(event) := {class |
	some class in event.schema.classes
	some family in data.soc2.confidential_classes
	in_family(class, family)
}

declared(category) := data.soc2.categories[category]

allowed(category, class) if {
	some family in data.soc2.categories[category].classes
	in_family(class, family)
}

has_retention(category) if data.soc2.categories[category].retention_days > 0

# The comment of a change names its ticket.
names_a_ticket if regex.match(data.soc2.change_pattern, input.comment)

operator if {
	some role in input.principal.roles
	role in data.soc2.operators
}

# The declared categories that a read may show: the stream's own, or those that the filter of a
# read of the whole log leaves in. A filter without categories leaves all of them in.
touched contains input.stream.category if {
	not input.whole_log
	data.soc2.categories[input.stream.category]
}

touched contains category if {
	input.whole_log
	not filtered
	some category, _ in data.soc2.categories
}

touched contains category if {
	input.whole_log
	filtered
	some item in input.filter
	some category in item.categories
	data.soc2.categories[category]
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
	role in data.soc2.categories[category].readers
}

# A class is the family itself, or one below it: "confidential" has "confidential.x".
in_family(class, family) if class == family

in_family(class, family) if startswith(class, concat("", [family, "."]))
