#include "schema/protobuf/schema_files.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "nexus/core/status_macros.h"
#include "schema/protobuf/annotations_proto.h"
#include "schema/protobuf/classified_options.h"
#include "schema/protobuf/definition_reader.h"
#include "schema/protobuf/descriptor_size.h"
#include "schema/protobuf/proto_errors.h"

namespace nexus::schema {
namespace {

namespace pb = google::protobuf;

constexpr absl::string_view kWellKnown[] = {
    "any.proto",       "api.proto",        "descriptor.proto",     "duration.proto",
    "empty.proto",     "field_mask.proto", "source_context.proto", "struct.proto",
    "timestamp.proto", "type.proto",       "wrappers.proto"};
constexpr absl::string_view kWellKnownFolder = "google/protobuf/";
constexpr char kDescriptorFile[] = "google/protobuf/descriptor.proto";
constexpr absl::string_view kDefaultName = "default";  // as Confluent's clients call it

// Errors of the pool, with the place of the text where there is one.
class PoolErrors : public pb::DescriptorPool::ErrorCollector {
 public:
  PoolErrors(ProtoErrors& errors, const DefinitionFile& file) : errors_(errors), file_(file) {}

  void AddError(const std::string& /*filename*/, const std::string& element,
                const pb::Message* descriptor, ErrorLocation location,
                const std::string& message) override {
    int line = -1;
    int column = 0;
    bool found = location == IMPORT
                     ? file_.locations.FindImport(descriptor, element, &line, &column)
                     : file_.locations.Find(descriptor, location, &line, &column);
    if (!found && location != OTHER)
      found = file_.locations.Find(descriptor, OTHER, &line, &column);
    if (!found) return errors_.AddAt(element, message);
    if (line == 0) column = std::max(0, column - file_.first_line_shift);
    errors_.Add(line, column, absl::StrCat(element, ": ", message));
  }

 private:
  ProtoErrors& errors_;
  const DefinitionFile& file_;
};

class FileLinker {
 public:
  FileLinker(Imports imports, const ProtobufOptions& options)
      : imports_(imports), options_(options) {
    if (imports == Imports::kOptional) files_->pool.AllowUnknownDependencies();
  }

  absl::StatusOr<std::unique_ptr<SchemaFiles>> Link(const SchemaSource& source);

 private:
  using FilePointer = std::unique_ptr<DefinitionFile>;

  absl::Status TakeReferences(const SchemaSource& source);
  std::string FreeName(const std::string& wanted) const;
  absl::Status AddFile(DefinitionFile& file, absl::string_view shown);
  absl::Status AddImport(const std::string& name, const DefinitionFile& importer,
                         absl::string_view shown);
  absl::Status ImportMissing(const std::string& name, const DefinitionFile& importer,
                             absl::string_view shown) const;
  void AddWellKnown(const std::string& name);
  void AddAnnotations();

  const Imports imports_;
  const ProtobufOptions& options_;
  std::unique_ptr<SchemaFiles> files_ = std::make_unique<SchemaFiles>();
  absl::flat_hash_map<std::string, absl::string_view> references_;
  absl::flat_hash_map<std::string, FilePointer> brought_;  // by a FileDescriptorSet
  std::vector<std::string> open_;                          // files that wait for their imports
  DescriptorSize size_;
};

absl::Status FileLinker::TakeReferences(const SchemaSource& source) {
  if (source.references.size() > options_.references_max) {
    return ProtoInvalid("", absl::StrCat("it refers to ", source.references.size(),
                                         " files, more than ", options_.references_max));
  }
  size_t bytes = source.definition.size();
  for (const SchemaReference& reference : source.references) {
    references_.try_emplace(reference.name, reference.definition);
    bytes += reference.definition.size();
  }
  if (bytes <= options_.files_bytes_max) return absl::OkStatus();
  return ProtoInvalid("", absl::StrCat("with what it refers to it has ", bytes,
                                       " bytes, more than ", options_.files_bytes_max));
}

// A name by which nothing can be imported already.
std::string FileLinker::FreeName(const std::string& wanted) const {
  std::string name = wanted.empty() ? std::string(kDefaultName) : wanted;
  for (int i = 1; references_.contains(name) || brought_.contains(name) || IsWellKnownFile(name);
       ++i) {
    name = absl::StrCat(kDefaultName, i);
  }
  return name;
}

absl::StatusOr<std::unique_ptr<SchemaFiles>> FileLinker::Link(const SchemaSource& source) {
  NEXUS_RETURN_IF_ERROR(TakeReferences(source));
  NEXUS_ASSIGN_OR_RETURN(std::vector<FilePointer> read,
                         ReadDefinition(source.definition, "", options_));
  if (read.size() > options_.references_max + 1) {
    return ProtoInvalid("", absl::StrCat("its FileDescriptorSet has ", read.size(),
                                         " files, more than ", options_.references_max + 1));
  }
  const FilePointer main = std::move(read.back());
  read.pop_back();
  for (FilePointer& file : read) {
    std::string name = file->proto.name();
    brought_.try_emplace(std::move(name), std::move(file));
  }
  main->proto.set_name(FreeName(main->proto.name()));
  NEXUS_RETURN_IF_ERROR(AddFile(*main, ""));
  files_->main = files_->pool.FindFileByName(main->proto.name());
  if (imports_ == Imports::kOptional) files_->written.Swap(&main->proto);
  return std::move(files_);
}

absl::Status FileLinker::AddFile(DefinitionFile& file, absl::string_view shown) {
  NEXUS_RETURN_IF_ERROR(size_.Add(file.proto, shown, options_));
  open_.push_back(file.proto.name());
  for (const std::string& name : file.proto.dependency()) {
    NEXUS_RETURN_IF_ERROR(AddImport(name, file, shown));
  }
  open_.pop_back();
  ProtoErrors errors(shown, options_.errors_max);
  PoolErrors pool_errors(errors, file);
  const pb::FileDescriptor* built =
      files_->pool.BuildFileCollectingErrors(file.proto, &pool_errors);
  if (built != nullptr) return absl::OkStatus();
  return errors.empty() ? ProtoInvalid(shown, "it cannot be linked") : errors.ToStatus();
}

absl::Status FileLinker::AddImport(const std::string& name, const DefinitionFile& importer,
                                   absl::string_view shown) {
  if (std::find(open_.begin(), open_.end(), name) != open_.end()) {
    return ProtoInvalid(
        shown,
        absl::StrCat("its imports form a loop: ", absl::StrJoin(open_, " -> "), " -> ", name));
  }
  if (files_->pool.FindFileByName(name) != nullptr) return absl::OkStatus();
  if (IsWellKnownFile(name)) {
    AddWellKnown(name);
    return absl::OkStatus();
  }
  if (const auto found = brought_.find(name); found != brought_.end()) {
    return AddFile(*found->second, name);
  }
  const auto reference = references_.find(name);
  if (reference == references_.end()) return ImportMissing(name, importer, shown);
  NEXUS_ASSIGN_OR_RETURN(std::vector<FilePointer> read,
                         ReadDefinition(reference->second, name, options_));
  // Of a set the last file is meant; the others must be referred to themselves.
  read.back()->proto.set_name(name);
  return AddFile(*read.back(), name);
}

absl::Status FileLinker::ImportMissing(const std::string& name, const DefinitionFile& importer,
                                       absl::string_view shown) const {
  if (imports_ == Imports::kOptional) return absl::OkStatus();
  int line = -1;
  int column = 0;
  importer.locations.FindImport(&importer.proto, name, &line, &column);
  if (line == 0) column = std::max(0, column - importer.first_line_shift);
  ProtoErrors errors(shown, options_.errors_max);
  errors.Add(line, column,
             absl::StrCat("the import \"", name, "\" is not among the schema's references"));
  return errors.ToStatus();
}

void FileLinker::AddAnnotations() {
  if (files_->pool.FindFileByName(kDescriptorFile) == nullptr) AddWellKnown(kDescriptorFile);
  const auto read = ReadDefinition(kAnnotationsText, kAnnotationsFile, options_);
  if (!read.ok()) return;  // then the import is one that is not there
  pb::FileDescriptorProto& proto = read->back()->proto;
  proto.set_name(kAnnotationsFile);
  files_->pool.BuildFile(proto);
}

void FileLinker::AddWellKnown(const std::string& name) {
  if (name == kAnnotationsFile) return AddAnnotations();
  const pb::FileDescriptor* linked = pb::DescriptorPool::generated_pool()->FindFileByName(name);
  pb::FileDescriptorProto proto;
  linked->CopyTo(&proto);
  for (const std::string& import : proto.dependency()) {
    if (files_->pool.FindFileByName(import) == nullptr) AddWellKnown(import);
  }
  files_->pool.BuildFile(proto);
}

}  // namespace

bool IsWellKnownFile(absl::string_view name) {
  if (name == kAnnotationsFile) return true;
  return name.substr(0, kWellKnownFolder.size()) == kWellKnownFolder &&
         std::find(std::begin(kWellKnown), std::end(kWellKnown),
                   name.substr(kWellKnownFolder.size())) != std::end(kWellKnown);
}

absl::StatusOr<std::unique_ptr<SchemaFiles>> LinkFiles(const SchemaSource& source, Imports imports,
                                                       const ProtobufOptions& options) {
  return FileLinker(imports, options).Link(source);
}

}  // namespace nexus::schema
