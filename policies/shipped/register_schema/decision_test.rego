package nexus.register_schema_test

import data.nexus.register_schema

good := {
	"operation": "register_schema",
	"tenant": 0,
	"principal": {"name": "anonymous", "authenticated": false, "method": "none", "roles": []},
	"subject": "OrderPlaced",
	"comment": "",
	"bytes": 120,
	"format": "JSON_SCHEMA",
}

test_registration_is_allowed if {
	register_schema.decision == {"allow": true, "deny": []} with input as good
}

test_registration_without_subject_is_not_allowed if {
	not register_schema.decision.allow with input as object.union(good, {"subject": ""})
}

test_empty_input_is_not_allowed if {
	not register_schema.decision.allow with input as {}
}

test_other_operation_is_not_allowed if {
	not register_schema.decision.allow with input as object.union(good, {"operation": "append"})
}

test_reserved_subject_is_denied if {
	decision := register_schema.decision with input as object.union(good, {"subject": "$schemas"})
	decision.deny[0].rule == "reserved_subject"
}
