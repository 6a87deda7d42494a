#pragma once

#include "schema/avro/avro_schema.h"
#include "schema/json/json_document.h"

namespace nexus::schema {

// The logical type that `object` gives to `type`. None where it names none, one that the
// specification does not have, or one that does not fit: all of these are to be ignored.
AvroLogicalType ReadLogicalType(const AvroType& type, JsonElement object);

}  // namespace nexus::schema
