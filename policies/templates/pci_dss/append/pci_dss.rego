package nexus.append

import data.nexus.pci_dss

# METADATA
# title: Sensitive authentication data are never stored
# description: |
#   Verification codes, PINs and full tracks are not kept after authorisation, not even encrypted;
#   an event is kept for ever.
# custom:
#   rule: pci_no_authentication_data
#   control: PCI DSS 3.3.1
deny contains {
	"rule": "pci_no_authentication_data",
	"message": sprintf(
		"event %d (%s) holds %s, which must never be stored",
		[event.first_index, event.type, class],
	),
} if {
	some event in input.events
	some class in pci_dss.authentication(event)
}

# METADATA
# title: Card numbers are unreadable where they are stored
# description: |
#   Outside of a vault that was declared for it a card number is a token, truncated or hashed.
# custom:
#   rule: pci_no_clear_card_number
#   control: PCI DSS 3.5.1
deny contains {
	"rule": "pci_no_clear_card_number",
	"message": sprintf(
		"event %d (%s) holds %s in the clear: store a token, or write to a vault",
		[event.first_index, event.type, class],
	),
} if {
	some event in input.events
	some class in pci_dss.clear(event)
	not pci_dss.vault(event.category)
}

# METADATA
# title: Card numbers are not in names, tags or metadata
# description: |
#   Names of streams, tags and metadata are in indexes and logs, and no schema classifies them.
# custom:
#   rule: pci_no_card_number_in_names
#   control: PCI DSS 3.5.1
deny contains {
	"rule": "pci_no_card_number_in_names",
	"message": sprintf(
		"event %d (%s): a stream name, tag or metadata looks like a card number",
		[event.first_index, event.type],
	),
} if {
	some event in input.events
	some text in pci_dss.names(event)
	pci_dss.looks_like_a_card(text)
}

# METADATA
# title: Cardholder data stay in their environment
# description: |
#   Storage is kept to a minimum: a category holds the classes of cardholder data that were declared
#   for it.
# custom:
#   rule: pci_only_declared_card_data
#   control: PCI DSS 3.2.1
deny contains {
	"rule": "pci_only_declared_card_data",
	"message": sprintf(
		"event %d (%s) holds %s: leave it out, or declare it for category %q in data.pci_dss",
		[event.first_index, event.type, class, event.category],
	),
} if {
	some event in input.events
	some class in pci_dss.cardholder(event)
	not pci_dss.allowed(event.category, class)
}

# METADATA
# title: Cardholder data have an end
# description: |
#   How long is decided before the first event is written.
# custom:
#   rule: pci_retention_required
#   control: PCI DSS 3.2.1
deny contains {
	"rule": "pci_retention_required",
	"message": sprintf(
		"category %q holds cardholder data and has no retention_days in data.pci_dss",
		[event.category],
	),
} if {
	some event in input.events
	count(pci_dss.cardholder(event)) > 0
	not pci_dss.has_retention(event.category)
}

# METADATA
# title: Cardholder data are written by the systems that may
# description: |
#   Least privilege: the writers of a category are named.
# custom:
#   rule: pci_writers_by_role
#   control: PCI DSS 7.2.1, 7.2.5
deny contains {
	"rule": "pci_writers_by_role",
	"message": sprintf(
		"%q may not write category %q: no role of it is among its writers in data.pci_dss",
		[input.principal.name, event.category],
	),
} if {
	some event in input.events
	pci_dss.declared(event.category)
	not pci_dss.may_write(event.category)
}

# METADATA
# title: Categories with cardholder data have schemas
# description: |
#   Without a schema nobody knows which classes of data an event holds, and no rule here sees them.
# custom:
#   rule: pci_schema_required
#   control: PCI DSS 3.2.1
deny contains {
	"rule": "pci_schema_required",
	"message": sprintf(
		"category %q may hold cardholder data: register a schema for %s",
		[event.category, event.type],
	),
} if {
	some event in input.events
	pci_dss.declared(event.category)
	not event.schema.registered
}

# METADATA
# title: Cardholder data are written by somebody
# description: |
#   Every access is by a unique identity that was authenticated, and is logged with it.
# custom:
#   rule: pci_known_principal
#   control: PCI DSS 8.2.1, 8.3.1, 10.2.1
deny contains {
	"rule": "pci_known_principal",
	"message": "prove who you are: cardholder data are not written anonymously",
} if {
	not input.principal.authenticated
	some event in input.events
	count(pci_dss.cardholder(event)) > 0
}
