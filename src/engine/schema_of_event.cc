#include "engine/schema_of_event.h"

#include <map>
#include <string>
#include <utility>

#include "nexus/core/status_macros.h"
#include "schema/schema_request.h"

namespace nexus::engine {
namespace {

using CompiledPtr = std::shared_ptr<const CompiledSchema>;

// Neighbours in the log are often of one type: the last answer is kept.
class StoredSchemas {
 public:
  explicit StoredSchemas(const schema::SchemaCatalog& catalog) : catalog_(catalog) {}

  absl::StatusOr<CompiledPtr> operator()(const RecordedEvent& event) {
    if (event.schema_version == 0) return CompiledPtr();
    if (record_ == nullptr || record_->version != event.schema_version ||
        record_->subject != event.type) {
      record_ = catalog_.FindStored(event.type, event.schema_version);
    }
    if (record_ == nullptr) return schema::NoSuchVersion(event.type, event.schema_version);
    return record_->compiled;
  }

 private:
  const schema::SchemaCatalog& catalog_;
  schema::SchemaRecordPtr record_;
};

// All events are of one type, so the version alone names the writer's schema.
class CandidateSchemas {
 public:
  CandidateSchemas(CompiledPtr candidate, SchemaFormat format, const schema::SchemaCatalog& catalog)
      : candidate_(std::move(candidate)), format_(format), catalog_(catalog) {}

  absl::StatusOr<CompiledPtr> operator()(const RecordedEvent& event) {
    if (!FitsContentType(format_, event.content_type)) return CompiledPtr();
    const auto known = by_version_.find(event.schema_version);
    if (known != by_version_.end()) return known->second;
    return by_version_.emplace(event.schema_version, ReadingOf(event)).first->second;
  }

 private:
  absl::StatusOr<CompiledPtr> ReadingOf(const RecordedEvent& event) const {
    // Data of Avro alone cannot be read without the schema that wrote them.
    if (format_ != SchemaFormat::kAvro) return candidate_;
    const schema::SchemaRecordPtr writer = catalog_.FindStored(event.type, event.schema_version);
    if (event.schema_version == 0 || writer == nullptr || writer->format != format_) {
      return CompiledPtr();
    }
    NEXUS_ASSIGN_OR_RETURN(const CompiledSchema* schema, writer->compiled->Get());
    return candidate_->Reading(*schema);
  }

  const CompiledPtr candidate_;
  const SchemaFormat format_;
  const schema::SchemaCatalog& catalog_;
  std::map<uint32_t, absl::StatusOr<CompiledPtr>> by_version_;
};

}  // namespace

SchemaOfEvent StoredSchema(const schema::SchemaCatalog& catalog) { return StoredSchemas(catalog); }

SchemaOfEvent CandidateSchema(std::shared_ptr<const CompiledSchema> candidate, SchemaFormat format,
                              const schema::SchemaCatalog& catalog) {
  return CandidateSchemas(std::move(candidate), format, catalog);
}

}  // namespace nexus::engine
