#pragma once

// Reads an object of a declaration strictly: a member that nobody asked for is a fault, and so is
// one of the wrong kind. Faults name the place by a JSON pointer.
//
// The first fault stays; what is read after it is left as it was. Not thread-safe. `json` must
// outlive it.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "nexus/core/name_table.h"
#include "nexus/port/json_reader.h"

namespace nexus::declaration {

// The name of a member as it stands in a JSON pointer.
std::string EscapedForPointer(absl::string_view name);

// MALFORMED_REQUEST with a violation that has the pointer.
absl::Status DeclarationFault(absl::string_view pointer, absl::string_view message);

class StrictObject {
 public:
  // `pointer`: where `text` stands in the whole document; "" for the document itself.
  StrictObject(JsonReader& json, absl::string_view text, std::string pointer);

  bool Has(absl::string_view name) const { return members_.contains(name); }
  // Of all members, sorted.
  std::vector<std::string> Names() const;
  // Whether the member is there, and a string.
  bool HasText(absl::string_view name) const;

  // Each leaves `out` as it was if the member is not there.
  void Text(absl::string_view name, std::string& out, size_t bytes_max = 1'000);
  void Flag(absl::string_view name, bool& out);
  void Number(absl::string_view name, uint64_t& out, uint64_t min, uint64_t max);
  // 0 to 1.
  void Share(absl::string_view name, double& out);
  // A number of at most six decimal places, in millionths; neither above nor below `limit`.
  void Decimal(absl::string_view name, int64_t& out, int64_t limit);
  void Texts(absl::string_view name, std::vector<std::string>& out, size_t count_max);
  // An object whose members are strings, by name.
  void TextMap(absl::string_view name, std::vector<std::pair<std::string, std::string>>& out,
               size_t count_max);
  // Any value, as canonical JSON.
  void Json(absl::string_view name, std::string& out);
  // One of the names of `table`.
  template <typename Value, size_t N>
  void OneOf(absl::string_view name, const std::pair<Value, absl::string_view> (&table)[N],
             Value& out) {
    std::string text;
    Text(name, text);
    if (!Has(name) || !status_.ok() || ParseNameIn(table, text, out)) return;
    std::string known;
    for (const auto& [value, one] : table) absl::StrAppend(&known, known.empty() ? "" : ", ", one);
    Fail(name, absl::StrCat("'", text, "' is not known; known are: ", known));
  }

  void Require(absl::string_view name);
  void Fail(absl::string_view name, absl::string_view message);
  void Take(const absl::Status& status);  // of a part that was read elsewhere

  std::string PointerOf(absl::string_view name) const;
  // OK if all went well and no member is left that nobody asked for.
  absl::Status Finish();
  const absl::Status& status() const { return status_; }

 private:
  const JsonMember* Find(absl::string_view name);
  const JsonMember* FindText(absl::string_view name);

  JsonReader& json_;
  const std::string pointer_;
  absl::flat_hash_map<std::string, JsonMember> members_;
  absl::flat_hash_set<std::string> asked_;
  absl::Status status_;
};

}  // namespace nexus::declaration
