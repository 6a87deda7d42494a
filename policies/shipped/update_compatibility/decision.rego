# METADATA
# title: May the compatibility rules of this subject be changed?
# description: |
#   Default deny: a change names its mode, and no rule of this package denies it.
# entrypoint: true
package nexus.update_compatibility

default allow := false

allow if {
	input.operation == "update_compatibility"
	input.mode != ""
}

decision := {"allow": allow, "deny": [denial | some denial in deny]}
