#pragma once

// The events of the stream `$routes`, byte for byte: docs/reference/routes.md. Who did it and when
// stand on the event itself.

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/position.h"
#include "nexus/port/json_reader.h"
#include "route/declaration/classification.h"
#include "route/declaration/route_declaration.h"

namespace nexus::route {

inline constexpr absl::string_view kRouteDeclaredType = "$route-declared";
inline constexpr absl::string_view kRouteRemovedType = "$route-removed";
inline constexpr absl::string_view kRoutePausedType = "$route-paused";
inline constexpr absl::string_view kRouteResumedType = "$route-resumed";
inline constexpr absl::string_view kReplayStartedType = "$route-replay-started";
inline constexpr absl::string_view kReplayEndedType = "$route-replay-ended";

enum class RouteChange {
  kDeclared,
  kRemoved,
  kPaused,
  kResumed,
  kReplayStarted,
  kReplayEnded,
  kClassified,
};

struct RouteEvent {
  RouteChange change = RouteChange::kDeclared;
  std::string name = {};                       // of the route; empty for a classification
  std::optional<RouteDeclaration> route = {};  // of kDeclared
  bool restart = false;                        // of kDeclared: it begins anew, where it says
  Position from = {};                          // of kReplayStarted: the first
  Position to = {};                            // ... and the last that is delivered again
  uint64_t replay = 0;                         // of kReplayEnded: which
  std::string outcome = {};                    // of kReplayEnded
  std::optional<CriticalityRules> rules = {};  // of kClassified
  std::string comment = {};
};

absl::string_view TypeOf(RouteChange change);
std::string EncodeRouteEvent(const RouteEvent& event);

// UNSUPPORTED_FORMAT for a type that is not known, DATA_LOSS for data that is not such an event:
// rules that are half understood must not decide.
absl::StatusOr<RouteEvent> DecodeRouteEvent(absl::string_view type, absl::string_view data,
                                            JsonReader& json);

}  // namespace nexus::route
