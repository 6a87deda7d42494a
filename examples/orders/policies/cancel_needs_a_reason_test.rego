package nexus.execute_test

import data.nexus.execute

question(type, metadata) := {
	"operation": "execute",
	"tenant": 0,
	"principal": {"name": "ann", "authenticated": true, "method": "token", "roles": ["writer"]},
	"command": {"type": type, "aggregate": "order", "domain": "orders", "metadata": metadata},
	"stream": {"name": "order-1", "category": "order"},
}

rules_against(asked) := rules if {
	decision := execute.decision with input as asked
	decision.allow
	rules := {denial.rule | some denial in decision.deny}
}

test_a_cancellation_without_a_reason_is_refused if {
	rules_against(question("CancelOrder", {})) == {"cancel_needs_a_reason"}
	rules_against(question("CancelOrder", {"ticket": "7"})) == {"cancel_needs_a_reason"}
	rules_against(question("CancelOrder", {"reason": " "})) == {"cancel_needs_a_reason"}
}

test_one_with_a_reason_is_not if {
	rules_against(question("CancelOrder", {"reason": "the customer called"})) == set()
}

test_other_commands_need_none if {
	rules_against(question("PlaceOrder", {})) == set()
	rules_against(question("ShipOrder", {})) == set()
}

test_nothing_else_is_decided if {
	not execute.decision.allow with input as {"operation": "append"}
}
