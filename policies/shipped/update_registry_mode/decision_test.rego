package nexus.update_registry_mode_test

import data.nexus.update_registry_mode

good := {
	"operation": "update_registry_mode",
	"tenant": 0,
	"principal": {"name": "anonymous", "authenticated": false, "method": "none", "roles": []},
	"subject": "OrderPlaced",
	"global": false,
	"mode": "READONLY",
	"clear": false,
	"comment": "frozen",
}

test_change_is_allowed if {
	update_registry_mode.decision == {"allow": true, "deny": []} with input as good
}

test_change_without_mode_is_not_allowed if {
	not update_registry_mode.decision.allow with input as object.union(good, {"mode": ""})
}

test_empty_input_is_not_allowed if {
	not update_registry_mode.decision.allow with input as {}
}

test_other_operation_is_not_allowed if {
	not update_registry_mode.decision.allow with input as object.union(good, {"operation": "append"})
}

test_reserved_subject_is_denied if {
	decision := update_registry_mode.decision with input as object.union(good, {"subject": "$schemas"})
	decision.deny[0].rule == "reserved_subject"
}
