# METADATA
# title: May this token, role or binding be changed?
# description: |
#   Default deny: the caller says what is to be done, and no rule of this package denies it.
# entrypoint: true
package nexus.access_change

default allow := false

allow if {
	input.operation == "access_change"
	input.action != ""
}

decision := {"allow": allow, "deny": [denial | some denial in deny]}
