#pragma once

// Which members of a document's objects some schema declares: those that `properties`,
// `patternProperties`, `additionalProperties` or `unevaluatedProperties` of a schema that holds
// have looked at, whichever schema that is. An object of which no schema names members is free: all
// of them are welcome.
//
// A journal, so that what a schema noted can be taken back when it turns out not to hold. For one
// document, on one thread. An object goes by its place on the tape.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "nexus/core/errors.h"
#include "schema/json/instance.h"
#include "schema/json/json_document.h"
#include "schema/json/schema_model.h"

namespace nexus::schema {

class DeclaredMembers {
 public:
  // That `rules`, which must outlive this, name members of the object.
  void Describe(size_t object, const ObjectRules& rules) { Note(object, kDescribed, &rules); }
  // That the object's member at `index` is declared; its rules have described the object.
  void Declare(size_t object, size_t index) { Note(object, static_cast<uint32_t>(index), nullptr); }
  void DeclareAll(size_t object) { Note(object, kAll, nullptr); }

  size_t size() const { return entries_.size(); }
  void ForgetFrom(size_t size) { entries_.resize(size); }

  // The first `max` (at least one) that are not declared, in the order of the document, as
  // violations. What lies within such a member is not looked at. Call it once, at the end.
  // LIMIT_EXCEEDED if there was more to note than is allowed.
  absl::StatusOr<std::vector<Violation>> Undeclared(JsonElement root, size_t max);

 private:
  static constexpr uint32_t kDescribed = UINT32_MAX - 1;
  static constexpr uint32_t kAll = UINT32_MAX;

  // Many schemas may each look at all members of a large object. 16 bytes each.
  static constexpr size_t kEntriesMax = 2'000'000;

  struct Entry {
    uint32_t object = 0;
    uint32_t member = 0;
    const ObjectRules* rules = nullptr;  // of kDescribed
  };
  // What the journal says of one object; sorted by member.
  using Entries = std::vector<Entry>;
  struct Group {
    Entries::const_iterator begin;
    Entries::const_iterator end;
    bool IsFree() const;
    bool Declares(uint32_t index) const;
  };

  void Note(size_t object, uint32_t member, const ObjectRules* rules) {
    overflowed_ = overflowed_ || entries_.size() >= kEntriesMax;
    if (!overflowed_) entries_.push_back({static_cast<uint32_t>(object), member, rules});
  }
  Group GroupOf(size_t object) const;
  bool AllDeclared(JsonElement root) const;
  // False once there are enough.
  bool Collect(JsonElement value, const InstancePath& path, size_t max,
               std::vector<Violation>& found) const;

  Entries entries_;
  bool overflowed_ = false;
};

}  // namespace nexus::schema
