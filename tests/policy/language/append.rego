# What a team may write: roles, patterns, numbers, text, and built-ins that fail for some inputs.
# Guards come before built-ins that may fail, and numbers that are divided are small: there OPA's
# compiler differs from OPA (docs/reference/policy-bundle.md, "Where the engines differ").
package nexus.append

decision := {"allow": allow, "deny": [d | some d in deny]}

default allow := false

allow if {
	some role in input.principal.roles
	some grant in data.grants[role]
	glob.match(grant.stream, [], input.stream)
	input.operation in grant.operations
}

deny contains {"rule": "large", "message": message} if {
	input.n > input.limit
	message := sprintf("%d of %v (%s)", [input.n, input.limit, input.stream])
}

deny contains {"rule": "values", "message": message} if {
	input.show == 1
	message := sprintf(
		"%v|%s|%q|%5d|%-4s|%x",
		[input.a, input.b, input.stream, input.n, input.operation, input.n],
	)
}

deny contains {"rule": "float", "message": message} if {
	input.show == 2
	message := sprintf("%v %.2f %e %g", [input.f, input.f, input.f, input.f])
}

deny contains {"rule": "pattern", "message": message} if {
	input.show == 3
	regex.match(`^[a-m]`, input.stream)
	message := concat(",", regex.find_n("[a-c]+", input.stream, -1))
}

deny contains {"rule": "number", "message": message} if {
	input.show == 4
	message := format_int(to_number(input.text) * 2, 10)
}

deny contains {"rule": "sum", "message": message} if {
	input.show == 5
	message := sprintf("%v %v", [sum(input.list), max(input.list)])
}

deny contains {"rule": "parsed", "message": message} if {
	input.show == 6
	message := sprintf("%v", [json.unmarshal(input.text)])
}

deny contains {"rule": "text", "message": message} if {
	input.show == 7
	parts := [
		upper(input.stream),
		trim(input.text, " 1"),
		replace(input.stream, "a", "b"),
		substring(input.stream, 1, 2),
	]
	message := concat("-", parts)
}

deny contains {"rule": "set", "message": message} if {
	input.show == 8
	message := sprintf("%v", [{x | some x in input.list} | {input.n}])
}

deny contains {"rule": "division", "message": message} if {
	input.show == 9
	is_small(input.n)
	is_small(input.limit)
	message := sprintf("%v %v", [input.n / input.limit, input.n % input.limit])
}

is_small(x) if not is_number(x)

is_small(x) if {
	is_number(x)
	abs(x) < 2000000
}

deny contains {"rule": "units", "message": message} if {
	input.show == 10
	message := sprintf("%v", [units.parse_bytes(input.text)])
}

deny contains {"rule": "walk", "message": message} if {
	input.show == 11
	message := sprintf("%v", [count([p | walk(input.a, [p, _])])])
}

deny contains {"rule": "every", "message": "all are numbers"} if {
	input.show == 12
	every x in input.list { is_number(x) }
}

deny contains {"rule": "version", "message": message} if {
	input.show == 13
	message := sprintf("%d", [semver.compare(input.text, "1.2.3")])
}

deny contains {"rule": "split", "message": message} if {
	input.show == 14
	message := sprintf("%v", [split(input.text, ".")])
}

deny contains {"rule": "digest", "message": message} if {
	input.show == 15
	message := crypto.sha256(input.text)
}
