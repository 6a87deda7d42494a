# METADATA
# title: May the settings of this category be changed?
# description: |
#   Default deny: a change names its category, and no rule of this package denies it.
# entrypoint: true
package nexus.update_category

default allow := false

allow if {
	input.operation == "update_category"
	input.category != ""
}

decision := {"allow": allow, "deny": [denial | some denial in deny]}
