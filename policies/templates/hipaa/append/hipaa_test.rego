package nexus.hipaa_append_test

import data.nexus.append

good := {
	"principal": {"name": "shop", "authenticated": true, "method": "token", "roles": ["ehr"]},
	"streams": [{"name": "encounter-1", "category": "encounter", "system": false}],
	"events": [event],
}

event := {
	"stream": "encounter-1",
	"category": "encounter",
	"type": "Changed",
	"schema": {
		"registered": true,
		"version": 1,
		"required": true,
		"classes": ["phi.diagnosis"],
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
		startswith(denial.rule, "hipaa_")
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
	lab := with_event({
		"category": "lab",
		"schema": object.union(event.schema, {"classes": ["phi.diagnosis"]}),
	})
	commit := object.union(lab, {"principal": object.union(good.principal, {"roles": ["lab"]})})
	rules_against(commit) == {"hipaa_minimum_necessary"}
}

test_health_data_outside_of_declared_categories_are_denied if {
	rules_against(with_event({"category": "note"})) == {"hipaa_minimum_necessary"}
}

test_only_its_writers_write_a_category if {
	commit := object.union(good, {"principal": object.union(good.principal, {"roles": ["clinician"]})})
	rules_against(commit) == {"hipaa_writers_by_role"}
}

test_a_declared_category_needs_schemas if {
	bare := {"registered": false, "required": false, "classes": [], "subject_key": false}
	commit := with_event({"schema": bare})
	rules_against(commit) == {"hipaa_schema_required"}
}

test_records_are_kept_for_six_years if {
	short := {"encounter": {"classes": ["phi"], "writers": ["ehr"], "retention_days": 365}}
	denials := append.deny with input as good with data.hipaa.categories as short
	{denial.rule | some denial in denials} == {"hipaa_retention_six_years"}
}

test_nobody_writes_health_data if {
	nobody := object.union(good.principal, {"authenticated": false})
	commit := object.union(good, {"principal": nobody})
	rules_against(commit) == {"hipaa_known_principal"}
}
