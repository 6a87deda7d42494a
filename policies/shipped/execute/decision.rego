# METADATA
# title: May this command be executed?
# description: |
#   Asked before the domain's code is. What the command decides upon is asked about as an append of
#   the same caller. Default deny: whoever calls says what is wanted, and no rule of this package
#   denies it.
# entrypoint: true
package nexus.execute

default allow := false

allow if {
	input.operation == "execute"
	input.command.type != ""
}

decision := {"allow": allow, "deny": [denial | some denial in deny]}
