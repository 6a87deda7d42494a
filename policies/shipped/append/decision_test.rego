package nexus.append_test

import data.nexus.append

# A commit that every rule lets pass; the tests change one thing.
good := {
	"operation": "append",
	"tenant": 0,
	"principal": {"name": "anonymous", "authenticated": false, "method": "none", "roles": []},
	"streams": [stream_named("order-42", "order", false)],
	"events": [good_event],
}

good_event := {
	"stream": "order-42",
	"category": "order",
	"type": "OrderPlaced",
	"schema": {"registered": true, "version": 1, "required": true},
	"content_type": "application/json",
	"tags": [],
	"metadata": {},
	"routing": {
		"criticality": "unspecified",
		"business_impact": 0,
		"requires_ordering": false,
		"max_latency_ms": 0,
	},
	"count": 1,
	"first_index": 0,
	"bytes_max": 256,
}

stream_named(name, category, system) := {
	"name": name,
	"category": category,
	"system": system,
	"expected": {"kind": "any"},
}

with_event(change) := object.union(good, {"events": [object.union(good_event, change)]})

rules_against(commit) := rules if {
	decision := append.decision with input as commit
	rules := {denial.rule | some denial in decision.deny}
}

test_good_commit_is_allowed if {
	append.decision == {"allow": true, "deny": []} with input as good
}

test_commit_without_events_is_not_allowed if {
	not append.decision.allow with input as object.union(good, {"events": []})
}

test_empty_input_is_not_allowed if {
	not append.decision.allow with input as {}
}

test_missing_input_is_decided_and_not_allowed if {
	append.decision.allow == false
}

test_denied_commit_is_not_allowed if {
	not append.decision.allow with input as object.union(good, {"operation": "truncate"})
}

test_every_broken_rule_is_named if {
	commit := object.union(
		with_event({
			"schema": {"registered": false, "version": 0, "required": true},
			"routing": {"criticality": "high"},
		}),
		{"streams": [stream_named("$schemas", "$schemas", true)]},
	)
	rules_against(commit) == {
		"critical_event_needs_owner",
		"registered_schema_required",
		"system_streams_are_the_servers",
	}
}
