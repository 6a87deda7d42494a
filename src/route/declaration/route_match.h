#pragma once

// Whether an event is meant for a route, and under which key it goes. Pure.

#include "absl/strings/string_view.h"
#include "nexus/core/event.h"
#include "route/declaration/criticality.h"
#include "route/declaration/route_declaration.h"

namespace nexus::route {

// An event of a stream of the server ('$') is meant only where its category is named.
bool Matches(const RouteMatch& match, const RecordedEvent& event, Path path);

// Why not, in a few words; empty: it matches.
std::string WhyNot(const RouteMatch& match, const RecordedEvent& event, Path path);

// A view into `event`; the stream where the event has no such value.
absl::string_view KeyOf(const KeySource& key, const RecordedEvent& event);

}  // namespace nexus::route
