# METADATA
# title: May these versions of a schema be hidden?
# description: |
#   Default deny: a deletion names its subject, and no rule of this package denies it.
# entrypoint: true
package nexus.delete_schema

default allow := false

allow if {
	input.operation == "delete_schema"
	input.subject != ""
}

decision := {"allow": allow, "deny": [denial | some denial in deny]}
