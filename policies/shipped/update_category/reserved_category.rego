package nexus.update_category

# METADATA
# title: The server's categories keep their settings
# description: |
#   Categories that begin with '$' hold the server's own events.
# custom:
#   rule: reserved_category
deny contains {
	"rule": "reserved_category",
	"message": sprintf("category %q belongs to the server", [input.category]),
} if {
	input.system
}
