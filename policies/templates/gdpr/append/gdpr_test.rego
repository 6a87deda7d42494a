package nexus.gdpr_append_test

import data.nexus.append

good := {
	"principal": {"name": "shop", "authenticated": true, "method": "token", "roles": ["writer"]},
	"streams": [{"name": "customer-1", "category": "customer", "system": false}],
	"events": [event],
}

event := {
	"stream": "customer-1",
	"category": "customer",
	"type": "Changed",
	"schema": {
		"registered": true,
		"version": 1,
		"required": true,
		"classes": ["pii.name", "pii.email"],
		"subject_key": true,
	},
	"tags": [],
	"metadata": {"purpose": "contract"},
	"first_index": 0,
}

with_event(change) := object.union(good, {"events": [object.union(event, change)]})

with_classes(classes) := with_event({"schema": object.union(event.schema, {"classes": classes})})

# The rules of this template; others may speak where it is adopted.
rules_against(commit) := rules if {
	denials := append.deny with input as commit
	rules := {denial.rule |
		some denial in denials
		startswith(denial.rule, "gdpr_")
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

test_an_undeclared_class_is_denied if {
	rules_against(with_classes(["pii.phone"])) == {"gdpr_only_declared_personal_data"}
	rules_against(with_classes(["pii.email.work"])) == set()
	rules_against(with_classes(["finance.amount"])) == set()
}

test_personal_data_need_a_declared_purpose if {
	rules_against(with_event({"metadata": {"purpose": "marketing"}})) == {"gdpr_purpose_required"}
	plain := object.union(
		event,
		{"metadata": {}, "schema": object.union(event.schema, {"classes": []})},
	)
	rules_against(object.union(good, {"events": [plain]})) == set()
}

test_personal_data_need_a_subject_key if {
	commit := with_event({"schema": object.union(event.schema, {"subject_key": false})})
	rules_against(commit) == {"gdpr_subject_key_required"}
}

test_special_categories_need_a_decision if {
	rules_against(with_classes(["pii.health"])) == {
		"gdpr_only_declared_personal_data",
		"gdpr_special_categories",
	}
	rules_against(with_event({
		"category": "claim",
		"metadata": {"purpose": "claim"},
		"schema": object.union(event.schema, {"classes": ["pii.health"]}),
	})) == set()
}

test_special_categories_in_an_undeclared_category_are_denied if {
	commit := with_event({
		"category": "note",
		"schema": object.union(event.schema, {"classes": ["pii.health"]}),
	})
	"gdpr_special_categories" in rules_against(commit)
}

test_personal_data_in_an_undeclared_category_are_denied if {
	rules_against(with_event({"category": "note"})) == {
		"gdpr_only_declared_personal_data",
		"gdpr_purpose_required",
		"gdpr_retention_required",
	}
}

test_a_declared_category_needs_schemas if {
	bare := {"registered": false, "required": false, "classes": [], "subject_key": false}
	commit := with_event({"schema": bare})
	rules_against(commit) == {"gdpr_schema_required"}
}

test_nobody_writes_personal_data if {
	nobody := object.union(good.principal, {"authenticated": false})
	commit := object.union(good, {"principal": nobody})
	rules_against(commit) == {"gdpr_known_principal"}
}
