package nexus.update_validation_test

import data.nexus.update_validation

good := {
	"operation": "update_validation",
	"tenant": 0,
	"principal": {"name": "anonymous", "authenticated": false, "method": "none", "roles": []},
	"subject": "OrderPlaced",
	"global": false,
	"undeclared_fields": "REJECT",
	"clear": false,
	"comment": "typing slips went unseen",
}

test_change_is_allowed if {
	update_validation.decision == {"allow": true, "deny": []} with input as good
}

test_change_without_a_word_is_not_allowed if {
	not update_validation.decision.allow with input as object.union(good, {"undeclared_fields": ""})
}

test_empty_input_is_not_allowed if {
	not update_validation.decision.allow with input as {}
}

test_other_operation_is_not_allowed if {
	not update_validation.decision.allow with input as object.union(good, {"operation": "append"})
}

test_reserved_subject_is_denied if {
	decision := update_validation.decision with input as object.union(good, {"subject": "$schemas"})
	decision.deny[0].rule == "reserved_subject"
}
