package nexus.register_schema

# Subjects that begin with '$' name the server's own events.
deny contains {
	"rule": "reserved_subject",
	"message": sprintf("subject %q belongs to the server", [input.subject]),
} if {
	startswith(input.subject, "$")
}
