#include "schema/json/compat/rule_fixes.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace nexus::schema {
namespace {

struct Row {
  absl::string_view begin;  // of the rule's name; the first that fits holds
  absl::string_view fix;
};

constexpr Row kRows[] = {
    {"TYPE_CHANGE_REQUIRES_NEW_EVENT_TYPE",
     "Keep the type, or register a new event type for the new shape."},
    {"FIELD_RETURNED_WITH_OTHER_TYPE", "Give the field a name that no version has had."},
    {"NEW_FIELD_NOT_ALLOWED", "Leave the field out, or let the subject allow_new_fields."},
    {"NEW_FIELD_WITHOUT_DEFAULT", "Add a \"default\" that the field's schema accepts."},
    {"REQUIRED_FIELD_REMOVED", "Make the field optional in one version and remove it in the next."},
    {"FIELD_REMOVED", "Keep the field, or let the subject allow_field_removal."},
    {"REQUIRED_", "Leave the field out of \"required\"."},
    {"OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL",
     "Declare the field with the schema true, or use the policy NEXUS or LENIENT."},
    {"PROPERTY_ADDED_NOT_COVERED", "Let the field accept what additionalProperties accepts."},
    {"PROPERTY_REMOVED_FROM_CLOSED", "Keep the field, or allow additionalProperties."},
    {"PROPERTY_REMOVED_NOT_COVERED", "Let additionalProperties accept what the field accepted."},
    {"PATTERN_PROPERTY_ADDED", "Leave the pattern out; name the fields as properties."},
    {"ADDITIONAL_PROPERTIES_", "Accept additional properties as before."},
    {"ADDITIONAL_ITEMS_", "Accept further items as before."},
    {"ITEM_", "Accept at this place what was accepted before."},
    {"TYPE_NARROWED", "Keep every type that was accepted."},
    {"TYPE_CHANGED", "Keep the type, or register a new event type."},
    {"ENUM_ARRAY_", "Keep every value that was accepted; new ones may be added."},
    {"VALUE_NO_LONGER_ACCEPTED", "Keep every value that was accepted."},
    {"MULTIPLE_OF_", "Keep the step, or take a divisor of it."},
    {"FORMAT_", "Keep the format, or remove it."},
    {"PATTERN_", "Keep the pattern, or remove it."},
    {"UNIQUE_ITEMS_ADDED", "Leave uniqueItems out."},
    {"DEPENDENCY_", "Leave the dependency as it was."},
    {"SUM_TYPE_NARROWED", "Keep every alternative; new ones may be added."},
    {"COMBINED_TYPE_", "Keep the alternatives, or add new ones that exclude the earlier."},
    {"NOT_TYPE_EXTENDED", "Let \"not\" refuse no more than before."},
    {"UNDECIDED", "Undo the change here, or judge it yourself and register with the mode NONE."},
};

}  // namespace

std::string FixFor(absl::string_view rule, absl::string_view old_value) {
  if (absl::EndsWith(rule, "_INCREASED") || absl::EndsWith(rule, "_DECREASED")) {
    return absl::StrCat("Keep ", old_value, ", or loosen it.");
  }
  for (const Row& row : kRows) {
    if (absl::StartsWith(rule, row.begin)) return std::string(row.fix);
  }
  return "Leave the limit out.";  // ..._ADDED
}

}  // namespace nexus::schema
