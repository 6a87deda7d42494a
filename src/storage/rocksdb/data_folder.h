#pragma once

// The folder that everything is kept in: whose it is, and in which format.
//
// Holds the lock of the folder as long as it lives. Immutable after Open.

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace nexus::storage {

class DataFolder {
 public:
  // Makes the folder if it does not exist or is empty. Errors, each saying what to do:
  //   DATA_FOLDER_LOCKED   another process (or another DataFolder) holds it
  //   UNSUPPORTED_FORMAT   it is of a newer format, or of another program
  //   INTERNAL             it cannot be made or read (permissions, a file in its place)
  static absl::StatusOr<std::unique_ptr<DataFolder>> Open(const std::string& path);

  // Whether a data folder of ours, of any format, is there.
  static bool Exists(const std::string& path);

  ~DataFolder();
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  std::string log_path() const { return path_ + "/log"; }
  std::string ballast_path() const { return path_ + "/ballast"; }
  std::string anchor_path() const { return path_ + "/anchor"; }

 private:
  DataFolder(std::string path, int lock_fd) : path_(std::move(path)), lock_fd_(lock_fd) {}

  const std::string path_;
  const int lock_fd_;
};

}  // namespace nexus::storage
