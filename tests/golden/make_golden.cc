// Makes the golden data folder of this format: make_golden FOLDER. Writes FOLDER/data and
// FOLDER/dump.txt, what every later build must read from it. Run it once for each format and keep
// what it wrote: a folder that was made anew proves nothing about the old one.

#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "golden/golden_log.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_golden FOLDER\n";
    return 2;
  }
  const std::string folder = argv[1];
  std::filesystem::create_directories(folder);
  const absl::Status made = nexus::golden::Make(folder + "/data");
  if (!made.ok()) {
    std::cerr << made << "\n";
    return 1;
  }
  // Opening writes: the folder stays as its first writer closed it. The info logs of RocksDB name
  // this machine and mean nothing to a reader.
  std::filesystem::copy(folder + "/data", folder + "/copy",
                        std::filesystem::copy_options::recursive);
  for (const auto& entry : std::filesystem::directory_iterator(folder + "/data/log")) {
    if (entry.path().filename().string().rfind("LOG", 0) == 0) std::filesystem::remove(entry);
  }
  const absl::StatusOr<std::string> dump = nexus::golden::Dump(folder + "/copy");
  std::filesystem::remove_all(folder + "/copy");
  if (!dump.ok()) {
    std::cerr << dump.status() << "\n";
    return 1;
  }
  std::ofstream(folder + "/dump.txt", std::ios::binary) << *dump;
  return 0;
}
