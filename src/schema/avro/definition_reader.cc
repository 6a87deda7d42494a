#include "schema/avro/definition_reader.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "schema/avro/avro_names.h"
#include "schema/avro/logical_type.h"
#include "schema/json/classified_fields.h"
#include "schema/json/json_describe.h"
#include "schema/json/schema_fault.h"

namespace nexus::schema {
namespace {

// With the namespace. A long one is repeated by every name in it.
constexpr size_t kFullNameBytesMax = 256;

absl::string_view TextOf(JsonElement text) {
  const std::string_view view = text.get_string().value_unsafe();
  return {view.data(), view.size()};
}

class DefinitionReader {
 public:
  DefinitionReader(const std::string& origin, AvroSchemaDraft& draft)
      : origin_(origin), draft_(draft) {}

  // `space` is the enclosing namespace.
  absl::StatusOr<AvroType*> Read(JsonElement element, const std::string& pointer,
                                 const std::string& space) {
    if (element.is_string()) return ReadName(TextOf(element), pointer, space);
    if (element.is_array()) return ReadUnion(element, pointer, space);
    if (element.is_object()) return ReadObject(element, pointer, space);
    return Fault(pointer, "type", "the name of a type, an object or an array",
                 DescribeJson(element));
  }

 private:
  absl::Status Fault(const std::string& pointer, absl::string_view keyword,
                     absl::string_view expected, std::string actual) const {
    return SchemaInvalid(
        {origin_ + pointer, std::string(keyword), std::string(expected), std::move(actual)});
  }

  absl::StatusOr<AvroType*> NewType(AvroKind kind, const std::string& pointer) {
    if (draft_.types.size() >= draft_.types_max) {
      return Fault(pointer, "type", absl::StrCat("at most ", draft_.types_max, " types"), "more");
    }
    draft_.types.push_back(std::make_unique<AvroType>());
    draft_.types.back()->kind = kind;
    draft_.types.back()->pointer = origin_ + pointer;
    return draft_.types.back().get();
  }

  absl::StatusOr<AvroType*> ReadName(absl::string_view name, const std::string& pointer,
                                     const std::string& space) {
    if (const auto kind = PrimitiveKindOf(name)) return NewType(*kind, pointer);
    const auto found = draft_.named.find(FullAvroName(name, space));
    if (found != draft_.named.end()) return found->second;
    // Nothing else could name a type without a namespace from inside of one.
    const auto bare = draft_.named.find(std::string(name));
    if (bare != draft_.named.end()) return bare->second;
    return Fault(pointer, "type", "a primitive type or a name that was defined before",
                 DescribeText({name.data(), name.size()}));
  }

  absl::StatusOr<AvroType*> ReadUnion(JsonElement array, const std::string& pointer,
                                      const std::string& space) {
    NEXUS_ASSIGN_OR_RETURN(AvroType * type, NewType(AvroKind::kUnion, pointer));
    absl::flat_hash_set<std::string> seen;
    for (const JsonElement item : ItemsOf(array)) {
      const std::string at = absl::StrCat(pointer, "/", type->branches.size());
      NEXUS_ASSIGN_OR_RETURN(const AvroType* branch, Read(item, at, space));
      if (branch->kind == AvroKind::kUnion) {
        return Fault(at, "union", "a type that is no union", "a union inside a union");
      }
      const std::string name(branch->named() ? branch->full_name : AvroKindName(branch->kind));
      if (!seen.insert(name).second) {
        return Fault(at, "union", "each type once", absl::StrCat(name, " again"));
      }
      type->branches.push_back(branch);
    }
    return type;
  }

  absl::StatusOr<AvroType*> ReadObject(JsonElement object, const std::string& pointer,
                                       const std::string& space) {
    NEXUS_ASSIGN_OR_RETURN(AvroType * type, ReadTypeOf(object, pointer, space));
    NEXUS_ASSIGN_OR_RETURN(FieldClass found, ReadFieldClass(object, origin_ + pointer));
    if (found.empty()) return type;
    if (type->named() && type->pointer != origin_ + pointer) {
      return Fault(pointer, kClassKeyword, "it on the field, or where the type is defined",
                   absl::StrCat("on the name of ", type->full_name));
    }
    type->field_class = std::move(found);
    return type;
  }

  absl::StatusOr<AvroType*> ReadTypeOf(JsonElement object, const std::string& pointer,
                                       const std::string& space) {
    JsonElement type;
    if (object["type"].get(type)) {
      return Fault(pointer, "type", "a member \"type\"", "an object without it");
    }
    if (!type.is_string()) {
      return Fault(pointer + "/type", "type", "the name of a type", DescribeJson(type));
    }
    const absl::string_view name = TextOf(type);
    if (name == "record") return ReadRecord(object, pointer, space);
    if (name == "enum") return ReadEnum(object, pointer, space);
    if (name == "fixed") return ReadFixed(object, pointer, space);
    if (name == "array") return ReadContainer(object, AvroKind::kArray, "items", pointer, space);
    if (name == "map") return ReadContainer(object, AvroKind::kMap, "values", pointer, space);
    NEXUS_ASSIGN_OR_RETURN(AvroType * read, ReadName(name, pointer + "/type", space));
    if (!read->named()) {
      read->pointer = origin_ + pointer;
      read->logical = ReadLogicalType(*read, object);
    }
    return read;
  }

  absl::StatusOr<AvroType*> ReadContainer(JsonElement object, AvroKind kind, const char* keyword,
                                          const std::string& pointer, const std::string& space) {
    NEXUS_ASSIGN_OR_RETURN(AvroType * type, NewType(kind, pointer));
    JsonElement items;
    if (object[keyword].get(items)) {
      return Fault(pointer, keyword, absl::StrCat("a member \"", keyword, "\""), "none");
    }
    NEXUS_ASSIGN_OR_RETURN(type->items, Read(items, absl::StrCat(pointer, "/", keyword), space));
    return type;
  }

  // The text of a member; nothing if it is not there.
  absl::StatusOr<std::optional<absl::string_view>> ReadText(JsonElement object, const char* keyword,
                                                            const std::string& pointer) const {
    JsonElement member;
    if (object[keyword].get(member)) return std::nullopt;
    if (member.is_string()) return TextOf(member);
    return Fault(absl::StrCat(pointer, "/", keyword), keyword, "a string", DescribeJson(member));
  }

  absl::StatusOr<JsonElement> ReadArray(JsonElement object, const char* keyword,
                                        const std::string& pointer) const {
    JsonElement member;
    if (object[keyword].get(member)) {
      return Fault(pointer, keyword, absl::StrCat("a member \"", keyword, "\""), "none");
    }
    if (member.is_array()) return member;
    return Fault(absl::StrCat(pointer, "/", keyword), keyword, "an array", DescribeJson(member));
  }

  // Names in the array `keyword`, if it is there.
  absl::StatusOr<std::vector<std::string>> ReadNames(JsonElement object, const char* keyword,
                                                     bool dotted,
                                                     const std::string& pointer) const {
    std::vector<std::string> names;
    if (object[keyword].error()) return names;
    NEXUS_ASSIGN_OR_RETURN(const JsonElement array, ReadArray(object, keyword, pointer));
    for (const JsonElement item : ItemsOf(array)) {
      const bool fits = item.is_string() &&
                        (dotted ? IsDottedAvroName(TextOf(item), false) : IsAvroName(TextOf(item)));
      if (!fits) {
        return Fault(absl::StrCat(pointer, "/", keyword, "/", names.size()), keyword, "a name",
                     DescribeJson(item));
      }
      names.emplace_back(TextOf(item));
    }
    return names;
  }

  // Name, namespace, aliases and doc of a record, enum or fixed; from here on it can be named.
  absl::StatusOr<AvroType*> NewNamedType(JsonElement object, AvroKind kind,
                                         const std::string& pointer, const std::string& space) {
    NEXUS_ASSIGN_OR_RETURN(AvroType * type, NewType(kind, pointer));
    NEXUS_ASSIGN_OR_RETURN(const auto name, ReadText(object, "name", pointer));
    if (!name) return Fault(pointer, "name", "a member \"name\"", "none");
    NEXUS_ASSIGN_OR_RETURN(const auto own_space, ReadText(object, "namespace", pointer));
    if (own_space && !IsDottedAvroName(*own_space, true)) {
      return Fault(pointer + "/namespace", "namespace", "names with dots between them",
                   DescribeText({own_space->data(), own_space->size()}));
    }
    if (!IsDottedAvroName(*name, false) || PrimitiveKindOf(SimpleName(*name))) {
      return Fault(pointer + "/name", "name", "a name that is not that of a primitive type",
                   DescribeText({name->data(), name->size()}));
    }
    type->full_name = FullAvroName(*name, own_space ? *own_space : absl::string_view(space));
    if (type->full_name.size() > kFullNameBytesMax) {
      return Fault(pointer + "/name", "name",
                   absl::StrCat("at most ", kFullNameBytesMax, " bytes with the namespace"),
                   absl::StrCat(type->full_name.size()));
    }
    if (!draft_.named.emplace(type->full_name, type).second) {
      return Fault(pointer + "/name", "name", "a name that no other type has", type->full_name);
    }
    NEXUS_ASSIGN_OR_RETURN(type->aliases, ReadNames(object, "aliases", true, pointer));
    for (std::string& alias : type->aliases) {
      alias = FullAvroName(alias, NamespaceOf(type->full_name));
      if (alias.size() <= kFullNameBytesMax) continue;
      return Fault(pointer + "/aliases", "aliases",
                   absl::StrCat("at most ", kFullNameBytesMax, " bytes with the namespace"),
                   absl::StrCat(alias.size()));
    }
    NEXUS_RETURN_IF_ERROR(ReadText(object, "doc", pointer).status());
    return type;
  }

  absl::StatusOr<AvroType*> ReadEnum(JsonElement object, const std::string& pointer,
                                     const std::string& space) {
    NEXUS_ASSIGN_OR_RETURN(AvroType * type, NewNamedType(object, AvroKind::kEnum, pointer, space));
    NEXUS_RETURN_IF_ERROR(ReadArray(object, "symbols", pointer).status());
    NEXUS_ASSIGN_OR_RETURN(type->symbols, ReadNames(object, "symbols", false, pointer));
    if (type->symbols.empty()) {
      return Fault(pointer + "/symbols", "symbols", "at least one symbol", "none");
    }
    absl::flat_hash_map<absl::string_view, uint32_t> index;
    for (const std::string& symbol : type->symbols) {
      const auto at = static_cast<uint32_t>(index.size());
      if (index.emplace(symbol, at).second) continue;
      return Fault(absl::StrCat(pointer, "/symbols/", at), "symbols", "each symbol once",
                   absl::StrCat(symbol, " again"));
    }
    NEXUS_ASSIGN_OR_RETURN(const auto text, ReadText(object, "default", pointer));
    if (!text) return type;
    const auto found = index.find(*text);
    if (found == index.end()) {
      return Fault(pointer + "/default", "default", "one of the symbols",
                   DescribeText({text->data(), text->size()}));
    }
    type->default_symbol = found->second;
    return type;
  }

  absl::StatusOr<AvroType*> ReadFixed(JsonElement object, const std::string& pointer,
                                      const std::string& space) {
    NEXUS_ASSIGN_OR_RETURN(AvroType * type, NewNamedType(object, AvroKind::kFixed, pointer, space));
    JsonElement size;
    if (object["size"].get(size)) return Fault(pointer, "size", "a member \"size\"", "none");
    int64_t bytes = -1;
    if (size.get_int64().get(bytes) || bytes < 0 || bytes > std::numeric_limits<int32_t>::max()) {
      return Fault(pointer + "/size", "size", "a whole number from 0 to 2147483647",
                   DescribeJson(size));
    }
    type->fixed_bytes = static_cast<uint32_t>(bytes);
    type->logical = ReadLogicalType(*type, object);
    return type;
  }

  absl::StatusOr<AvroType*> ReadRecord(JsonElement object, const std::string& pointer,
                                       const std::string& space) {
    NEXUS_ASSIGN_OR_RETURN(AvroType * type,
                           NewNamedType(object, AvroKind::kRecord, pointer, space));
    NEXUS_ASSIGN_OR_RETURN(const JsonElement fields, ReadArray(object, "fields", pointer));
    const std::string inner(NamespaceOf(type->full_name));
    absl::flat_hash_set<std::string> names;
    for (const JsonElement field : ItemsOf(fields)) {
      const std::string at = absl::StrCat(pointer, "/fields/", type->fields.size());
      NEXUS_RETURN_IF_ERROR(ReadField(*type, field, at, inner));
      const AvroField& read = type->fields.back();
      // An alias that is also the name of another field would give one value two meanings.
      bool once = names.insert(read.name).second;
      for (const std::string& alias : read.aliases) {
        once = (alias == read.name || names.insert(alias).second) && once;
      }
      if (!once) {
        return Fault(at, "name", "a name and aliases that no other field has", read.name);
      }
    }
    return type;
  }

  absl::Status ReadField(AvroType& record, JsonElement object, const std::string& pointer,
                         const std::string& space) {
    if (!object.is_object()) return Fault(pointer, "fields", "an object", DescribeJson(object));
    AvroField field;
    field.pointer = origin_ + pointer;
    NEXUS_ASSIGN_OR_RETURN(const auto name, ReadText(object, "name", pointer));
    if (!name) return Fault(pointer, "name", "a member \"name\"", "none");
    if (!IsAvroName(*name)) {
      return Fault(pointer + "/name", "name", "letters, digits and '_', no digit first",
                   DescribeText({name->data(), name->size()}));
    }
    field.name = std::string(*name);
    NEXUS_RETURN_IF_ERROR(ReadText(object, "doc", pointer).status());
    NEXUS_ASSIGN_OR_RETURN(const auto order, ReadText(object, "order", pointer));
    if (order && *order != "ascending" && *order != "descending" && *order != "ignore") {
      return Fault(pointer + "/order", "order", "ascending, descending or ignore",
                   DescribeText({order->data(), order->size()}));
    }
    NEXUS_ASSIGN_OR_RETURN(field.field_class, ReadFieldClass(object, field.pointer));
    NEXUS_ASSIGN_OR_RETURN(field.aliases, ReadNames(object, "aliases", false, pointer));
    JsonElement type;
    if (object["type"].get(type)) return Fault(pointer, "type", "a member \"type\"", "none");
    NEXUS_ASSIGN_OR_RETURN(field.type, Read(type, pointer + "/type", space));
    JsonElement value;
    field.has_default = !object["default"].get(value);
    if (field.has_default) draft_.defaults.push_back({&record, record.fields.size(), value});
    record.fields.push_back(std::move(field));
    return absl::OkStatus();
  }

  const std::string& origin_;
  AvroSchemaDraft& draft_;
};

}  // namespace

absl::StatusOr<const AvroType*> ReadDefinition(JsonElement root, const std::string& origin,
                                               AvroSchemaDraft& draft) {
  return DefinitionReader(origin, draft).Read(root, "", "");
}

}  // namespace nexus::schema
