#include "schema/protobuf/compat/enum_rules.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace nexus::schema {
namespace {

namespace pb = google::protobuf;

std::string ValueText(const pb::EnumValueDescriptor& value) {
  return absl::StrCat(value.name(), " = ", value.number());
}

// A name that is gone. Its number may have other names.
void CheckGoneName(const pb::EnumValueDescriptor& value, const pb::EnumDescriptor& to,
                   const ElementPaths& paths, ProtobufFindings& findings) {
  const std::string path = paths.Of(to, value.number());
  const pb::EnumValueDescriptor* other = to.FindValueByNumber(value.number());
  if (other != nullptr && value.type()->FindValueByName(other->name()) == nullptr) {
    findings.Add("ENUM_VALUE_RENAMED", path, value.name(), other->name(),
                 absl::StrCat("the value ", value.number(), " was ", value.name(), " and is ",
                              other->name()));
    return;
  }
  const bool number_kept = other != nullptr || to.IsReservedNumber(value.number());
  if (number_kept && to.IsReservedName(value.name())) return;
  findings.Add("ENUM_VALUE_REMOVED", path, ValueText(value), "",
               absl::StrCat("the value ", value.name(),
                            " is gone, and its number and name are not ", "both reserved"));
}

}  // namespace

void CheckEnumValues(const pb::EnumDescriptor& from, const pb::EnumDescriptor& to, bool forward,
                     const ElementPaths& paths, ProtobufFindings& findings) {
  for (int i = 0; i < from.value_count(); ++i) {
    const pb::EnumValueDescriptor& value = *from.value(i);
    const pb::EnumValueDescriptor* same = to.FindValueByName(value.name());
    if (same == nullptr) {
      CheckGoneName(value, to, paths, findings);
    } else if (same->number() != value.number()) {
      findings.Add("ENUM_VALUE_NUMBER_CHANGED", paths.Of(to, same->number()), ValueText(value),
                   ValueText(*same),
                   absl::StrCat("the value ", value.name(), " was ", value.number(), " and is ",
                                same->number()));
    }
  }
  if (from.value(0)->number() != to.value(0)->number()) {
    findings.Add("ENUM_DEFAULT_CHANGED", paths.OfType(to), ValueText(*from.value(0)),
                 ValueText(*to.value(0)),
                 absl::StrCat("the first value of ", to.name(), ", its default, is another"));
  }
  const bool closed = from.file()->syntax() != pb::FileDescriptor::SYNTAX_PROTO3;
  if (!forward || !closed) return;
  for (int i = 0; i < to.value_count(); ++i) {
    const pb::EnumValueDescriptor& value = *to.value(i);
    if (from.FindValueByNumber(value.number()) != nullptr) continue;
    findings.Add(
        "ENUM_VALUE_ADDED", paths.Of(to, value.number()), "", ValueText(value),
        absl::StrCat("readers of the earlier version do not see the value ", value.name()));
  }
}

void CheckReturnedValues(const pb::EnumDescriptor& earlier, const pb::EnumDescriptor* latest,
                         const pb::EnumDescriptor& to, const ElementPaths& paths,
                         ProtobufFindings& findings) {
  for (int i = 0; i < to.value_count(); ++i) {
    const pb::EnumValueDescriptor& value = *to.value(i);
    if (latest != nullptr && latest->FindValueByNumber(value.number()) != nullptr) continue;
    const pb::EnumValueDescriptor* before = earlier.FindValueByNumber(value.number());
    if (before == nullptr) continue;
    const pb::EnumValueDescriptor* same = earlier.FindValueByName(value.name());
    if (same != nullptr && same->number() == value.number()) continue;
    findings.Add("ENUM_VALUE_RETURNED_WITH_OTHER_NAME", paths.Of(to, value.number()),
                 ValueText(*before), ValueText(value),
                 absl::StrCat("the number ", value.number(), " of ", to.name(),
                              " comes back with another name"));
  }
}

}  // namespace nexus::schema
