#pragma once

// Appends JSON to a string: commas, quotes and escapes in one place.
//
//   JsonWriter json(&out);
//   json.BeginObject();
//   json.Key("name");
//   json.String(name);
//   json.EndObject();
//
// The caller opens and closes what it should; nothing is checked. Strings are written as
// nexus/core/json_text.h does. Not thread-safe; `out` must
// outlive the writer.

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace nexus::policy {

class JsonWriter {
 public:
  explicit JsonWriter(std::string* out) : out_(*out) {}

  void BeginObject() { Open('{'); }
  void EndObject() { Close('}'); }
  void BeginArray() { Open('['); }
  void EndArray() { Close(']'); }

  void Key(absl::string_view key);
  void String(absl::string_view text);
  void Number(uint64_t number);
  // The shortest text that reads back as the same number; null if it is not finite.
  void Number(double number);
  void Bool(bool value);
  // A value that is JSON already; it is not looked at.
  void Raw(absl::string_view json);

 private:
  void Open(char bracket);
  void Close(char bracket);
  void Separate();

  std::string& out_;
  bool comma_ = false;  // the next value follows another one
};

}  // namespace nexus::policy
