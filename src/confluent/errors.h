#pragma once

// Errors as clients of Confluent's registry know them: an HTTP status and a body with an
// `error_code`. docs/reference/confluent-api.md has the table.

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "http/route.h"

namespace nexus::confluent {

enum class ErrorCode : int {
  kUnauthorized = 40101,
  kForbidden = 40301,
  kNoPage = 404,
  kNoMethod = 405,
  kNoSubject = 40401,
  kNoVersion = 40402,
  kNoSchema = 40403,
  kSubjectSoftDeleted = 40404,
  kSubjectNotSoftDeleted = 40405,
  kVersionSoftDeleted = 40406,
  kVersionNotSoftDeleted = 40407,
  kNoCompatibility = 40408,
  kNoMode = 40409,
  kIncompatible = 40901,
  kInvalidRequest = 422,
  kInvalidSchema = 42201,
  kInvalidVersion = 42202,
  kInvalidLevel = 42203,
  kInvalidMode = 42204,
  kNotPermitted = 42205,
  kReferenceExists = 42206,
  kIdMismatch = 42207,
  kInvalidSubject = 42208,
  kTooLarge = 42209,
  kTooManyRequests = 42901,
  kStore = 50001,
  kTimeout = 50002,
};

// The HTTP status is the first three digits of the code.
http::Response Failure(ErrorCode code, absl::string_view message);

// Of a status that is not OK; `not_found` is what NOT_FOUND means in the call.
http::Response FailureOf(const absl::Status& status, ErrorCode not_found = ErrorCode::kNoSubject);

}  // namespace nexus::confluent
