package nexus.update_compatibility_test

import data.nexus.update_compatibility

good := {
	"operation": "update_compatibility",
	"tenant": 0,
	"principal": {"name": "anonymous", "authenticated": false, "method": "none", "roles": []},
	"subject": "OrderPlaced",
	"global": false,
	"clear": false,
	"comment": "readers first",
	"mode": "FULL",
	"policy": "NEXUS",
	"flags": {
		"allow_new_fields": true,
		"require_defaults": true,
		"allow_field_removal": false,
		"allow_type_changes": false,
	},
}

test_change_is_allowed if {
	update_compatibility.decision == {"allow": true, "deny": []} with input as good
}

test_change_without_mode_is_not_allowed if {
	not update_compatibility.decision.allow with input as object.union(good, {"mode": ""})
}

test_empty_input_is_not_allowed if {
	not update_compatibility.decision.allow with input as {}
}

test_other_operation_is_not_allowed if {
	not update_compatibility.decision.allow with input as object.union(good, {"operation": "append"})
}

test_reserved_subject_is_denied if {
	decision := update_compatibility.decision with input as object.union(good, {"subject": "$x"})
	decision.deny[0].rule == "reserved_subject"
}
