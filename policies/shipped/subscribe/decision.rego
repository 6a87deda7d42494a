# METADATA
# title: May these events be subscribed to?
# description: |
#   Asked once, before anything is read. Default deny: whoever calls says what is wanted, and no
#   rule of this package denies it.
# entrypoint: true
package nexus.subscribe

default allow := false

allow if {
	input.operation == "subscribe"
	input.call != ""
}

decision := {"allow": allow, "deny": [denial | some denial in deny]}
