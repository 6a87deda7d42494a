#include "schema/avro/parsing_canonical_form.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "schema/json/schema_fault.h"

namespace nexus::schema {
namespace {

// Names and symbols are ASCII letters, digits, '_' and '.': nothing here needs an escape.
class FormWriter {
 public:
  explicit FormWriter(size_t nesting_max) : nesting_max_(nesting_max) {}

  // False if types nest too deep.
  bool Write(const AvroType& type, size_t depth) {
    if (depth > nesting_max_) return false;
    if (type.kind == AvroKind::kUnion) return WriteUnion(type, depth);
    if (type.kind == AvroKind::kArray || type.kind == AvroKind::kMap) {
      absl::StrAppend(&text_, R"({"type":")", AvroKindName(type.kind), R"(",")",
                      type.kind == AvroKind::kMap ? "values" : "items", "\":");
      if (!Write(*type.items, depth + 1)) return false;
      text_ += '}';
      return true;
    }
    if (!type.named()) {
      absl::StrAppend(&text_, "\"", AvroKindName(type.kind), "\"");
      return true;
    }
    if (!written_.insert(&type).second) {
      absl::StrAppend(&text_, "\"", type.full_name, "\"");
      return true;
    }
    return WriteNamed(type, depth);
  }

  std::string Take() { return std::move(text_); }

 private:
  bool WriteUnion(const AvroType& type, size_t depth) {
    const char* before = "[";
    for (const AvroType* branch : type.branches) {
      text_ += before;
      if (!Write(*branch, depth + 1)) return false;
      before = ",";
    }
    text_ += ']';
    return true;
  }

  bool WriteNamed(const AvroType& type, size_t depth) {
    absl::StrAppend(&text_, R"({"name":")", type.full_name, R"(","type":")",
                    AvroKindName(type.kind), "\"");
    if (type.kind == AvroKind::kFixed) {
      absl::StrAppend(&text_, R"(,"size":)", type.fixed_bytes, "}");
      return true;
    }
    if (type.kind == AvroKind::kEnum) {
      WriteSymbols(type);
      return true;
    }
    text_ += R"(,"fields":[)";
    const char* before = "";
    for (const AvroField& field : type.fields) {
      absl::StrAppend(&text_, before, R"({"name":")", field.name, R"(","type":)");
      if (!Write(*field.type, depth + 1)) return false;
      text_ += '}';
      before = ",";
    }
    text_ += "]}";
    return true;
  }

  void WriteSymbols(const AvroType& type) {
    text_ += R"(,"symbols":[)";
    const char* before = "";
    for (const std::string& symbol : type.symbols) {
      absl::StrAppend(&text_, before, "\"", symbol, "\"");
      before = ",";
    }
    text_ += "]}";
  }

  const size_t nesting_max_;
  absl::flat_hash_set<const AvroType*> written_;
  std::string text_;
};

}  // namespace

absl::StatusOr<std::string> ParsingCanonicalForm(const AvroType& root, size_t nesting_max) {
  FormWriter writer(nesting_max);
  if (writer.Write(root, 0)) return writer.Take();
  return SchemaInvalid({"", "type",
                        absl::StrCat("types inside one another at most ", nesting_max, " deep"),
                        "more, through references"});
}

}  // namespace nexus::schema
