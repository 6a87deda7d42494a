#pragma once

// What a route is: which events, to which sink, in which form, and what happens to those that the
// sink does not take. docs/reference/routes.md has the JSON form, member by member.
//
// Values; thread-safe as such.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/position.h"
#include "nexus/port/json_reader.h"
#include "route/declaration/transform_declaration.h"

namespace nexus::route {

inline constexpr size_t kRouteNameBytesMax = 64;
inline constexpr size_t kDeclarationBytesMax = 64 << 10;

enum class PathMatch { kAny, kCritical, kStandard };

// An event is meant if it fits every list that is not empty.
struct RouteMatch {
  // A name, or a prefix and '*'; empty: all but the server's own.
  std::vector<std::string> categories = {};
  std::vector<std::string> types = {};                             // the same
  std::vector<std::string> tags = {};                              // one of them
  std::vector<std::pair<std::string, std::string>> metadata = {};  // all of them
  PathMatch path = PathMatch::kAny;

  friend bool operator==(const RouteMatch&, const RouteMatch&) = default;
};

struct SinkDeclaration {
  std::string kind;             // "jsonl", "kafka", ...: whoever makes sinks knows which
  std::string settings = "{}";  // canonical JSON, an object

  friend bool operator==(const SinkDeclaration&, const SinkDeclaration&) = default;
};

enum class EventFormat {
  kCloudEventsBinary,
  kCloudEventsStructured,
  kRaw,
  kConfluent,        // the id of the schema before the data
  kConfluentHeader,  // the guid of the schema in a header
};

// What the broker keeps together.
struct KeySource {
  enum class From { kStream, kCorrelation, kMetadata };
  From from = From::kStream;
  std::string name;  // of a metadata key

  friend bool operator==(const KeySource&, const KeySource&) = default;
};

// Where a route without a checkpoint begins.
struct StartAt {
  enum class From { kBeginning, kNow, kPosition, kTime };
  From from = From::kBeginning;
  Position position;  // the first that is looked at
  Timestamp time;     // events recorded then or later

  friend bool operator==(const StartAt&, const StartAt&) = default;
};

enum class DeadLetterPolicy { kParkLane, kSkipAhead };

// Why an event did not reach its sink, as Sink::Delivered says. Where nexusd itself could make no
// message of it, by the route's transform or format, that is kTransform; where it was not governed,
// kUnstamped. Neither changes with time.
enum class ErrorClass {
  kTooLarge,
  kUnroutable,
  kForbidden,
  kMalformed,
  kTransform,
  kUnstamped,
  kOther
};
inline constexpr size_t kErrorClasses = 7;

enum class ErrorAction {
  kRetry,   // some attempts, then as the dead-letter policy says
  kPerson,  // at once as the dead-letter policy says
  kSkip,    // written down as skipped; the lane goes on
};

// "too-large" and so on.
absl::string_view ErrorClassName(ErrorClass error);
std::optional<ErrorClass> ParseErrorClass(absl::string_view name);

struct ErrorRules {
  std::array<ErrorAction, kErrorClasses> actions = {};

  ErrorRules() {
    (*this)[ErrorClass::kTransform] = ErrorAction::kPerson;
    (*this)[ErrorClass::kUnstamped] = ErrorAction::kPerson;
  }
  ErrorAction& operator[](ErrorClass error) { return actions[static_cast<size_t>(error)]; }
  ErrorAction operator[](ErrorClass error) const { return actions[static_cast<size_t>(error)]; }

  friend bool operator==(const ErrorRules&, const ErrorRules&) = default;
};

struct RetrySettings {
  uint64_t attempts = 5;
  uint64_t base_ms = 100;
  uint64_t max_ms = 1'000;

  friend bool operator==(const RetrySettings&, const RetrySettings&) = default;
};

struct RouteBounds {
  uint64_t pending_events = 4'096;
  uint64_t pending_bytes = 16 << 20;
  uint64_t in_flight_per_stream = 256;

  friend bool operator==(const RouteBounds&, const RouteBounds&) = default;
};

struct RouteDeclaration {
  std::string name;  // [a-z0-9-]+
  std::string comment;
  RouteMatch match;
  SinkDeclaration sink;
  EventFormat format = EventFormat::kCloudEventsBinary;
  KeySource key;
  StartAt start;
  DeadLetterPolicy dead_letters = DeadLetterPolicy::kParkLane;
  ErrorRules on_error;
  RetrySettings retry;
  RouteBounds bounds;
  std::optional<TransformDeclaration> transform;  // of the data that goes out
  std::optional<bool> paused;                     // nothing: as it was; a new route runs

  friend bool operator==(const RouteDeclaration&, const RouteDeclaration&) = default;
};

// Reads one strictly. MALFORMED_REQUEST with the JSON pointer of what is wrong: unknown members
// too.
absl::StatusOr<RouteDeclaration> ParseRoute(absl::string_view text, JsonReader& json);

// All members in a fixed order, defaults written out; reads back as the same declaration.
std::string RouteText(const RouteDeclaration& route);

// SHA-256 of that in hexadecimal, `paused` left out: it is a state.
std::string RouteRevision(const RouteDeclaration& route);

}  // namespace nexus::route
