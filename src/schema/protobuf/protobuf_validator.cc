#include "schema/protobuf/protobuf_validator.h"

#include <google/protobuf/descriptor.pb.h>

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "nexus/core/status_macros.h"
#include "schema/protobuf/canonical_form.h"
#include "schema/protobuf/classified_options.h"
#include "schema/protobuf/compiled_protobuf_schema.h"
#include "schema/protobuf/proto_errors.h"
#include "schema/protobuf/schema_files.h"

namespace nexus::schema {
namespace {

namespace pb = google::protobuf;

bool HasMessageSet(const pb::Descriptor& type) {
  if (type.options().message_set_wire_format()) return true;
  for (int i = 0; i < type.nested_type_count(); ++i) {
    if (HasMessageSet(*type.nested_type(i))) return true;
  }
  return false;
}

bool HasMessageSet(const pb::FileDescriptor& file,
                   absl::flat_hash_set<const pb::FileDescriptor*>& seen) {
  if (!seen.insert(&file).second) return false;
  for (int i = 0; i < file.message_type_count(); ++i) {
    if (HasMessageSet(*file.message_type(i))) return true;
  }
  for (int i = 0; i < file.dependency_count(); ++i) {
    if (HasMessageSet(*file.dependency(i), seen)) return true;
  }
  return false;
}

absl::Status CheckSupported(const pb::FileDescriptor& file) {
  absl::flat_hash_set<const pb::FileDescriptor*> seen;
  if (HasMessageSet(file, seen)) {
    return ProtoInvalid("", "message_set_wire_format is not supported");
  }
  if (file.message_type_count() == 0 && file.enum_type_count() == 0 &&
      file.extension_count() == 0 && file.service_count() == 0) {
    return ProtoInvalid("", "it declares nothing");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const CompiledSchema>> ProtobufValidator::Compile(
    const SchemaSource& source) {
  NEXUS_ASSIGN_OR_RETURN(std::unique_ptr<SchemaFiles> files,
                         LinkFiles(source, Imports::kRequired, options_));
  NEXUS_RETURN_IF_ERROR(CheckSupported(*files->main));
  NEXUS_ASSIGN_OR_RETURN(ClassifiedFields classified,
                         ListClassifiedFields(files->pool, files->main->message_type_count() > 0
                                                               ? files->main->message_type(0)
                                                               : nullptr));
  return std::make_shared<const CompiledProtobufSchema>(std::move(files), options_,
                                                        std::move(classified));
}

absl::StatusOr<std::string> ProtobufValidator::Canonical(absl::string_view definition) {
  NEXUS_ASSIGN_OR_RETURN(const std::unique_ptr<SchemaFiles> files,
                         LinkFiles(definition, Imports::kOptional, options_));
  pb::FileDescriptorProto proto;
  files->main->CopyTo(&proto);
  KeepDefaults(files->written, proto);
  Normalize(proto);
  return CanonicalText(proto);
}

}  // namespace nexus::schema
