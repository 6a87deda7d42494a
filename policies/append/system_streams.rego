package nexus.append

# Streams that begin with '$' hold schemas, settings and denials. Only the server writes them.
deny contains {
	"rule": "system_streams_are_the_servers",
	"message": sprintf("stream %q belongs to the server", [stream.name]),
} if {
	some stream in input.streams
	stream.system
}
