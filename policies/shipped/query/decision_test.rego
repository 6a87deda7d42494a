package nexus.query_test

import data.nexus.query

good := {
	"operation": "query",
	"tenant": 0,
	"principal": {"name": "ada", "authenticated": true, "method": "token", "roles": ["reader"]},
	"call": "read",
	"stream": {"name": "order-42", "category": "order", "system": false},
	"whole_log": false,
	"system_events": false,
	"filter": [],
	"events_max": 0,
}

whole_log := object.union(good, {
	"stream": {"name": "", "category": "", "system": false},
	"whole_log": true,
	"system_events": true,
})

grants := {
	"reader": [{"operations": ["query"], "categories": ["order"]}],
	"all": [{"operations": ["query"], "categories": ["*"]}],
	"auditor": [{"operations": ["query"], "categories": ["*", "$*"]}],
	"other": [{"operations": ["append"], "categories": ["*"]}],
}

with_role(role, question) := object.union(
	question,
	{"principal": object.union(good.principal, {"roles": [role]})},
)

rules_against(question) := rules if {
	decision := query.decision with input as question with data.nexus.grants as grants
	rules := {denial.rule | some denial in decision.deny}
}

test_it_is_allowed_without_grants if {
	query.decision == {"allow": true, "deny": []} with input as good
	query.decision == {"allow": true, "deny": []} with input as whole_log
}

test_empty_input_is_not_allowed if {
	not query.decision.allow with input as {}
}

test_other_operation_is_not_allowed if {
	not query.decision.allow with input as object.union(good, {"operation": "append"})
}

test_a_stream_needs_a_role_for_its_category if {
	rules_against(with_role("reader", good)) == set()
	rules_against(with_role("all", good)) == set()
	rules_against(with_role("other", good)) == {"role_required"}
	other := object.union(good, {"stream": {"name": "pay-1", "category": "pay", "system": false}})
	rules_against(with_role("reader", other)) == {"role_required"}
}

test_the_servers_streams_need_a_role_of_their_own if {
	stream := {"name": "$schemas", "category": "$schemas", "system": true}
	system := object.union(good, {"stream": stream})
	rules_against(with_role("all", system)) == {"role_required"}
	rules_against(with_role("auditor", system)) == set()
}

test_the_whole_log_needs_a_role_for_all_of_it if {
	rules_against(with_role("reader", whole_log)) == {"role_required_for_the_whole_log"}
	rules_against(with_role("all", whole_log)) == {"role_required_for_the_whole_log"}
	rules_against(with_role("auditor", whole_log)) == set()
	rules_against(with_role("all", object.union(whole_log, {"system_events": false}))) == set()
}

test_a_filter_by_granted_categories_makes_the_whole_log_readable if {
	filtered := object.union(whole_log, {"filter": [{"categories": ["order"]}]})
	rules_against(with_role("reader", filtered)) == set()
	more := object.union(whole_log, {"filter": [{"categories": ["order"]}, {"categories": []}]})
	rules_against(with_role("reader", more)) == {"role_required_for_the_whole_log"}
}
