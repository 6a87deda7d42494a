#pragma once

// A folder for one run: data, and beside it the graveyard of FaultyFileSystem.

#include <stdlib.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace nexus::evidence {

// In memory if there is room: what dies here is a process, never the machine.
inline std::string ScratchRoot() {
  constexpr uint64_t kRoomBytes = 256 << 20;
  std::error_code error;
  const std::filesystem::space_info room = std::filesystem::space("/dev/shm", error);
  if (!error && room.available > kRoomBytes) return "/dev/shm";
  return std::filesystem::temp_directory_path().string();
}

class ScratchFolder {
 public:
  ScratchFolder() : path_(ScratchRoot() + "/nexus-evidence-XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) std::abort();
    std::filesystem::create_directory(graveyard());
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string data() const { return path_ + "/data"; }
  std::string graveyard() const { return path_ + "/graveyard"; }

 private:
  std::string path_;
};

// How many of something a run does: `name` in the environment, or the count for every change.
inline uint64_t CountFromEnvironment(const char* name, uint64_t change_lane) {
  const char* text = getenv(name);
  return text == nullptr ? change_lane : strtoull(text, nullptr, 10);
}

}  // namespace nexus::evidence
