#pragma once

// How far an import came, kept in a small JSON file so that the next one can go on from there.

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace nexus::cli {

struct ImportCursor {
  std::string format;
  uint64_t batch_size = 0;  // lines a batch; another size would cut other batches
  uint64_t bytes = 0;       // of the input that are done
  uint64_t lines = 0;
  uint64_t batches = 0;
  uint64_t stored = 0;  // events
  uint64_t skipped = 0;
  std::string prefix_digest;  // SHA-256 of those bytes, hexadecimal: it is still the same input

  friend bool operator==(const ImportCursor&, const ImportCursor&) = default;
};

// Nothing if there is no file. MALFORMED_JSON if it is not one of ours.
absl::StatusOr<std::optional<ImportCursor>> LoadCursor(const std::string& path);

absl::Status SaveCursor(const std::string& path, const ImportCursor& cursor);

}  // namespace nexus::cli
