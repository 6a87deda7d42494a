# METADATA
# title: May this commit be appended?
package nexus.append

default allow := false

allow if {
	count(input.events) > 0
	count(deny) == 0
}

decision := {"allow": allow, "deny": [denial | some denial in deny]}
