package nexus.delete_schema_test

import data.nexus.delete_schema

good := {
	"operation": "delete_schema",
	"tenant": 0,
	"principal": {"name": "anonymous", "authenticated": false, "method": "none", "roles": []},
	"subject": "OrderPlaced",
	"version": 2,
	"permanent": false,
	"comment": "a typo",
}

test_change_is_allowed if {
	delete_schema.decision == {"allow": true, "deny": []} with input as good
}

test_change_without_subject_is_not_allowed if {
	not delete_schema.decision.allow with input as object.union(good, {"subject": ""})
}

test_empty_input_is_not_allowed if {
	not delete_schema.decision.allow with input as {}
}

test_other_operation_is_not_allowed if {
	not delete_schema.decision.allow with input as object.union(good, {"operation": "append"})
}

test_reserved_subject_is_denied if {
	decision := delete_schema.decision with input as object.union(good, {"subject": "$schemas"})
	decision.deny[0].rule == "reserved_subject"
}
