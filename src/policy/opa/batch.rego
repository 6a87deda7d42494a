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
