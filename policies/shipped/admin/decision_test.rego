package nexus.admin_test

import data.nexus.admin

good := {
	"operation": "admin",
	"tenant": 0,
	"principal": {"name": "ada", "authenticated": true, "method": "token", "roles": ["operator"]},
	"action": "verify_log",
}

grants := {
	"operator": [{"operations": ["admin"], "categories": ["*"]}],
	"reader": [{"operations": ["read"], "categories": ["*"]}],
}

test_it_is_allowed_without_grants if {
	admin.decision == {"allow": true, "deny": []} with input as good
}

test_empty_input_is_not_allowed if {
	not admin.decision.allow with input as {}
}

test_other_operation_is_not_allowed if {
	not admin.decision.allow with input as object.union(good, {"operation": "append"})
}

test_it_needs_a_role_where_there_are_grants if {
	admin.decision.deny == [] with input as good with data.nexus.grants as grants
	reader := object.union(good, {"principal": object.union(good.principal, {"roles": ["reader"]})})
	decision := admin.decision with input as reader with data.nexus.grants as grants
	decision.deny[0].rule == "role_required"
}
