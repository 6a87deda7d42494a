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
