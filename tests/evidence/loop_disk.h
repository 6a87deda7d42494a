#pragma once

// A small ext4 of its own on a loop device, whose power can be cut. Needs root and loop devices.

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace nexus::evidence {

// Why this machine cannot make one; empty: it can. Tries it.
std::string WhyNoLoopDisk();

// Not thread-safe. Unmounts and removes itself.
class LoopDisk {
 public:
  // `options` of the mount: "data=ordered" and so on.
  static absl::StatusOr<std::unique_ptr<LoopDisk>> Create(int mebibytes,
                                                          const std::string& options);
  ~LoopDisk();
  LoopDisk(const LoopDisk&) = delete;
  LoopDisk& operator=(const LoopDisk&) = delete;

  // Where it is mounted.
  const std::string& path() const { return mount_; }

  // What has not reached the disk is gone: its journal is not flushed. Whoever uses it must have
  // been killed before, or would see errors that no power cut shows. Mounted again afterwards.
  absl::Status CutPower();

 private:
  LoopDisk(std::string folder, std::string options);

  absl::Status Mount();
  absl::Status Unmount();

  const std::string folder_;
  const std::string mount_;
  const std::string options_;
  std::string device_;
  bool mounted_ = false;
};

}  // namespace nexus::evidence
