package nexus.access_change_test

import data.nexus.access_change

good := {
	"operation": "access_change",
	"tenant": 0,
	"principal": {"name": "ada", "authenticated": true, "method": "token", "roles": ["admin"]},
	"action": "create_token",
	"id": "",
	"member": "billing",
	"roles": ["writer"],
	"operations": [],
	"system_streams": false,
	"deny": false,
	"expires": false,
	"comment": "",
}

grants := {"admin": [{"operations": ["access_change"], "categories": ["*"]}]}

test_it_is_allowed_without_grants if {
	access_change.decision == {"allow": true, "deny": []} with input as good
}

test_empty_input_is_not_allowed if {
	not access_change.decision.allow with input as {}
}

test_other_operation_is_not_allowed if {
	not access_change.decision.allow with input as object.union(good, {"operation": "append"})
}

test_it_needs_a_role_where_there_are_grants if {
	access_change.decision.deny == [] with input as good with data.nexus.grants as grants
	nobody := object.union(good, {"principal": object.union(good.principal, {"roles": []})})
	decision := access_change.decision with input as nobody with data.nexus.grants as grants
	decision.deny[0].rule == "role_required"
}

test_tokens_expire_where_they_must if {
	limits := {"access": {"tokens_expire": true}}
	decision := access_change.decision with input as good with data.nexus.limits as limits
	decision.deny[0].rule == "tokens_expire"
	ending := object.union(good, {"expires": true})
	access_change.decision.deny == [] with input as ending with data.nexus.limits as limits
	revoking := object.union(good, {"action": "revoke_token"})
	access_change.decision.deny == [] with input as revoking with data.nexus.limits as limits
}
