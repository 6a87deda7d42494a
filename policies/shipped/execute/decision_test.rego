package nexus.execute_test

import data.nexus.execute

good := {
	"operation": "execute",
	"tenant": 0,
	"principal": {"name": "ada", "authenticated": true, "method": "token", "roles": ["clerk"]},
	"command": {"type": "PlaceOrder", "aggregate": "order", "domain": "orders", "metadata": {}},
	"stream": {"name": "order-42", "category": "order"},
}

grants := {
	"clerk": [{"operations": ["execute"], "categories": ["order"]}],
	"reader": [{"operations": ["read"], "categories": ["*"]}],
}

rules_against(question) := rules if {
	decision := execute.decision with input as question with data.nexus.grants as grants
	rules := {denial.rule | some denial in decision.deny}
}

test_it_is_allowed_without_grants if {
	execute.decision == {"allow": true, "deny": []} with input as good
}

test_empty_input_is_not_allowed if {
	not execute.decision.allow with input as {}
}

test_other_operation_is_not_allowed if {
	not execute.decision.allow with input as object.union(good, {"operation": "append"})
}

test_a_command_needs_a_role_for_its_category if {
	rules_against(good) == set()
	rules_against(object.union(good, {"stream": {"name": "pay-1", "category": "pay"}})) == {"role_required"}
	reader := object.union(good, {"principal": object.union(good.principal, {"roles": ["reader"]})})
	rules_against(reader) == {"role_required"}
}
