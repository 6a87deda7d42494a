#include "schema/avro/compat/declared_types.h"

#include <algorithm>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "schema/json/json_describe.h"

namespace nexus::schema {
namespace {

// Of a type by itself: what is inside of records, arrays and maps is looked at on its own.
std::string OwnText(const AvroType& type) {
  if (type.kind != AvroKind::kUnion) {
    std::string text(AvroKindName(type.kind));
    if (type.named()) absl::StrAppend(&text, " ", type.full_name);
    if (!type.logical.name.empty()) {
      absl::StrAppend(&text, " ", type.logical.name, " ", type.logical.precision, ",",
                      type.logical.scale);
    }
    return text;
  }
  std::vector<std::string> branches;
  for (const AvroType* branch : type.branches) branches.push_back(OwnText(*branch));
  // The order of branches is no promise to readers.
  std::sort(branches.begin(), branches.end());
  return absl::StrCat("union of ", absl::StrJoin(branches, ", "));
}

// With what is inside arrays and maps; records are named, so this ends.
std::string WholeText(const AvroType& type) {
  if (type.items != nullptr) {
    return absl::StrCat(AvroKindName(type.kind), " of ", WholeText(*type.items));
  }
  if (type.kind != AvroKind::kUnion) return OwnText(type);
  std::vector<std::string> branches;
  for (const AvroType* branch : type.branches) branches.push_back(WholeText(*branch));
  std::sort(branches.begin(), branches.end());
  return absl::StrCat("union of ", absl::StrJoin(branches, ", "));
}

CompatibilityFinding Finding(const char* rule, std::string path, std::string old_value,
                             std::string new_value, std::string message) {
  constexpr size_t kValueBytesMax = 200;
  CompatibilityFinding finding;
  finding.rule = rule;
  finding.path = std::move(path);
  finding.old_value = Shorten(std::move(old_value), kValueBytesMax);
  finding.new_value = Shorten(std::move(new_value), kValueBytesMax);
  finding.message = std::move(message);
  return finding;
}

// Follows two versions from the root, field by field of the same name.
class DeclarationCheck {
 public:
  DeclarationCheck(const CompatibilityFlags& flags, size_t pairs_max)
      : flags_(flags), pairs_max_(pairs_max) {}

  std::vector<CompatibilityFinding> Run(const AvroType& from, const AvroType& to) {
    Reach(from, to, to.pointer);
    for (size_t i = 0; i < places_.size(); ++i) {
      if (places_.size() > pairs_max_ || work_ > 10 * pairs_max_) {
        findings_.push_back(Finding(
            "UNDECIDED", "", "", "",
            absl::StrCat("more than ", pairs_max_, " pairs of types would have to be looked at")));
        break;
      }
      // By value: places_ grows.
      Look(Place(places_[i]));
    }
    return std::move(findings_);
  }

 private:
  struct Place {
    const AvroType* from = nullptr;
    const AvroType* to = nullptr;
    std::string path;  // where the new version uses the type
  };

  // Kept: in large schemas a type meets many others.
  const std::string& TextOf(const AvroType& type) {
    std::unique_ptr<const std::string>& text = texts_[&type];
    if (text == nullptr) text = std::make_unique<const std::string>(OwnText(type));
    return *text;
  }

  void Reach(const AvroType& from, const AvroType& to, std::string path) {
    if (reached_.insert({&from, &to}).second) places_.push_back({&from, &to, std::move(path)});
  }

  void Look(const Place& place) {
    const AvroType& from = *place.from;
    const AvroType& to = *place.to;
    work_ += 1 + from.branches.size() + to.branches.size();
    const bool is_rename = from.named() && from.kind == to.kind && from.full_name != to.full_name;
    if (is_rename) {
      Add("TYPE_RENAMED", place.path, from.full_name, to.full_name,
          absl::StrCat(from.full_name, " is called ", to.full_name));
    } else if (TextOf(from) != TextOf(to) && !flags_.allow_type_changes) {
      const std::string old_type = DescribeAvroType(from);
      const std::string new_type = DescribeAvroType(to);
      Add("TYPE_CHANGE_REQUIRES_NEW_EVENT_TYPE", place.path, old_type, new_type,
          absl::StrCat(place.path.empty() ? "the schema" : place.path, " was ", old_type,
                       " and is ", new_type));
      return;
    }
    if (from.kind == AvroKind::kUnion || to.kind == AvroKind::kUnion) return LookAtBranches(place);
    if (from.kind != to.kind) return;
    if (from.kind == AvroKind::kRecord) return LookAtFields(from, to);
    if (from.items != nullptr) {
      Reach(*from.items, *to.items,
            to.pointer + (to.kind == AvroKind::kMap ? "/values" : "/items"));
    }
  }

  // Branches, or what stands there without a union, that are of one type by name.
  void LookAtBranches(const Place& place) {
    absl::flat_hash_map<absl::string_view, const AvroType*> known;
    const auto key = [](const AvroType& type) {
      return type.named() ? absl::string_view(type.full_name) : AvroKindName(type.kind);
    };
    if (place.from->kind == AvroKind::kUnion) {
      for (const AvroType* branch : place.from->branches) known[key(*branch)] = branch;
    } else {
      known[key(*place.from)] = place.from;
    }
    const auto meet = [&](const AvroType& type, const std::string& path) {
      const auto found = known.find(key(type));
      if (found != known.end()) Reach(*found->second, type, path);
    };
    if (place.to->kind != AvroKind::kUnion) return meet(*place.to, place.path);
    for (size_t i = 0; i < place.to->branches.size(); ++i) {
      meet(*place.to->branches[i], absl::StrCat(place.path, "/", i));
    }
  }

  void LookAtFields(const AvroType& from, const AvroType& to) {
    work_ += from.fields.size() + to.fields.size();
    absl::flat_hash_map<absl::string_view, const AvroField*> gone;
    for (const AvroField& field : from.fields) gone[field.name] = &field;
    std::vector<const AvroField*> fresh;
    for (const AvroField& field : to.fields) {
      const auto before = gone.find(field.name);
      if (before == gone.end()) {
        fresh.push_back(&field);
        continue;
      }
      Reach(*before->second->type, *field.type, field.pointer + "/type");
      gone.erase(before);
    }
    for (const AvroField* field : fresh) {
      const auto alias = std::find_if(field->aliases.begin(), field->aliases.end(),
                                      [&](const std::string& name) { return gone.contains(name); });
      if (alias == field->aliases.end()) {
        LookAtNewField(*field, to);
        continue;
      }
      Add("FIELD_RENAMED", field->pointer, *alias, field->name,
          absl::StrCat("the field ", *alias, " of ", to.full_name, " is called ", field->name));
      gone.erase(*alias);
    }
    for (const AvroField& field : from.fields) {
      if (gone.contains(field.name)) LookAtRemovedField(field, from);
    }
  }

  void LookAtNewField(const AvroField& field, const AvroType& record) {
    const std::string type = DescribeAvroType(*field.type);
    if (!flags_.allow_new_fields) {
      Add("NEW_FIELD_NOT_ALLOWED", field.pointer, "", type,
          absl::StrCat("the field ", field.name, " of ", record.full_name, " is new"));
    } else if (flags_.require_defaults && !field.has_default) {
      Add("NEW_FIELD_WITHOUT_DEFAULT", field.pointer, "", type,
          absl::StrCat("the new field ", field.name, " of ", record.full_name, " has no default"));
    }
  }

  void LookAtRemovedField(const AvroField& field, const AvroType& record) {
    const std::string type = DescribeAvroType(*field.type);
    if (!flags_.allow_field_removal) {
      Add("FIELD_REMOVED", field.pointer, type, "",
          absl::StrCat("the field ", field.name, " of ", record.full_name, " is gone"));
    } else if (!field.has_default) {
      Add("REQUIRED_FIELD_REMOVED", field.pointer, type, "",
          absl::StrCat("the field ", field.name, " of ", record.full_name,
                       " had no default until now"));
    }
  }

  void Add(const char* rule, std::string path, std::string old_value, std::string new_value,
           std::string message) {
    findings_.push_back(Finding(rule, std::move(path), std::move(old_value), std::move(new_value),
                                std::move(message)));
  }

  const CompatibilityFlags& flags_;
  const size_t pairs_max_;
  absl::flat_hash_set<std::pair<const AvroType*, const AvroType*>> reached_;
  absl::flat_hash_map<const AvroType*, std::unique_ptr<const std::string>> texts_;
  std::vector<Place> places_;
  std::vector<CompatibilityFinding> findings_;
  size_t work_ = 0;
};

}  // namespace

std::vector<CompatibilityFinding> CheckDeclarations(const AvroSchema& from, const AvroSchema& to,
                                                    const CompatibilityFlags& flags,
                                                    size_t pairs_max) {
  return DeclarationCheck(flags, pairs_max).Run(*from.root, *to.root);
}

DeclaredFields FieldsOf(const AvroSchema& schema) {
  DeclaredFields fields;
  for (const auto& type : schema.types) {
    for (const AvroField& field : type->fields) {
      fields[{type->full_name, field.name}] = {WholeText(*field.type), field.pointer};
    }
  }
  return fields;
}

std::vector<CompatibilityFinding> CheckReturns(const DeclaredFields& earlier,
                                               const DeclaredFields& latest,
                                               const DeclaredFields& to) {
  std::vector<CompatibilityFinding> findings;
  for (const auto& [name, field] : to) {
    if (latest.contains(name)) continue;
    const auto before = earlier.find(name);
    if (before == earlier.end() || before->second.type == field.type) continue;
    findings.push_back(Finding("FIELD_RETURNED_WITH_OTHER_TYPE", field.pointer, before->second.type,
                               field.type,
                               absl::StrCat("the field ", name.second, " of ", name.first,
                                            " comes back with another type")));
  }
  return findings;
}

}  // namespace nexus::schema
