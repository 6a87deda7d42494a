# METADATA
# title: Many questions in one request
# description: |
#   Each item is decided by the entrypoint of its operation, with its own input. An item that is
#   missing from the answers is undefined, and what is undefined is not admitted. The entrypoints
#   are written out: a reference that is computed would depend on this very rule.
package nexus.batch

answers[i] := decision if {
	some i, item in input.items
	item.operation == "append"
	decision := data.nexus.append.decision with input as item.input
}

answers[i] := decision if {
	some i, item in input.items
	item.operation == "execute"
	decision := data.nexus.execute.decision with input as item.input
}

answers[i] := decision if {
	some i, item in input.items
	item.operation == "register_schema"
	decision := data.nexus.register_schema.decision with input as item.input
}

answers[i] := decision if {
	some i, item in input.items
	item.operation == "update_category"
	decision := data.nexus.update_category.decision with input as item.input
}

answers[i] := decision if {
	some i, item in input.items
	item.operation == "update_compatibility"
	decision := data.nexus.update_compatibility.decision with input as item.input
}

answers[i] := decision if {
	some i, item in input.items
	item.operation == "delete_schema"
	decision := data.nexus.delete_schema.decision with input as item.input
}

answers[i] := decision if {
	some i, item in input.items
	item.operation == "update_registry_mode"
	decision := data.nexus.update_registry_mode.decision with input as item.input
}

answers[i] := decision if {
	some i, item in input.items
	item.operation == "update_validation"
	decision := data.nexus.update_validation.decision with input as item.input
}

answers[i] := decision if {
	some i, item in input.items
	item.operation == "read"
	decision := data.nexus.read.decision with input as item.input
}

answers[i] := decision if {
	some i, item in input.items
	item.operation == "subscribe"
	decision := data.nexus.subscribe.decision with input as item.input
}

answers[i] := decision if {
	some i, item in input.items
	item.operation == "query"
	decision := data.nexus.query.decision with input as item.input
}

answers[i] := decision if {
	some i, item in input.items
	item.operation == "replay"
	decision := data.nexus.replay.decision with input as item.input
}

answers[i] := decision if {
	some i, item in input.items
	item.operation == "admin"
	decision := data.nexus.admin.decision with input as item.input
}

answers[i] := decision if {
	some i, item in input.items
	item.operation == "access_change"
	decision := data.nexus.access_change.decision with input as item.input
}

# How far the rules are enforced, by the same policies that decide here.
answers["enforcement"] := data.nexus.enforcement
