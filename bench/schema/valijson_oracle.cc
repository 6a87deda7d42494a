#include "valijson_oracle.h"

#include <stdexcept>
#include <valijson/adapters/rapidjson_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

namespace nexus::schema {
namespace {

using valijson::SchemaParser;
using valijson::adapters::RapidJsonAdapter;

SchemaParser::Version VersionOf(int draft) {
  return draft == 4 ? SchemaParser::kDraft4 : SchemaParser::kDraft7;
}

}  // namespace

struct ValijsonDocument::Parts {
  rapidjson::Document json;
};

ValijsonDocument::ValijsonDocument(const std::string& json) : parts_(std::make_unique<Parts>()) {
  parts_->json.Parse(json.data(), json.size());
  if (parts_->json.HasParseError()) throw std::invalid_argument("not JSON: " + json);
}
ValijsonDocument::~ValijsonDocument() = default;

struct ValijsonOracle::Parts {
  valijson::Schema schema;
};

ValijsonOracle::ValijsonOracle(const std::string& schema, int draft)
    : parts_(std::make_unique<Parts>()) {
  rapidjson::Document json;
  json.Parse(schema.data(), schema.size());
  SchemaParser(VersionOf(draft)).populateSchema(RapidJsonAdapter(json), parts_->schema);
}
ValijsonOracle::~ValijsonOracle() = default;

bool ValijsonOracle::Accepts(const ValijsonDocument& document) const {
  valijson::Validator validator;
  return validator.validate(parts_->schema, RapidJsonAdapter(document.parts_->json), nullptr);
}

bool ValijsonOracle::Accepts(const std::string& data) const {
  return Accepts(ValijsonDocument(data));
}

}  // namespace nexus::schema
