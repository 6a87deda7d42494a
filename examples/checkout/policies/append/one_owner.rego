package nexus.append

# Who writes where: a service keeps to the streams of its own domain.
owners := {"order": "orders", "invoice": "billing", "parcel": "shipping"}

deny contains {
	"rule": "one_owner",
	"message": sprintf(
		"%s belongs to %s, not to %s",
		[stream.name, owners[category], input.principal.name],
	),
} if {
	some stream in input.streams
	category := split(stream.name, "-")[0]
	owners[category] != input.principal.name
}
