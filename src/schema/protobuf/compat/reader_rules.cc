#include "schema/protobuf/compat/reader_rules.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "schema/protobuf/compat/element_text.h"
#include "schema/protobuf/compat/oneof_rules.h"
#include "schema/protobuf/compat/protobuf_findings.h"
#include "schema/protobuf/compat/type_pairs.h"

namespace nexus::schema {
namespace {

namespace pb = google::protobuf;
using Type = pb::FieldDescriptor;

enum class FieldKind { kScalar, kMessage, kGroup, kMap };

FieldKind KindOf(const pb::FieldDescriptor& field) {
  if (field.is_map()) return FieldKind::kMap;
  if (field.type() == Type::TYPE_GROUP) return FieldKind::kGroup;
  return field.type() == Type::TYPE_MESSAGE ? FieldKind::kMessage : FieldKind::kScalar;
}

// Scalars of one group have one form on the wire; readers of the other type get what fits.
int ScalarGroup(const pb::FieldDescriptor& field) {
  switch (field.type()) {
    case Type::TYPE_INT32:
    case Type::TYPE_INT64:
    case Type::TYPE_UINT32:
    case Type::TYPE_UINT64:
    case Type::TYPE_BOOL:
    case Type::TYPE_ENUM:
      return 0;
    case Type::TYPE_SINT32:
    case Type::TYPE_SINT64:
      return 1;
    case Type::TYPE_STRING:
    case Type::TYPE_BYTES:
      return 2;
    case Type::TYPE_FIXED32:
    case Type::TYPE_SFIXED32:
      return 3;
    case Type::TYPE_FIXED64:
    case Type::TYPE_SFIXED64:
      return 4;
    default:
      return 10 + field.type();  // float and double: each its own
  }
}

bool IsClosed(const pb::FieldDescriptor& field) {
  return field.type() == Type::TYPE_ENUM &&
         field.file()->syntax() != pb::FileDescriptor::SYNTAX_PROTO3;
}

// A number that `from` can hold and the closed enum of `to` does not declare, as text; or empty.
std::string LostNumber(const pb::FieldDescriptor& from, const pb::FieldDescriptor& to) {
  if (!IsClosed(to)) return "";
  if (!IsClosed(from)) return "any number";
  for (int i = 0; i < from.enum_type()->value_count(); ++i) {
    const pb::EnumValueDescriptor& value = *from.enum_type()->value(i);
    if (to.enum_type()->FindValueByNumber(value.number()) != nullptr) continue;
    return absl::StrCat(value.name(), " = ", value.number());
  }
  return "";
}

class ReaderCheck {
 public:
  ReaderCheck(const pb::FileDescriptor& from, const pb::FileDescriptor& to,
              const ReaderQuestion& question)
      : from_(from), to_(to), question_(question), paths_(to.package()) {}

  std::vector<CompatibilityFinding> Run();

 private:
  void CheckEvent();
  void CheckMessage(const pb::Descriptor& from, const pb::Descriptor& to);
  void CheckField(const pb::FieldDescriptor& from, const pb::FieldDescriptor& to,
                  const std::string& path);
  void CheckType(const pb::FieldDescriptor& from, const pb::FieldDescriptor& to,
                 const std::string& path);
  void CheckScalar(const pb::FieldDescriptor& from, const pb::FieldDescriptor& to,
                   const std::string& path);

  const pb::FileDescriptor& from_;
  const pb::FileDescriptor& to_;
  const ReaderQuestion question_;
  const ElementPaths paths_;
  ProtobufFindings findings_;
};

std::vector<CompatibilityFinding> ReaderCheck::Run() {
  if (from_.package() != to_.package()) {
    // Nothing has its name any more: there is nothing to compare.
    findings_.Add(
        "PACKAGE_CHANGED", "", from_.package(), to_.package(),
        absl::StrCat("the package was \"", from_.package(), "\" and is \"", to_.package(), "\""));
    return findings_.Take();
  }
  const TypePairs pairs = PairTypes(from_, to_);
  if (!question_.lenient) CheckEvent();
  for (const auto& [before, after] : pairs.messages) CheckMessage(*before, *after);
  if (!question_.types_may_vanish) {
    for (const pb::Descriptor* type : pairs.removed_messages) {
      findings_.Add("MESSAGE_REMOVED", paths_.OfType(*type), type->name(), "",
                    absl::StrCat("the message ", type->full_name(), " is gone"));
    }
  }
  return findings_.Take();
}

// Data without a frame is read as the first message of the file.
void ReaderCheck::CheckEvent() {
  if (from_.message_type_count() == 0 || to_.message_type_count() == 0) return;
  const pb::Descriptor& before = *from_.message_type(0);
  const pb::Descriptor& after = *to_.message_type(0);
  if (before.full_name() == after.full_name()) return;
  findings_.Add("EVENT_MESSAGE_CHANGED", paths_.OfType(after), before.name(), after.name(),
                absl::StrCat("the first message was ", before.name(), " and is ", after.name(),
                             ": it is the event"));
}

void ReaderCheck::CheckMessage(const pb::Descriptor& from, const pb::Descriptor& to) {
  const FieldsByNumber before = FieldsOf(from);
  const FieldsByNumber after = FieldsOf(to);
  for (const auto& [number, field] : before) {
    const auto found = after.find(number);
    if (found != after.end()) {
      CheckField(*field, *found->second, paths_.Of(from, number));
    } else if (field->is_required()) {
      findings_.Add("REQUIRED_FIELD_REMOVED", paths_.Of(from, number), FieldText(*field), "",
                    absl::StrCat("the required field ", field->name(), " is gone"));
    }
  }
  for (const auto& [number, field] : after) {
    if (before.contains(number) || !field->is_required()) continue;
    findings_.Add("REQUIRED_FIELD_ADDED", paths_.Of(to, number), "", FieldText(*field),
                  absl::StrCat("the field ", field->name(), " is required and was not there"));
  }
  CheckOneofs(from, to, paths_, findings_);
}

void ReaderCheck::CheckField(const pb::FieldDescriptor& from, const pb::FieldDescriptor& to,
                             const std::string& path) {
  if (to.is_required() && !from.is_required()) {
    findings_.Add("REQUIRED_FIELD_ADDED", path, CardinalityText(from), "required",
                  absl::StrCat("the field ", to.name(), " is required and was not"));
  }
  CheckType(from, to, path);
  const bool numeric = KindOf(from) == FieldKind::kScalar && ScalarGroup(from) != 2;
  if (numeric && from.is_repeated() != to.is_repeated() && KindOf(to) == FieldKind::kScalar) {
    findings_.Add("FIELD_NUMERIC_LABEL_CHANGED", path, CardinalityText(from), CardinalityText(to),
                  absl::StrCat("the number ", to.name(), " was ", CardinalityText(from), " and is ",
                               CardinalityText(to)));
  }
  const std::string lost = to.is_required() && from.is_required() ? LostNumber(from, to) : "";
  if (lost.empty() || question_.lenient) return;
  findings_.Add("REQUIRED_ENUM_NARROWED", path, lost, "",
                absl::StrCat("the required field ", to.name(), " may hold ", lost,
                             ", which its enum does not declare any more"));
}

void ReaderCheck::CheckType(const pb::FieldDescriptor& from, const pb::FieldDescriptor& to,
                            const std::string& path) {
  const FieldKind kind = KindOf(from);
  if (kind != KindOf(to)) {
    findings_.Add(
        "FIELD_KIND_CHANGED", path, TypeText(from), TypeText(to),
        absl::StrCat("the field ", to.name(), " was ", TypeText(from), " and is ", TypeText(to)));
  } else if (kind == FieldKind::kMap) {
    const pb::Descriptor& before = *from.message_type();
    const pb::Descriptor& after = *to.message_type();
    CheckType(*before.map_key(), *after.map_key(), path);
    CheckType(*before.map_value(), *after.map_value(), path);
  } else if (kind == FieldKind::kScalar) {
    CheckScalar(from, to, path);
  } else if (from.message_type()->full_name() != to.message_type()->full_name()) {
    findings_.Add(
        "FIELD_NAMED_TYPE_CHANGED", path, TypeText(from), TypeText(to),
        absl::StrCat("the field ", to.name(), " was ", TypeText(from), " and is ", TypeText(to)));
  }
}

void ReaderCheck::CheckScalar(const pb::FieldDescriptor& from, const pb::FieldDescriptor& to,
                              const std::string& path) {
  const char* rule = nullptr;
  if (ScalarGroup(from) != ScalarGroup(to)) {
    rule = "FIELD_SCALAR_KIND_CHANGED";
  } else if (from.enum_type() != nullptr && to.enum_type() != nullptr &&
             from.enum_type()->full_name() != to.enum_type()->full_name()) {
    rule = "FIELD_NAMED_TYPE_CHANGED";
  } else if (from.type() == Type::TYPE_BYTES && to.type() == Type::TYPE_STRING &&
             !question_.lenient) {
    rule = "FIELD_SCALAR_KIND_CHANGED";  // not all bytes are UTF-8
  }
  if (rule == nullptr) return;
  findings_.Add(
      rule, path, TypeText(from), TypeText(to),
      absl::StrCat("the field ", to.name(), " was ", TypeText(from), " and is ", TypeText(to)));
}

}  // namespace

std::vector<CompatibilityFinding> CheckReader(const pb::FileDescriptor& from,
                                              const pb::FileDescriptor& to,
                                              const ReaderQuestion& question) {
  return ReaderCheck(from, to, question).Run();
}

}  // namespace nexus::schema
