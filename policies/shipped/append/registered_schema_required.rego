package nexus.append

# METADATA
# title: Events have a registered schema
# description: |
#   Readers can rely on the shape of an event only if it was registered and checked. The settings of
#   a category may make schemas optional.
# custom:
#   rule: registered_schema_required
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
