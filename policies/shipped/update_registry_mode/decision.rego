# METADATA
# title: May the mode of this subject, or of the registry, be changed?
# description: |
#   Default deny: a change names its mode, and no rule of this package denies it.
# entrypoint: true
package nexus.update_registry_mode

default allow := false

allow if {
	input.operation == "update_registry_mode"
	input.mode != ""
}

decision := {"allow": allow, "deny": [denial | some denial in deny]}
