package nexus.pci_dss_append_test

import data.nexus.append

good := {
	"principal": {"name": "shop", "authenticated": true, "method": "token", "roles": ["gateway"]},
	"streams": [{"name": "payment-1", "category": "payment", "system": false}],
	"events": [event],
}

event := {
	"stream": "payment-1",
	"category": "payment",
	"type": "Changed",
	"schema": {
		"registered": true,
		"version": 1,
		"required": true,
		"classes": ["card.pan.token", "card.expiry"],
		"subject_key": true,
	},
	"tags": [],
	"metadata": {},
	"first_index": 0,
}

with_event(change) := object.union(good, {"events": [object.union(event, change)]})

with_classes(classes) := with_event({"schema": object.union(event.schema, {"classes": classes})})

# The rules of this template; others may speak where it is adopted.
rules_against(commit) := rules if {
	denials := append.deny with input as commit
	rules := {denial.rule |
		some denial in denials
		startswith(denial.rule, "pci_")
	}
}

test_a_good_event_passes if {
	rules_against(good) == set()
}

test_another_category_is_not_its_business if {
	rules_against(with_event({
		"category": "note",
		"stream": "note-1",
		"metadata": {},
		"schema": {"registered": false, "required": false, "classes": [], "subject_key": false},
	})) == set()
}

test_authentication_data_are_never_stored if {
	rules_against(with_classes(["card.cvv"])) == {
		"pci_no_authentication_data",
		"pci_only_declared_card_data",
	}
}

test_a_card_number_in_the_clear_is_denied_outside_of_the_vault if {
	rules_against(with_classes(["card.pan"])) == {
		"pci_no_clear_card_number",
		"pci_only_declared_card_data",
	}
	vault := object.union(
		with_event({
			"category": "vault",
			"schema": object.union(event.schema, {"classes": ["card.pan"]}),
		}),
		{"principal": object.union(good.principal, {"roles": ["vault"]})},
	)
	rules_against(vault) == set()
}

test_a_card_number_in_the_clear_is_denied_in_an_undeclared_category if {
	commit := with_event({
		"category": "note",
		"schema": object.union(event.schema, {"classes": ["card.pan"]}),
	})
	"pci_no_clear_card_number" in rules_against(commit)
}

test_card_numbers_are_not_in_names if {
	every change in [
		{"stream": "payment-4111111111111111"},
		{"tags": ["card:5500005555555559"]},
		{"metadata": {"card": "378282246310005"}},
	] {
		rules_against(with_event(change)) == {"pci_no_card_number_in_names"}
	}
	rules_against(with_event({"tags": ["order:41111111111111112222"]})) == set()
	rules_against(with_event({"metadata": {"at": "1700000000000"}})) == set()
}

test_card_data_in_an_undeclared_category_are_denied if {
	rules_against(with_event({"category": "note"})) == {
		"pci_only_declared_card_data",
		"pci_retention_required",
	}
}

test_only_its_writers_write_a_category if {
	commit := object.union(good, {"principal": object.union(good.principal, {"roles": ["fraud"]})})
	rules_against(commit) == {"pci_writers_by_role"}
}

test_a_declared_category_needs_schemas if {
	bare := {"registered": false, "required": false, "classes": [], "subject_key": false}
	commit := with_event({"schema": bare})
	rules_against(commit) == {"pci_schema_required"}
}

test_nobody_writes_card_data if {
	nobody := object.union(good.principal, {"authenticated": false})
	commit := object.union(good, {"principal": nobody})
	rules_against(commit) == {"pci_known_principal"}
}
