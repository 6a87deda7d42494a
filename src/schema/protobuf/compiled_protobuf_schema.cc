#include "schema/protobuf/compiled_protobuf_schema.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver.h>
#include <google/protobuf/util/type_resolver_util.h>

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "nexus/core/errors.h"
#include "schema/protobuf/canonical_form.h"
#include "schema/protobuf/required_fields.h"
#include "schema/protobuf/schema_files.h"
#include "schema/protobuf/wire_check.h"
#include "schema/protobuf/wire_plan.h"

namespace nexus::schema {
namespace {

namespace pb = google::protobuf;

void AddNested(const pb::Descriptor& type, std::vector<const pb::Descriptor*>& types) {
  types.push_back(&type);
  for (int i = 0; i < type.nested_type_count(); ++i) AddNested(*type.nested_type(i), types);
}

std::unique_ptr<const WirePlan> PlanOf(const pb::FileDescriptor& file) {
  std::vector<const pb::Descriptor*> types;
  for (int i = 0; i < file.message_type_count(); ++i) AddNested(*file.message_type(i), types);
  return std::make_unique<const WirePlan>(types);
}

// The `index`th type in `scope` that is not an entry of a map.
template <typename Scope>
const pb::Descriptor* Select(int32_t index, int count, Scope type_at) {
  for (int i = 0; i < count && index >= 0; ++i) {
    const pb::Descriptor* type = type_at(i);
    if (type->options().map_entry()) continue;
    if (index-- == 0) return type;
  }
  return nullptr;
}

absl::Status NoJson(absl::string_view why) {
  return MakeError(ErrorReason::kSchemaViolation, absl::StrCat("the data has no JSON form: ", why));
}

// Text of at most so many bytes; what comes behind is dropped.
class BoundedText : public pb::io::ZeroCopyOutputStream {
 public:
  BoundedText(size_t bytes_max, std::string& text) : bytes_max_(bytes_max), text_(text) {}

  bool Next(void** data, int* size) override {
    const size_t have = text_.size();
    const size_t more = std::min(bytes_max_ - have, std::max(have, kFirstBytes));
    if (more == 0) {
      full_ = true;
      return false;
    }
    text_.resize(have + more);
    *data = text_.data() + have;
    *size = static_cast<int>(more);
    return true;
  }
  void BackUp(int count) override { text_.resize(text_.size() - static_cast<size_t>(count)); }
  int64_t ByteCount() const override { return static_cast<int64_t>(text_.size()); }

  bool full() const { return full_; }

 private:
  static constexpr size_t kFirstBytes = 256;

  const size_t bytes_max_;
  std::string& text_;
  bool full_ = false;
};

// A stream asks for more room some bytes before it has used up what it has.
constexpr size_t kAskedAhead = 64;

// As MessageToJsonString() does it, but for the bound: a short message may have long names.
absl::StatusOr<std::string> PrintJson(const pb::Message& message, JsonNames names,
                                      size_t bytes_max) {
  constexpr char kUrlPrefix[] = "type.googleapis.com";
  const pb::Descriptor& type = *message.GetDescriptor();
  const std::unique_ptr<pb::util::TypeResolver> types(
      pb::util::NewTypeResolverForDescriptorPool(kUrlPrefix, type.file()->pool()));
  const std::string bytes = message.SerializeAsString();
  pb::io::ArrayInputStream in(bytes.data(), static_cast<int>(bytes.size()));
  std::string json;
  BoundedText out(bytes_max + kAskedAhead, json);
  pb::util::JsonPrintOptions options;
  options.preserve_proto_field_names = names == JsonNames::kOriginal;
  const auto status = pb::util::BinaryToJsonStream(
      types.get(), absl::StrCat(kUrlPrefix, "/", type.full_name()), &in, &out, options);
  if (!status.ok()) {
    return NoJson(absl::string_view(status.message().data(), status.message().size()));
  }
  if (out.full() || json.size() > bytes_max) {
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("as JSON the data has more than ", bytes_max, " bytes"));
  }
  return json;
}

std::vector<Violation> NoSuchMessage(MessageIndexes indexes) {
  Violation violation;
  violation.keyword = "messageIndexes";
  violation.expected = "a message of the schema";
  violation.actual = absl::StrCat("[", absl::StrJoin(indexes, ","), "]");
  violation.message = indexes.empty()
                          ? "the schema declares no message"
                          : absl::StrCat("the schema has no message at ", violation.actual);
  return {violation};
}

}  // namespace

CompiledProtobufSchema::CompiledProtobufSchema(std::unique_ptr<const SchemaFiles> files,
                                               const ProtobufOptions& options,
                                               ClassifiedFields classified)
    : files_(std::move(files)),
      options_(options),
      plan_(PlanOf(*files_->main)),
      classified_(std::move(classified)) {}

CompiledProtobufSchema::~CompiledProtobufSchema() = default;

const pb::FileDescriptor& CompiledProtobufSchema::file() const { return *files_->main; }

const pb::Descriptor* CompiledProtobufSchema::Message(MessageIndexes indexes) const {
  const pb::FileDescriptor& file = *files_->main;
  const pb::Descriptor* type = Select(indexes.empty() ? 0 : indexes[0], file.message_type_count(),
                                      [&](int i) { return file.message_type(i); });
  for (size_t level = 1; type != nullptr && level < indexes.size(); ++level) {
    type = Select(indexes[level], type->nested_type_count(),
                  [scope = type](int i) { return scope->nested_type(i); });
  }
  return type;
}

std::string CompiledProtobufSchema::MessageName(MessageIndexes indexes) const {
  const pb::Descriptor* type = Message(indexes);
  return type == nullptr ? "" : type->full_name();
}

absl::StatusOr<std::vector<Violation>> CompiledProtobufSchema::Validate(
    absl::string_view data, size_t violations_max) const {
  return ValidateMessage({}, data, violations_max);
}

std::vector<Violation> CompiledProtobufSchema::ValidateMessage(MessageIndexes indexes,
                                                               absl::string_view data,
                                                               size_t violations_max) const {
  return Check(indexes, data, violations_max, 0).violations;
}

absl::StatusOr<DataFindings> CompiledProtobufSchema::Inspect(absl::string_view data,
                                                             size_t violations_max,
                                                             size_t undeclared_max) const {
  return Check({}, data, violations_max, std::max<size_t>(undeclared_max, 1));
}

DataFindings CompiledProtobufSchema::Check(MessageIndexes indexes, absl::string_view data,
                                           size_t violations_max, size_t undeclared_max) const {
  const pb::Descriptor* type = Message(indexes);
  if (type == nullptr) return {NoSuchMessage(indexes), {}};
  WireCheck check(*plan_->Find(*type), {options_.depth_max, undeclared_max}, violations_max);
  std::vector<Violation> violations = check.Run(data);
  DataFindings findings{std::move(violations), check.TakeUndeclared()};
  if (!findings.violations.empty() || check.complete()) return findings;
  pb::Arena arena;
  pb::Message* message = files_->factory.GetPrototype(type)->New(&arena);
  if (!message->ParsePartialFromArray(data.data(), static_cast<int>(data.size()))) {
    Violation violation;  // the check and libprotobuf differ: refuse
    violation.keyword = "wire";
    violation.expected = absl::StrCat("a message of type ", type->full_name());
    violation.actual = absl::StrCat(data.size(), " bytes that cannot be read");
    violation.message = absl::StrCat("the data is not a message of type ", type->full_name());
    findings.violations.push_back(std::move(violation));
    return findings;
  }
  findings.violations = FindMissingFields(*message, violations_max);
  return findings;
}

absl::StatusOr<std::string> CompiledProtobufSchema::ToJson(absl::string_view data) const {
  return ToJson({}, data, JsonNames::kOriginal);
}

absl::StatusOr<std::string> CompiledProtobufSchema::ToJson(absl::string_view data,
                                                           JsonNames names) const {
  return ToJson({}, data, names);
}

absl::StatusOr<std::string> CompiledProtobufSchema::ToJson(MessageIndexes indexes,
                                                           absl::string_view data,
                                                           JsonNames names) const {
  const std::vector<Violation> violations = ValidateMessage(indexes, data, 1);
  if (!violations.empty()) {
    ErrorDetails details;
    details.reason = ErrorReason::kSchemaViolation;
    details.violations = violations;
    return MakeError(violations[0].message, details);
  }
  // By way of a message: of a field that stands in the data twice, JSON has the last or both
  // merged.
  pb::Arena arena;
  pb::Message* message = files_->factory.GetPrototype(Message(indexes))->New(&arena);
  if (!message->ParseFromArray(data.data(), static_cast<int>(data.size()))) {
    return NoJson("it cannot be read");
  }
  return PrintJson(*message, names, options_.json_bytes_max);
}

absl::StatusOr<std::string> CompiledProtobufSchema::WithoutUnknownFields(
    absl::string_view data) const {
  pb::Arena arena;
  pb::Message* message = files_->factory.GetPrototype(Message({}))->New(&arena);
  if (!message->ParsePartialFromArray(data.data(), static_cast<int>(data.size()))) {
    return MakeError(ErrorReason::kSchemaViolation, "the bytes are not a message of this type");
  }
  message->DiscardUnknownFields();
  return message->SerializePartialAsString();
}

std::string CompiledProtobufSchema::Serialized() const {
  pb::FileDescriptorProto proto;
  files_->main->CopyTo(&proto);
  files_->main->CopyJsonNameTo(&proto);  // as protoc writes it
  return absl::Base64Escape(proto.SerializeAsString());
}

std::string CompiledProtobufSchema::Rendered(absl::string_view form) const {
  if (form == "serialized") return Serialized();
  return form == "text" ? Text() : "";
}

std::string CompiledProtobufSchema::Text() const { return files_->main->DebugString(); }

std::string CompiledProtobufSchema::Canonical() const {
  pb::FileDescriptorProto proto;
  files_->main->CopyTo(&proto);
  Normalize(proto);
  return CanonicalText(proto);
}

}  // namespace nexus::schema
