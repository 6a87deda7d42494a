#include "schema/protobuf/compat/finding_fixes.h"

#include "absl/strings/match.h"

namespace nexus::schema {
namespace {

struct FixRow {
  absl::string_view begin;  // of the rule's name; the first that fits holds
  absl::string_view fix;
};

constexpr FixRow kFixes[] = {
    {"TYPE_CHANGE_REQUIRES_NEW_EVENT_TYPE",
     "Keep the type and add a field with a new number, or register a new event type."},
    {"FIELD_RETURNED_", "Give the field a number and a name that no version has had."},
    {"NEW_FIELD_NOT_ALLOWED", "Leave the field out, or let the subject allow_new_fields."},
    {"NEW_FIELD_WITHOUT_DEFAULT", "Declare the field as optional."},
    {"FIELD_REMOVED", "Keep the field, or let the subject allow_field_removal and reserve it."},
    {"FIELD_NUMBER_NOT_RESERVED", "Add the field's number to a reserved statement of its message."},
    {"FIELD_NAME_NOT_RESERVED", "Add the field's name to a reserved statement of its message."},
    {"FIELD_RENAMED", "Keep the name, or add a field with a new number."},
    {"FIELD_JSON_NAME_CHANGED", "Give the field the json_name that it had."},
    {"FIELD_CARDINALITY_CHANGED", "Keep the label, or add a field with a new number."},
    {"FIELD_NUMERIC_LABEL_CHANGED", "Keep the label, or add a field with a new number."},
    {"FIELD_ONEOF_CHANGED", "Leave the field where it was."},
    {"FIELD_MOVED_TO_EXISTING_ONEOF", "Leave the field outside the oneof."},
    {"MULTIPLE_FIELDS_MOVED_TO_ONEOF", "Move at most one field into a new oneof."},
    {"ONEOF_FIELD_REMOVED", "Keep the field in the oneof."},
    {"FIELD_DEFAULT_CHANGED", "Give the field the default that it had."},
    {"FIELD_", "Keep the type, or add a field with a new number."},
    {"REQUIRED_FIELD_ADDED", "Declare the field as optional."},
    {"REQUIRED_FIELD_REMOVED", "Make the field optional in one version and remove it in the next."},
    {"REQUIRED_ENUM_NARROWED", "Keep every value that the enum had."},
    {"PACKAGE_CHANGED", "Keep the package."},
    {"SYNTAX_CHANGED", "Keep the syntax."},
    {"EVENT_MESSAGE_CHANGED", "Keep the message that is first; put new ones behind it."},
    {"MESSAGE_REMOVED", "Keep the message."},
    {"ENUM_VALUE_REMOVED", "Keep the value, or reserve its number and its name."},
    {"ENUM_VALUE_RENAMED", "Keep the name; a second name of a number needs allow_alias."},
    {"ENUM_VALUE_NUMBER_CHANGED", "Give the value the number that it had."},
    {"ENUM_VALUE_ADDED", "Leave the value out until every reader knows it."},
    {"ENUM_VALUE_RETURNED", "Give the value a number that no version has had."},
    {"ENUM_DEFAULT_CHANGED", "Let the first value stay the first."},
    {"ENUM_REMOVED", "Keep the enum."},
};

}  // namespace

std::string ProtobufFixFor(absl::string_view rule) {
  for (const FixRow& row : kFixes) {
    if (absl::StartsWith(rule, row.begin)) return std::string(row.fix);
  }
  return "Undo the change here.";
}

}  // namespace nexus::schema
