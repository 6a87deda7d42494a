package nexus.update_validation

# Subjects that begin with '$' are those of the server's own events.
deny contains {
	"rule": "reserved_subject",
	"message": sprintf("subject %q belongs to the server", [input.subject]),
} if {
	startswith(input.subject, "$")
}
