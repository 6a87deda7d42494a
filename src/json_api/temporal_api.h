#pragma once

// GET /api/queries/temporal/{stream}: queries of the past, as QueryService answers them.
// docs/reference/temporal-queries.md.
//
// Thread-safe. The parts must outlive it and the HTTP server that it answers for.

#include "http/guard/guard.h"
#include "http/route.h"
#include "identity/operation.h"
#include "nexus/core/clock.h"
#include "temporal/temporal_queries.h"

namespace nexus::json_api {

struct TemporalApiParts {
  temporal::TemporalQueries& queries;
  const http::Guard& guard;
  Clock& clock;
};

class TemporalApi {
 public:
  explicit TemporalApi(const TemporalApiParts& parts) : parts_(parts) {}

  http::Area Area();

  void Answer(http::Request request, http::Reply reply);

  // What it answers, "METHOD path" with a star for one segment, and what it asks of the caller.
  static constexpr const char* kRoutes[] = {"GET /api/queries/temporal/*",
                                            "GET /api/queries/temporal/*/diff",
                                            "GET /api/queries/temporal/*/history"};
  static constexpr identity::Operation kOperation = identity::Operation::kQuery;

 private:
  const TemporalApiParts parts_;
};

}  // namespace nexus::json_api
