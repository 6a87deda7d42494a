#pragma once

// Early return on error. (Debian 12's Abseil carries no such macros.)
//
//   NEXUS_RETURN_IF_ERROR(Flush());
//   NEXUS_ASSIGN_OR_RETURN(const Page page, Read(cursor));

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define NEXUS_RETURN_IF_ERROR(expr)                                                     \
  do {                                                                                  \
    if (absl::Status nexus_status_ = (expr); !nexus_status_.ok()) return nexus_status_; \
  } while (false)

#define NEXUS_STATUS_CONCAT_INNER(a, b) a##b
#define NEXUS_STATUS_CONCAT(a, b) NEXUS_STATUS_CONCAT_INNER(a, b)

#define NEXUS_ASSIGN_OR_RETURN(lhs, expr) \
  NEXUS_ASSIGN_OR_RETURN_IMPL(NEXUS_STATUS_CONCAT(nexus_or_, __LINE__), lhs, expr)

#define NEXUS_ASSIGN_OR_RETURN_IMPL(result, lhs, expr) \
  auto result = (expr);                                \
  if (!result.ok()) return std::move(result).status(); \
  lhs = *std::move(result)
