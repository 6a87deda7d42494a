#pragma once

// valijson, the packaged validator for drafts 4 to 7, over RapidJSON: what Nexus is measured with
// and its answers are compared to. No part of the product.

#include <memory>
#include <string>

namespace nexus::schema {

class ValijsonDocument;

class ValijsonOracle {
 public:
  // `draft` is 4, 6 (which valijson takes for 7) or 7. Throws if valijson does not take the schema.
  ValijsonOracle(const std::string& schema, int draft);
  ~ValijsonOracle();

  bool Accepts(const std::string& data) const;
  bool Accepts(const ValijsonDocument& document) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

class ValijsonDocument {
 public:
  explicit ValijsonDocument(const std::string& json);
  ~ValijsonDocument();

 private:
  friend class ValijsonOracle;
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace nexus::schema
