package nexus.append_test

import data.nexus.append

test_critical_event_without_owner_is_denied if {
	commit := with_event({"routing": {"criticality": "high"}})
	rules_against(commit) == {"critical_event_needs_owner"}
}

test_critical_event_with_empty_owner_is_denied if {
	commit := with_event({"routing": {"criticality": "high"}, "metadata": {"owner": ""}})
	rules_against(commit) == {"critical_event_needs_owner"}
}

test_critical_event_with_owner_passes if {
	commit := with_event({"routing": {"criticality": "high"}, "metadata": {"owner": "team-orders"}})
	rules_against(commit) == set()
}

test_other_events_need_no_owner if {
	every criticality in ["unspecified", "low", "medium"] {
		rules_against(with_event({"routing": {"criticality": criticality}})) == set()
	}
}

test_message_says_which_event if {
	commit := with_event({"routing": {"criticality": "high"}, "first_index": 7})
	decision := append.decision with input as commit
	some denial in decision.deny
	contains(denial.message, "event 7 (OrderPlaced)")
}
