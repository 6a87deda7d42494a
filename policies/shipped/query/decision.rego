# METADATA
# title: May events be read by their time?
# description: |
#   Asked once, before anything is read. Default deny: whoever calls says what is wanted, and no
#   rule of this package denies it.
# entrypoint: true
package nexus.query

default allow := false

allow if {
	input.operation == "query"
	input.call != ""
}

decision := {"allow": allow, "deny": [denial | some denial in deny]}
