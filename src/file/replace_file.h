#pragma once

// A file that is there in full or not at all, whenever the machine stops.

#include <sys/types.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace nexus::file {

// Puts `content` in the place of the file in one step: written beside it as "PATH.new" and synced,
// then renamed, then the folder is synced. It has `mode` from its first moment, whatever the umask;
// a link in its place is replaced, not followed. Two writers of one path must not meet. INTERNAL
// with the path and the system's reason; the file is then as before, or new but not synced.
absl::Status ReplaceFile(const std::string& path, absl::string_view content, mode_t mode);

// Makes the names in the folder last. INTERNAL.
absl::Status SyncFolder(const std::string& path);

}  // namespace nexus::file
