package nexus.append_test

import data.nexus.append

commit(principal, stream) := {
	"operation": "append",
	"principal": {"name": principal},
	"streams": [{"name": stream}],
	"events": [{"type": "OrderPlaced"}],
}

test_the_owner_may_append if {
	append.decision.allow with input as commit("orders", "order-1")
}

test_another_service_may_not if {
	decision := append.decision with input as commit("billing", "order-1")
	not decision.allow
	{denial.rule | some denial in decision.deny} == {"one_owner"}
}

test_a_stream_that_nobody_owns_is_open if {
	append.decision.allow with input as commit("billing", "note-1")
}
