package nexus.append

# An event has a registered schema unless the settings of its category make schemas optional.
deny contains {
	"rule": "registered_schema_required",
	"message": sprintf(
		"event type %q has no registered schema and category %q requires one",
		[event.type, event.category],
	),
} if {
	some event in input.events
	not event.schema.registered
	event.schema.required
}
