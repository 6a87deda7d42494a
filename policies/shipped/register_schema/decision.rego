# METADATA
# title: May this version of a schema be registered?
# description: |
#   Default deny: a registration names its subject, and no rule of this package denies it.
# entrypoint: true
package nexus.register_schema

default allow := false

allow if {
	input.operation == "register_schema"
	input.subject != ""
}

decision := {"allow": allow, "deny": [denial | some denial in deny]}
