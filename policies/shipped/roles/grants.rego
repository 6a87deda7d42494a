# METADATA
# title: What the roles of the caller grant
# description: |
#   data.nexus.grants is an object of roles, each with a list of grants:
#   {"writer": [{"operations": ["append", "read"], "categories": ["order"]}]}. A category is a name,
#   "*" for every one but the server's, or "$*" for the server's own.
package nexus.roles

# Without grants nobody is asked for a role.
configured if count(data.nexus.grants) > 0

covered(operation, category) if {
	some granted in categories(operation)
	covers(granted, category)
}

# Whether any role grants the operation, wherever it is about.
allowed(operation) if count(categories(operation)) > 0

# A whole log, less what the filter of the read leaves out.
covered_log(operation) if {
	covered(operation, "any")
	not input.system_events
}

covered_log(operation) if {
	covered(operation, "any")
	covered(operation, "$any")
}

covered_log(operation) if {
	count(input.filter) > 0
	every item in input.filter {
		count(item.categories) > 0
		every category in item.categories {
			covered(operation, category)
		}
	}
}

categories(operation) := {category |
	some role in input.principal.roles
	some grant in data.nexus.grants[role]
	operation in grant.operations
	some category in grant.categories
}

covers(granted, category) if granted == category

covers("*", category) if not startswith(category, "$")

covers("$*", category) if startswith(category, "$")
