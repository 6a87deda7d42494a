package nexus.update_category

# Categories that begin with '$' are those of the server's own streams.
deny contains {
	"rule": "reserved_category",
	"message": sprintf("category %q belongs to the server", [input.category]),
} if {
	input.system
}
