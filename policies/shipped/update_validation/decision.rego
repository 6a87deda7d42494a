# METADATA
# title: May it be changed how the data of this subject's events, or of all, are judged?
# description: |
#   Default deny: a change says what becomes of undeclared fields, and no rule of this package
#   denies it.
# entrypoint: true
package nexus.update_validation

default allow := false

allow if {
	input.operation == "update_validation"
	input.undeclared_fields != ""
}

decision := {"allow": allow, "deny": [denial | some denial in deny]}
