package nexus.soc2_append_test

import data.nexus.append

good := {
	"principal": {"name": "shop", "authenticated": true, "method": "token", "roles": ["writer"]},
	"streams": [{"name": "contract-1", "category": "contract", "system": false}],
	"events": [event],
}

event := {
	"stream": "contract-1",
	"category": "contract",
	"type": "Changed",
	"schema": {
		"registered": true,
		"version": 1,
		"required": true,
		"classes": ["confidential.price"],
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
		startswith(denial.rule, "soc2_")
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

test_confidential_data_elsewhere_are_denied if {
	rules_against(with_event({"category": "note"})) == {
		"soc2_confidential_data_in_their_place",
		"soc2_retention_required",
	}
	rules_against(with_classes(["secret.key"])) == {"soc2_confidential_data_in_their_place"}
}

test_nobody_writes_anonymously if {
	nobody := object.union(good.principal, {"authenticated": false})
	commit := object.union(good, {"principal": nobody})
	rules_against(commit) == {"soc2_no_anonymous_writes"}
}
