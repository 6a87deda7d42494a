#pragma once

// The words of declarations.

#include <utility>

#include "absl/strings/string_view.h"
#include "route/declaration/route_declaration.h"

namespace nexus::route {

inline constexpr std::pair<PathMatch, absl::string_view> kPathNames[] = {
    {PathMatch::kAny, "any"},
    {PathMatch::kCritical, "critical"},
    {PathMatch::kStandard, "standard"}};

inline constexpr std::pair<EventFormat, absl::string_view> kFormatNames[] = {
    {EventFormat::kCloudEventsBinary, "cloudevents-binary"},
    {EventFormat::kCloudEventsStructured, "cloudevents-structured"},
    {EventFormat::kRaw, "raw"},
    {EventFormat::kConfluent, "confluent"},
    {EventFormat::kConfluentHeader, "confluent-header"}};

inline constexpr std::pair<DeadLetterPolicy, absl::string_view> kPolicyNames[] = {
    {DeadLetterPolicy::kParkLane, "park-lane"}, {DeadLetterPolicy::kSkipAhead, "skip-ahead"}};

inline constexpr std::pair<ErrorClass, absl::string_view> kErrorNames[] = {
    {ErrorClass::kTooLarge, "too-large"},  {ErrorClass::kUnroutable, "unroutable"},
    {ErrorClass::kForbidden, "forbidden"}, {ErrorClass::kMalformed, "malformed"},
    {ErrorClass::kTransform, "transform"}, {ErrorClass::kUnstamped, "unstamped"},
    {ErrorClass::kOther, "other"}};

inline constexpr std::pair<ErrorAction, absl::string_view> kActionNames[] = {
    {ErrorAction::kRetry, "retry"}, {ErrorAction::kPerson, "person"}, {ErrorAction::kSkip, "skip"}};

}  // namespace nexus::route
