package nexus.append

# METADATA
# title: A service writes to its own streams
# description: |
#   Services that write into each other's streams are coupled as if they called each other. One
#   publishes what happened in streams that it owns, and who needs it subscribes. A command to
#   another service is the exception, which the service graph declares (`sends`).
# custom:
#   rule: service_writes_its_own_streams
deny contains {
	"rule": "service_writes_its_own_streams",
	"message": sprintf(
		"service %q may not append %s to category %q, which is not its own: %s",
		[service, event.type, event.category, advice],
	),
} if {
	some service in callers_services
	some event in input.events
	not writes_to(service, event)
}

# METADATA
# title: What a service owns is written by it alone
# description: |
#   A category that the service graph gives to a service takes no events from who is no service of
#   the graph: else its owner could not answer for what is in it.
# custom:
#   rule: owned_streams_are_the_owners
deny contains {
	"rule": "owned_streams_are_the_owners",
	"message": sprintf(
		"category %q belongs to service %q, and %q is no service of the graph",
		[event.category, owner, input.principal.name],
	),
} if {
	count(callers_services) == 0
	some event in input.events
	some owner, service in data.nexus.graph.services
	event.category in service.owns
}

advice := "publish it in a category of its own, or declare the edge (sends)"

# The services that the caller speaks for.
callers_services contains name if {
	some name, service in data.nexus.graph.services
	input.principal.name in service.principals
}

writes_to(service, event) if event.category in data.nexus.graph.services[service].owns

writes_to(service, event) if event.type in data.nexus.graph.services[service].sends[event.category]
