package nexus.soc2_reading_test

import data.nexus.query
import data.nexus.read
import data.nexus.subscribe

question(roles) := {
	"principal": {"name": "ada", "authenticated": true, "method": "token", "roles": roles},
	"call": "read",
	"stream": {"name": "contract-1", "category": "contract", "system": false},
	"whole_log": false,
	"system_events": false,
	"filter": [],
	"events_max": 10,
	"time": {"span": 60},
}

whole_log := {
	"stream": {"name": "", "category": "", "system": false},
	"whole_log": true,
	"system_events": false,
}

# The rules of this template; others may speak where it is adopted.
rules_of(denials) := {denial.rule |
	some denial in denials
	startswith(denial.rule, "soc2_")
}

test_a_reader_of_the_category_may_read_it if {
	rules_of(read.deny) == set() with input as question(["legal"])
	rules_of(subscribe.deny) == set() with input as question(["legal"])
	rules_of(query.deny) == set() with input as question(["legal"])
}

test_another_may_not if {
	"soc2_access_by_role" in rules_of(read.deny) with input as question(["nobody"])
	"soc2_access_by_role" in rules_of(subscribe.deny) with input as question(["nobody"])
	"soc2_access_by_role" in rules_of(query.deny) with input as question(["nobody"])
}

test_other_categories_are_not_its_business if {
	other := object.union(question(["nobody"]), {"stream": {
		"name": "note-1",
		"category": "note",
		"system": false,
	}})
	rules_of(read.deny) == set() with input as other
}

test_the_whole_log_shows_every_category if {
	everything := object.union(question(["nobody"]), whole_log)
	"soc2_access_by_role" in rules_of(read.deny) with input as everything
}

test_a_filter_by_other_categories_makes_it_free if {
	filtered := object.union(
		object.union(question(["nobody"]), whole_log),
		{"filter": [{"categories": ["note"]}]},
	)
	rules_of(read.deny) == set() with input as filtered
}

test_a_filter_item_without_categories_does_not if {
	leaky := object.union(
		object.union(question(["nobody"]), whole_log),
		{"filter": [{"categories": ["note"]}, {"categories": [], "types": ["X"]}]},
	)
	"soc2_access_by_role" in rules_of(read.deny) with input as leaky
}

test_a_caller_without_a_proved_name_may_not if {
	unknown := object.union(question(["legal"]), {"principal": {
		"name": "anonymous",
		"authenticated": false,
		"method": "none",
		"roles": ["legal"],
	}})
	rules_of(read.deny) == {"soc2_known_principal"} with input as unknown
}
