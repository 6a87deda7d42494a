#pragma once

// Looks after the place that a bundle came from, and puts a new one into use.
//
// What is there is loaded once it has looked the same twice in a row, so that files which are still
// being copied are not taken for all of it. What cannot be used is reported and left: the policies
// before it go on. Thread-safe.

#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "file/settled_files.h"
#include "policy/bundle/wasm_bundle.h"
#include "policy/wasm/embedded_decider.h"

namespace nexus::policy {

struct BundleWatchOptions {
  std::string path;  // a file or a folder
  // From one look to the next; zero: only Look() looks.
  absl::Duration interval = absl::Seconds(1);
  std::function<absl::StatusOr<WasmBundle>()> load;  // what is at `path`
  std::function<void(absl::string_view)> on_event;   // one line for the log
};

class BundleWatch {
 public:
  // What is at `path` now counts as loaded. `decider` must outlive it.
  BundleWatch(BundleWatchOptions options, EmbeddedDecider& decider);
  ~BundleWatch();

  // One look. True if another bundle was put into use.
  bool Look() ABSL_LOCKS_EXCLUDED(look_mutex_);

 private:
  // Of all files there.
  std::string Traits() const;
  bool Load();
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);

  const BundleWatchOptions options_;
  EmbeddedDecider& decider_;

  absl::Mutex look_mutex_;
  file::SettledFiles files_ ABSL_GUARDED_BY(look_mutex_);

  absl::Mutex mutex_;
  absl::CondVar stop_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread thread_;
};

}  // namespace nexus::policy
