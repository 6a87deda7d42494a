# METADATA
# title: May this commit be appended?
# description: |
#   Default deny: a commit is allowed only if it is an append of at least one event and no rule of
#   this package denies it. Rules add to `deny`; each has a stable name and says what to do.
# entrypoint: true
package nexus.append

default allow := false

allow if {
	input.operation == "append"
	count(input.events) > 0
}

decision := {"allow": allow, "deny": [denial | some denial in deny]}
