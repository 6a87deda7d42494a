#pragma once

// When files that somebody else replaces may be read.

#include <string>
#include <utility>

namespace nexus::file {

// What changes when the file at `path` does: its place, which is another where a link was turned,
// its size and its time. A file that is not there has traits as well.
std::string TraitsOf(const std::string& path);

// Says so once for each change, when two looks in a row have seen the same: what is still being
// copied is not taken for all of it. Not thread-safe.
class SettledFiles {
 public:
  // What is there now counts as read.
  void Begin(std::string traits) { read_ = seen_ = std::move(traits); }

  // One look. True: read them now. Whatever comes of that, the same files are not named again.
  bool Changed(std::string traits);

 private:
  std::string seen_;
  std::string read_;
};

}  // namespace nexus::file
