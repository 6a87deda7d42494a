#include "schema/protobuf/compat/oneof_rules.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace nexus::schema {
namespace {

namespace pb = google::protobuf;
using FieldPair = std::pair<const pb::FieldDescriptor*, const pb::FieldDescriptor*>;

const pb::OneofDescriptor* OneofByName(const pb::Descriptor& message, const std::string& name) {
  for (int i = 0; i < message.real_oneof_decl_count(); ++i) {
    if (message.oneof_decl(i)->name() == name) return message.oneof_decl(i);
  }
  return nullptr;
}

// The oneof of `from` that goes on as `oneof`: the one of its name, else the one that a field comes
// from.
const pb::OneofDescriptor* Predecessor(const pb::Descriptor& from, const pb::OneofDescriptor& oneof,
                                       const std::vector<FieldPair>& common) {
  const pb::OneofDescriptor* same = OneofByName(from, oneof.name());
  if (same != nullptr) return same;
  for (const auto& [before, after] : common) {
    if (before->real_containing_oneof() != nullptr) return before->real_containing_oneof();
  }
  return nullptr;
}

void CheckNewOneof(const pb::Descriptor& from, const pb::OneofDescriptor& oneof,
                   const ElementPaths& paths, ProtobufFindings& findings) {
  std::vector<FieldPair> common;
  for (int i = 0; i < oneof.field_count(); ++i) {
    const pb::FieldDescriptor* before = from.FindFieldByNumber(oneof.field(i)->number());
    if (before != nullptr) common.emplace_back(before, oneof.field(i));
  }
  const pb::OneofDescriptor* base = Predecessor(from, oneof, common);
  std::vector<FieldPair> moved;
  for (const FieldPair& pair : common) {
    if (pair.first->real_containing_oneof() != base || base == nullptr) moved.push_back(pair);
  }
  if (base == nullptr) {
    if (moved.size() < 2) return;
    findings.Add("MULTIPLE_FIELDS_MOVED_TO_ONEOF", paths.Of(oneof), "",
                 absl::StrCat("oneof ", oneof.name()),
                 absl::StrCat(moved.size(), " fields that could all be set exclude each other in ",
                              oneof.name()));
    return;
  }
  for (const auto& [before, after] : moved) {
    findings.Add(
        "FIELD_MOVED_TO_EXISTING_ONEOF", paths.Of(from, before->number()), before->name(),
        absl::StrCat("oneof ", oneof.name()),
        absl::StrCat("the field ", before->name(), " now excludes the others of ", oneof.name()));
  }
}

void CheckOldOneof(const pb::OneofDescriptor& oneof, const pb::Descriptor& to,
                   const ElementPaths& paths, ProtobufFindings& findings) {
  bool goes_on = OneofByName(to, oneof.name()) != nullptr;
  std::vector<const pb::FieldDescriptor*> removed;
  for (int i = 0; i < oneof.field_count(); ++i) {
    const pb::FieldDescriptor* after = to.FindFieldByNumber(oneof.field(i)->number());
    if (after == nullptr) {
      removed.push_back(oneof.field(i));
    } else if (after->real_containing_oneof() != nullptr) {
      goes_on = true;
    }
  }
  if (!goes_on) return;
  for (const pb::FieldDescriptor* field : removed) {
    findings.Add("ONEOF_FIELD_REMOVED", paths.Of(*oneof.containing_type(), field->number()),
                 FieldText(*field), "",
                 absl::StrCat("the oneof ", oneof.name(), " has lost ", field->name()));
  }
}

}  // namespace

void CheckOneofs(const pb::Descriptor& from, const pb::Descriptor& to, const ElementPaths& paths,
                 ProtobufFindings& findings) {
  for (int i = 0; i < to.real_oneof_decl_count(); ++i) {
    CheckNewOneof(from, *to.oneof_decl(i), paths, findings);
  }
  for (int i = 0; i < from.real_oneof_decl_count(); ++i) {
    CheckOldOneof(*from.oneof_decl(i), to, paths, findings);
  }
}

}  // namespace nexus::schema
