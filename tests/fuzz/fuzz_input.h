#pragma once

// What the fuzz targets share. Each file *_fuzz.cc is one target: a program of libFuzzer in the
// preset `fuzz`, in every other build a test that replays what lies in corpus/ and regressions/.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// libFuzzer's entry: called once for each input.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace nexus::fuzz {

// Stands between the parts of an input; no part but the last can hold one. A form feed: no format
// of schemas needs it.
inline constexpr char kSeparator = '\f';

// Bytes in memory of exactly their size, so that a read beyond them is noticed.
class Part {
 public:
  Part() = default;
  explicit Part(absl::string_view bytes) : bytes_(bytes.begin(), bytes.end()) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  operator absl::string_view() const { return {bytes_.data(), bytes_.size()}; }

 private:
  std::vector<char> bytes_;
};

// The input cut at its first N - 1 separators; what is not there is empty.
template <size_t N>
std::array<Part, N> Split(const uint8_t* data, size_t size) {
  absl::string_view rest(reinterpret_cast<const char*>(data), size);
  std::array<Part, N> parts;
  for (size_t i = 0; i < N; ++i) {
    const size_t end = i + 1 == N ? absl::string_view::npos : rest.find(kSeparator);
    parts[i] = Part(rest.substr(0, end));
    rest = end == absl::string_view::npos ? absl::string_view() : rest.substr(end + 1);
  }
  return parts;
}

// A property that holds for every input. Ends the program where it does not, which libFuzzer takes
// for a crash.
inline void Require(bool holds, absl::string_view property, absl::string_view about = "") {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s %.*s\n", static_cast<int>(property.size()),
               property.data(), static_cast<int>(about.size()), about.data());
  std::abort();
}

}  // namespace nexus::fuzz
