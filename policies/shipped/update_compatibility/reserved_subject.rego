package nexus.update_compatibility

# METADATA
# title: The server's subjects are not changed by clients
# description: |
#   Subjects that begin with '$' are those of the server's own events.
# custom:
#   rule: reserved_subject
deny contains {
	"rule": "reserved_subject",
	"message": sprintf("subject %q belongs to the server", [input.subject]),
} if {
	startswith(input.subject, "$")
}
