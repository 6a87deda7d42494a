package nexus.append

# METADATA
# title: Critical events name their owner
# description: |
#   Critical events take the expensive broker. Whoever is asked to pay for it must be named.
# custom:
#   rule: critical_event_needs_owner
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
