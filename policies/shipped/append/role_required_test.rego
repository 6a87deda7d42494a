package nexus.append_test

append_grants := {
	"writer": [{"operations": ["append", "read"], "categories": ["order"]}],
	"clerk": [{"operations": ["read"], "categories": ["*"]}],
	"any": [{"operations": ["append"], "categories": ["*"]}],
}

granted_rules(roles) := rules if {
	commit := object.union(good, {"principal": {
		"name": "ada",
		"authenticated": true,
		"method": "token",
		"roles": roles,
	}})
	rules := rules_against(commit) with data.nexus.grants as append_grants
}

test_a_role_with_the_category_may_append if {
	granted_rules(["writer"]) == set()
	granted_rules(["clerk", "any"]) == set()
}

test_another_role_may_not_append if {
	granted_rules(["clerk"]) == {"role_required"}
	granted_rules(["unknown"]) == {"role_required"}
	granted_rules([]) == {"role_required"}
}
