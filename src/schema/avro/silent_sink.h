#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"

namespace nexus::schema {

// Hears nothing: for checking, and for passing over.
struct SilentSink {
  static constexpr bool kSkipsEmpty = true;
  bool full() const { return false; }
  void Null() {}
  void Boolean(bool) {}
  void Whole(int64_t) {}
  void Real(double) {}
  void Text(absl::string_view) {}
  void Bytes(absl::string_view) {}
  void Open(char) {}
  void Name(absl::string_view, bool) {}
  void Item(bool) {}
  void Close(char) {}
};

}  // namespace nexus::schema
