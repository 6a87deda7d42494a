package nexus.hipaa_reading_test

import data.nexus.query
import data.nexus.read
import data.nexus.subscribe

question(roles) := {
	"principal": {"name": "ada", "authenticated": true, "method": "token", "roles": roles},
	"call": "read",
	"stream": {"name": "encounter-1", "category": "encounter", "system": false},
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
	startswith(denial.rule, "hipaa_")
}

test_a_reader_of_the_category_may_read_it if {
	rules_of(read.deny) == set() with input as question(["clinician"])
	rules_of(subscribe.deny) == set() with input as question(["clinician"])
	rules_of(query.deny) == set() with input as question(["clinician"])
}

test_another_may_not if {
	"hipaa_access_by_role" in rules_of(read.deny) with input as question(["nobody"])
	"hipaa_access_by_role" in rules_of(subscribe.deny) with input as question(["nobody"])
	"hipaa_access_by_role" in rules_of(query.deny) with input as question(["nobody"])
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
	"hipaa_access_by_role" in rules_of(read.deny) with input as everything
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
	"hipaa_access_by_role" in rules_of(read.deny) with input as leaky
}

test_a_caller_without_a_proved_name_may_not if {
	unknown := object.union(question(["clinician"]), {"principal": {
		"name": "anonymous",
		"authenticated": false,
		"method": "none",
		"roles": ["clinician"],
	}})
	rules_of(read.deny) == {"hipaa_known_principal"} with input as unknown
}

test_a_read_of_health_data_has_a_limit if {
	unbounded := object.union(question(["clinician"]), {"events_max": 0})
	rules_of(read.deny) == {"hipaa_bounded_reads"} with input as unbounded
	large := object.union(question(["clinician"]), {"events_max": 1001})
	rules_of(read.deny) == {"hipaa_bounded_reads"} with input as large
	rules_of(read.deny) == set() with input as object.union(question(["quality"]), {"events_max": 0})
}
