package nexus.delete_schema

# METADATA
# title: Records stay readable
# description: |
#   An event whose schema is gone for good cannot be checked or read as it was meant while it must
#   be kept.
# custom:
#   rule: hipaa_schemas_stay_readable
#   control: 45 CFR 164.312(c)(1), 164.316(b)(2)
deny contains {
	"rule": "hipaa_schemas_stay_readable",
	"message": sprintf("versions of %q are not deleted for good: events need them", [input.subject]),
} if {
	input.permanent
}
