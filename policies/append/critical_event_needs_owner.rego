package nexus.append

# Critical events take the expensive broker. Whoever is asked to pay for it must be named.
deny contains {
	"rule": "critical_event_needs_owner",
	"message": sprintf(
		"event %d (%s) declares criticality high: name who owns it in metadata.owner",
		[event.first_index, event.type],
	),
} if {
	some event in input.events
	event.routing.criticality == "high"
	object.get(event.metadata, "owner", "") == ""
}
