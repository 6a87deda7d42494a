package nexus.append_test

test_event_without_schema_is_denied if {
	commit := with_event({"schema": {"registered": false, "version": 0, "required": true}})
	rules_against(commit) == {"registered_schema_required"}
}

test_event_without_schema_passes_in_an_optional_category if {
	commit := with_event({"schema": {"registered": false, "version": 0, "required": false}})
	rules_against(commit) == set()
}

test_one_event_without_schema_among_others_is_denied if {
	bare := object.union(good_event, {"schema": {"registered": false, "version": 0, "required": true}})
	rules_against(object.union(good, {"events": [good_event, bare]})) == {"registered_schema_required"}
}
