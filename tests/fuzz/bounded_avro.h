#pragma once

#include "schema/avro/avro_schema_validator.h"

namespace nexus::fuzz {

// Bounds that keep a hostile input from being a slow one.
inline schema::AvroOptions BoundedAvro() {
  schema::AvroOptions options;
  options.datum.steps_max = 100'000;
  options.datum.empty_items_max = 1'000;
  options.datum.output_bytes_max = 1 << 20;
  return options;
}

}  // namespace nexus::fuzz
