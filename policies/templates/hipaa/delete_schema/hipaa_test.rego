package nexus.hipaa_delete_schema_test

import data.nexus.delete_schema

test_a_version_may_be_hidden_but_not_deleted_for_good if {
	question := {"subject": "Result", "version": 1, "permanent": false}
	count(delete_schema.deny) == 0 with input as question
	denials := delete_schema.deny with input as object.union(question, {"permanent": true})
	{denial.rule | some denial in denials} == {"hipaa_schemas_stay_readable"}
}
