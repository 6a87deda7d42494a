# METADATA
# title: May these events be read?
# description: |
#   Asked once, before anything is read. Default deny: whoever calls says what is wanted, and no
#   rule of this package denies it.
# entrypoint: true
package nexus.read

default allow := false

allow if {
	input.operation == "read"
	input.call != ""
}

decision := {"allow": allow, "deny": [denial | some denial in deny]}
