package nexus.append_test

test_system_stream_is_denied if {
	commit := object.union(good, {"streams": [stream_named("$schemas", "$schemas", true)]})
	rules_against(commit) == {"system_streams_are_the_servers"}
}

test_system_stream_that_is_only_checked_is_denied if {
	streams := array.concat(good.streams, [stream_named("$policies", "$policies", true)])
	rules_against(object.union(good, {"streams": streams})) == {"system_streams_are_the_servers"}
}

test_dollar_inside_a_name_is_nobodys_business if {
	commit := object.union(good, {"streams": [stream_named("us$-1", "us$", false)]})
	rules_against(commit) == set()
}
