# Who may append what: the policy that the embedded engine is measured with.
package nexus.append

default allow := false

allow if {
	input.operation == "append"
	count(input.events) > 0
	count(deny) == 0
}

decision := {"allow": allow, "deny": [denial | some denial in deny]}

# What the caller's roles grant, by category.
granted contains category if {
	some role in input.principal.roles
	some grant in data.roles[role]
	"append" in grant.operations
	some category in grant.categories
}

may_write(category) if category in granted

may_write(_) if "*" in granted

deny contains {
	"rule": "role_required",
	"message": sprintf("%s may not append to category %q", [input.principal.name, event.category]),
} if {
	some event in input.events
	not may_write(event.category)
}

# Streams that begin with '$' are written by the server alone.
deny contains {
	"rule": "system_streams_are_the_servers",
	"message": sprintf("stream %q belongs to the server", [stream.name]),
} if {
	some stream in input.streams
	stream.system
}

deny contains {
	"rule": "registered_schema_required",
	"message": sprintf("event type %q has no registered schema", [event.type]),
} if {
	some event in input.events
	event.schema.required
	not event.schema.registered
}

deny contains {
	"rule": "critical_event_needs_owner",
	"message": sprintf("event %d is critical and has no metadata.owner", [event.first_index]),
} if {
	some event in input.events
	event.routing.criticality == "high"
	object.get(event.metadata, "owner", "") == ""
}
