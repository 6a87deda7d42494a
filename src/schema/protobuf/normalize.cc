#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "schema/protobuf/canonical_form.h"

namespace nexus::schema {
namespace {

namespace pb = google::protobuf;

template <typename List, typename Before>
void Sort(List* list, Before before) {
  std::stable_sort(list->pointer_begin(), list->pointer_end(),
                   [&](const auto* a, const auto* b) { return before(*a, *b); });
}

template <typename List>
void SortByName(List* list) {
  Sort(list, [](const auto& a, const auto& b) { return a.name() < b.name(); });
}

template <typename List>
void SortRanges(List* list) {
  Sort(list, [](const auto& a, const auto& b) { return a.start() < b.start(); });
}

// What a field is called in JSON if nothing else is said.
std::string DefaultJsonName(const std::string& name) {
  std::string json;
  bool raise = false;
  for (const char c : name) {
    if (c == '_') {
      raise = true;
      continue;
    }
    json += raise ? absl::ascii_toupper(c) : c;
    raise = false;
  }
  return json;
}

void NormalizeField(pb::FieldDescriptorProto& field) {
  if (field.json_name() == DefaultJsonName(field.name())) field.clear_json_name();
}

void NormalizeEnum(pb::EnumDescriptorProto& type) {
  // The first value is the default; of two names of one number the first is the one that is shown.
  auto* values = type.mutable_value();
  if (!values->empty()) {
    std::stable_sort(values->pointer_begin() + 1, values->pointer_end(),
                     [](const auto* a, const auto* b) { return a->number() < b->number(); });
  }
  SortRanges(type.mutable_reserved_range());
  auto* names = type.mutable_reserved_name();
  std::sort(names->begin(), names->end());
}

bool ExtendsBefore(const pb::FieldDescriptorProto& a, const pb::FieldDescriptorProto& b) {
  return a.extendee() != b.extendee() ? a.extendee() < b.extendee() : a.number() < b.number();
}

void NormalizeMessage(pb::DescriptorProto& type) {
  for (pb::FieldDescriptorProto& field : *type.mutable_field()) NormalizeField(field);
  for (pb::FieldDescriptorProto& field : *type.mutable_extension()) NormalizeField(field);
  for (pb::EnumDescriptorProto& nested : *type.mutable_enum_type()) NormalizeEnum(nested);
  for (pb::DescriptorProto& nested : *type.mutable_nested_type()) NormalizeMessage(nested);
  Sort(type.mutable_field(), [](const auto& a, const auto& b) { return a.number() < b.number(); });
  Sort(type.mutable_extension(), ExtendsBefore);
  SortByName(type.mutable_enum_type());
  SortRanges(type.mutable_reserved_range());
  SortRanges(type.mutable_extension_range());
  auto* names = type.mutable_reserved_name();
  std::sort(names->begin(), names->end());
}

// Imports in order, and their public and weak indexes with them.
void NormalizeImports(pb::FileDescriptorProto& file) {
  std::vector<int> order(static_cast<size_t>(file.dependency_size()));
  for (int i = 0; i < file.dependency_size(); ++i) order[static_cast<size_t>(i)] = i;
  std::sort(order.begin(), order.end(),
            [&](int a, int b) { return file.dependency(a) < file.dependency(b); });
  const auto moved = [&order](const pb::RepeatedField<int>& indexes) {
    std::vector<int> places;
    for (const int index : indexes) {
      places.push_back(
          static_cast<int>(std::find(order.begin(), order.end(), index) - order.begin()));
    }
    std::sort(places.begin(), places.end());
    return places;
  };
  const std::vector<int> public_places = moved(file.public_dependency());
  const std::vector<int> weak_places = moved(file.weak_dependency());
  std::sort(file.mutable_dependency()->begin(), file.mutable_dependency()->end());
  file.mutable_public_dependency()->Assign(public_places.begin(), public_places.end());
  file.mutable_weak_dependency()->Assign(weak_places.begin(), weak_places.end());
}

template <typename Fields>
void KeepFieldDefaults(const Fields& written, Fields& linked) {
  for (int i = 0; i < std::min(written.size(), linked.size()); ++i) {
    if (written[i].has_default_value() && !linked[i].has_default_value()) {
      linked[i].set_default_value(written[i].default_value());
    }
  }
}

// Linking keeps the order of everything.
void KeepMessageDefaults(const pb::DescriptorProto& written, pb::DescriptorProto& linked) {
  KeepFieldDefaults(written.field(), *linked.mutable_field());
  KeepFieldDefaults(written.extension(), *linked.mutable_extension());
  for (int i = 0; i < std::min(written.nested_type_size(), linked.nested_type_size()); ++i) {
    KeepMessageDefaults(written.nested_type(i), *linked.mutable_nested_type(i));
  }
}

}  // namespace

void KeepDefaults(const pb::FileDescriptorProto& written, pb::FileDescriptorProto& linked) {
  KeepFieldDefaults(written.extension(), *linked.mutable_extension());
  for (int i = 0; i < std::min(written.message_type_size(), linked.message_type_size()); ++i) {
    KeepMessageDefaults(written.message_type(i), *linked.mutable_message_type(i));
  }
}

void Normalize(pb::FileDescriptorProto& file) {
  file.clear_name();
  file.clear_source_code_info();
  if (file.syntax().empty()) file.set_syntax("proto2");
  NormalizeImports(file);
  for (pb::DescriptorProto& type : *file.mutable_message_type()) NormalizeMessage(type);
  for (pb::EnumDescriptorProto& type : *file.mutable_enum_type()) NormalizeEnum(type);
  for (pb::FieldDescriptorProto& field : *file.mutable_extension()) NormalizeField(field);
  Sort(file.mutable_extension(), ExtendsBefore);
  SortByName(file.mutable_enum_type());
  SortByName(file.mutable_service());
  for (pb::ServiceDescriptorProto& service : *file.mutable_service()) {
    SortByName(service.mutable_method());
  }
}

}  // namespace nexus::schema
