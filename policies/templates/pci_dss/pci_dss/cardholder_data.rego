# METADATA
# title: Which data are of cards, and what is declared about them
# description: |
#   data.pci_dss names the classes of cardholder data, those that must never be stored and those
#   that are a card number in the clear; and for each category what it may hold, who reads and
#   writes it and for how long.
package nexus.pci_dss

cardholder(event) := {class |
	some class in event.schema.classes
	some family in data.pci_dss.cardholder_classes
	in_family(class, family)
}

authentication(event) := {class |
	some class in event.schema.classes
	some family in data.pci_dss.authentication_classes
	in_family(class, family)
}

# A number that is neither a token, nor truncated, nor hashed.
clear(event) := {class |
	some class in event.schema.classes
	some family in data.pci_dss.clear_classes
	in_family(class, family)
	not protected(class)
}

protected(class) if {
	some family in data.pci_dss.protected_classes
	in_family(class, family)
}

declared(category) := data.pci_dss.categories[category]

allowed(category, class) if {
	some family in data.pci_dss.categories[category].classes
	in_family(class, family)
}

# Of its own: `not` of a reference into what is not declared would be undefined, and deny nothing.
vault(category) if data.pci_dss.categories[category].clear_pan

may_write(category) if {
	some role in input.principal.roles
	role in data.pci_dss.categories[category].writers
}

has_retention(category) if data.pci_dss.categories[category].retention_days > 0

# A card number of the large networks, by itself or within a text.
number_of_a_card := concat("", [
	`(^|[^0-9])`,
	`(4[0-9]{15}|5[1-5][0-9]{14}|2[2-7][0-9]{14}|3[47][0-9]{13})`,
	`([^0-9]|$)`,
])

# What indexes and logs have of an event, whatever its schema.
names(event) := array.concat(
	array.concat([event.stream], event.tags),
	[value | some value in event.metadata],
)

looks_like_a_card(text) if regex.match(number_of_a_card, text)

# The declared categories that a read may show: the stream's own, or those that the filter of a
# read of the whole log leaves in. A filter without categories leaves all of them in.
touched contains input.stream.category if {
	not input.whole_log
	data.pci_dss.categories[input.stream.category]
}

touched contains category if {
	input.whole_log
	not filtered
	some category, _ in data.pci_dss.categories
}

touched contains category if {
	input.whole_log
	filtered
	some item in input.filter
	some category in item.categories
	data.pci_dss.categories[category]
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
	role in data.pci_dss.categories[category].readers
}

# A class is the family itself, or one below it: "card" has "card.x".
in_family(class, family) if class == family

in_family(class, family) if startswith(class, concat("", [family, "."]))
