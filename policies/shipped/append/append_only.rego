package nexus.append

# METADATA
# title: History is only appended to
# description: |
#   History is written once: nothing is changed, truncated or removed through the door of appends.
# custom:
#   rule: append_only
deny contains {
	"rule": "append_only",
	"message": sprintf("operation %q is not an append; history is never rewritten", [input.operation]),
} if {
	input.operation != "append"
}
