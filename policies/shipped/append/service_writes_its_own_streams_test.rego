package nexus.append_test

graph := {"services": {
	"shop": {
		"principals": ["shop", "shop-batch"],
		"owns": ["order", "cart"],
		"sends": {"payment": ["ChargeCard"]},
	},
	"billing": {"principals": ["billing"], "owns": ["payment"]},
}}

from(principal, event) := object.union(with_event(event), {"principal": {
	"name": principal,
	"authenticated": true,
	"method": "token",
	"roles": [],
}})

decoupled(commit) := rules if {
	rules := rules_against(commit) with data.nexus.graph as graph
}

test_a_service_writes_to_what_it_owns if {
	decoupled(from("shop", {"category": "order"})) == set()
	decoupled(from("shop-batch", {"category": "cart"})) == set()
}

test_a_service_does_not_write_to_anothers_streams if {
	decoupled(from("shop", {"category": "payment"})) == {"service_writes_its_own_streams"}
	decoupled(from("billing", {"category": "order"})) == {"service_writes_its_own_streams"}
}

test_a_service_does_not_write_to_nobodys_streams if {
	decoupled(from("shop", {"category": "note"})) == {"service_writes_its_own_streams"}
}

test_a_declared_command_passes if {
	decoupled(from("shop", {"category": "payment", "type": "ChargeCard"})) == set()
	rules := decoupled(from("billing", {"category": "order", "type": "ChargeCard"}))
	rules == {"service_writes_its_own_streams"}
}

test_who_is_no_service_does_not_write_to_an_owned_category if {
	decoupled(from("ada", {"category": "order"})) == {"owned_streams_are_the_owners"}
	decoupled(from("ada", {"category": "note"})) == set()
}

test_without_a_graph_nothing_is_decoupled if {
	rules_against(from("shop", {"category": "payment"})) == set()
}
