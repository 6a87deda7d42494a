package nexus.append

# METADATA
# title: The server's streams are written by the server
# description: |
#   Streams that begin with '$' hold schemas, settings and denials. Only the server writes them.
# custom:
#   rule: system_streams_are_the_servers
deny contains {
	"rule": "system_streams_are_the_servers",
	"message": sprintf("stream %q belongs to the server", [stream.name]),
} if {
	some stream in input.streams
	stream.system
}
