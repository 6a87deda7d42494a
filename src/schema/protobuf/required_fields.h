#pragma once

#include <google/protobuf/message.h>

#include <cstddef>
#include <vector>

#include "nexus/core/errors.h"

namespace nexus::schema {

// Up to `violations_max` of the required fields that `message` does not have.
std::vector<Violation> FindMissingFields(const google::protobuf::Message& message,
                                         size_t violations_max);

}  // namespace nexus::schema
