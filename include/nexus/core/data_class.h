#pragma once

// Which fields of an event hold data of a class that somebody has named, such as personal ones.
// docs/reference/data-classes.md says how schemas write it down.

#include <cstddef>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/string_view.h"

namespace nexus {

// What a schema says of one field, or of a value wherever it stands.
struct FieldClass {
  std::string data_class;    // "pii.email"; empty: none
  bool subject_key = false;  // its value says whose data the event holds

  bool empty() const { return data_class.empty() && !subject_key; }
};

struct ClassifiedField {
  // Into the data, as a JSON pointer; "*" stands for every item, and every member that the schema
  // does not call by name.
  std::string path;
  std::string data_class;
  bool subject_key = false;

  friend bool operator==(const ClassifiedField&, const ClassifiedField&) = default;
  friend bool operator<(const ClassifiedField& a, const ClassifiedField& b) {
    return std::tie(a.path, a.data_class, a.subject_key) <
           std::tie(b.path, b.data_class, b.subject_key);
  }
};

// Made by ClassifiedFieldsList, so that what follows from the fields agrees with them.
struct ClassifiedFields {
  std::vector<ClassifiedField> fields;  // by path, each once
  // Else there are more ways to such a field than are listed: types that hold one another.
  bool complete = true;
  std::vector<std::string> classes = {};  // of the fields, each once, sorted
  bool subject_key = false;               // one of them is one
};

// What IsDataClass() asks for, as errors say it.
inline constexpr char kDataClassForm[] =
    "words of a-z, 0-9 and _ with dots between them, at most 64 bytes";

// Lower-case words that begin with a letter, joined by dots: "secret", "pii.email".
bool IsDataClass(absl::string_view text);

// Collects what a walk over a schema finds, within bounds.
class ClassifiedFieldsList {
 public:
  void Add(const std::string& path, const FieldClass& found);
  // Counts a step of the walk, before what it may Add(). False: there were too many, or enough was
  // found.
  bool Step();
  // That something was left out.
  void Cut() { complete_ = false; }
  ClassifiedFields Take();

 private:
  static constexpr size_t kFieldsMax = 1'000;
  static constexpr size_t kStepsMax = 100'000;

  std::set<ClassifiedField> fields_;
  size_t steps_ = 0;
  bool complete_ = true;
};

}  // namespace nexus
