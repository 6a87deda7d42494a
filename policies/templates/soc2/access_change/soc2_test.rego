package nexus.soc2_changes_test

import data.nexus.access_change
import data.nexus.admin
import data.nexus.delete_schema
import data.nexus.register_schema
import data.nexus.update_compatibility
import data.nexus.update_registry_mode
import data.nexus.update_validation

grant := {
	"principal": {"name": "ada", "authenticated": true, "method": "token", "roles": ["admin"]},
	"action": "create_token",
	"member": "billing",
	"expires": true,
	"deny": false,
	"comment": "OPS-12 for the new service",
}

rules_of(denials) := {denial.rule | some denial in denials}

test_a_good_change_passes if {
	rules_of(access_change.deny) == set() with input as grant
}

test_a_change_names_its_ticket if {
	untold := object.union(grant, {"comment": "because"})
	every denials in [
		access_change.deny,
		register_schema.deny,
		delete_schema.deny,
		update_compatibility.deny,
		update_registry_mode.deny,
		update_validation.deny,
	] {
		"soc2_change_names_its_ticket" in rules_of(denials)
	}
		with input as object.union(untold, {"subject": "X", "permanent": false})
}

test_nobody_grants_himself if {
	own := object.union(grant, {"member": "ada"})
	rules_of(access_change.deny) == {"soc2_nobody_grants_himself"} with input as own
	rules_of(access_change.deny) == set() with input as object.union(own, {"action": "revoke_token"})
}

test_tokens_expire if {
	endless := object.union(grant, {"expires": false})
	rules_of(access_change.deny) == {"soc2_tokens_expire"} with input as endless
}

test_maintenance_is_for_operators if {
	question := {"principal": grant.principal, "action": "drain"}
	rules_of(admin.deny) == set() with input as question
	other := object.union(grant.principal, {"roles": ["reader"]})
	reader := object.union(question, {"principal": other})
	rules_of(admin.deny) == {"soc2_maintenance_by_operators"} with input as reader
}
