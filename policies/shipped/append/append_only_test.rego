package nexus.append_test

test_rewriting_history_is_denied if {
	every operation in ["truncate", "delete", "update", ""] {
		rules_against(object.union(good, {"operation": operation})) == {"append_only"}
	}
}
