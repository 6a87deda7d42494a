# METADATA
# title: May this be done to the server?
# description: |
#   Default deny: the caller says what is to be done, and no rule of this package denies it.
# entrypoint: true
package nexus.admin

default allow := false

allow if {
	input.operation == "admin"
	input.action != ""
}

decision := {"allow": allow, "deny": [denial | some denial in deny]}
