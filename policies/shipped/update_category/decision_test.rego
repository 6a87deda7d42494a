package nexus.update_category_test

import data.nexus.update_category

good := {
	"operation": "update_category",
	"tenant": 0,
	"principal": {"name": "anonymous", "authenticated": false, "method": "none", "roles": []},
	"category": "order",
	"system": false,
	"schema_mode": "optional",
}

test_change_is_allowed if {
	update_category.decision == {"allow": true, "deny": []} with input as good
}

test_change_without_category_is_not_allowed if {
	not update_category.decision.allow with input as object.union(good, {"category": ""})
}

test_empty_input_is_not_allowed if {
	not update_category.decision.allow with input as {}
}

test_other_operation_is_not_allowed if {
	not update_category.decision.allow with input as object.union(good, {"operation": "append"})
}

test_reserved_category_is_denied if {
	settings := object.union(good, {"category": "$schemas", "system": true})
	decision := update_category.decision with input as settings
	decision.deny[0].rule == "reserved_category"
}
