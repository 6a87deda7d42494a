package nexus.query_test

import data.nexus.query

limits := {"query": {"span_seconds_max": 86400, "wide_seconds": 3600, "wide_reads_left_min": 2}}

over(time, left) := rules if {
	question := object.union(good, {
		"time": time,
		"rate": {"limited": true, "temporal_reads_left": left},
	})
	decision := query.decision with input as question with data.nexus.limits as limits
	rules := {denial.rule | some denial in decision.deny}
}

test_a_span_within_the_limit_passes if {
	over({"span": 86400}, 10) == set()
}

test_a_longer_span_is_denied if {
	over({"span": 86401}, 10) == {"query_span_is_bounded"}
}

test_a_span_from_the_beginning_is_denied if {
	over({"from_the_beginning": true}, 10) == {"query_span_is_bounded"}
}

test_the_last_reads_are_for_narrow_queries if {
	over({"span": 7200}, 2) == {"wide_query_needs_rate"}
	over({"span": 7200}, 3) == set()
	over({"span": 3600}, 0) == set()
}

test_without_limits_every_span_passes if {
	question := object.union(good, {"time": {"span": 999999999}, "rate": {"limited": false}})
	query.decision.deny == [] with input as question
}
