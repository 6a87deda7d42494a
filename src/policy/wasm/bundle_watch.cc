#include "policy/wasm/bundle_watch.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "concurrency/thread_name.h"
#include "file/settled_files.h"

namespace nexus::policy {
namespace {

namespace fs = std::filesystem;

}  // namespace

BundleWatch::BundleWatch(BundleWatchOptions options, EmbeddedDecider& decider)
    : options_(std::move(options)), decider_(decider) {
  {
    absl::MutexLock lock(&look_mutex_);
    files_.Begin(Traits());
  }
  if (options_.interval > absl::ZeroDuration()) thread_ = std::thread([this] { Run(); });
}

BundleWatch::~BundleWatch() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    stop_.Signal();
  }
  if (thread_.joinable()) thread_.join();
}

std::string BundleWatch::Traits() const {
  std::error_code error;
  // A link that is turned to another folder changes what is in it, too.
  const fs::path path = fs::weakly_canonical(options_.path, error);
  if (!fs::is_directory(path, error)) return file::TraitsOf(path.string());
  std::vector<std::string> traits;
  for (fs::recursive_directory_iterator it(path, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored)) {
      traits.push_back(file::TraitsOf(it->path().string()));
    }
  }
  std::sort(traits.begin(), traits.end());
  return absl::StrJoin(traits, "");
}

bool BundleWatch::Look() {
  absl::MutexLock lock(&look_mutex_);
  return files_.Changed(Traits()) && Load();
}

bool BundleWatch::Load() {
  const std::string before = decider_.State().revision;
  absl::StatusOr<WasmBundle> bundle = options_.load();
  if (bundle.ok() && bundle->revision == before) {
    decider_.SetWarning("");
    return false;
  }
  const absl::Status loaded =
      bundle.ok() ? decider_.Replace(*std::move(bundle)) : decider_.Refused(bundle.status());
  decider_.SetWarning(
      loaded.ok() ? "" : absl::StrCat("new policies refused: ", std::string(loaded.message())));
  if (!options_.on_event) return loaded.ok();
  options_.on_event(
      loaded.ok()
          ? absl::StrCat("policies replaced: ", decider_.State().revision, " after ", before)
          : absl::StrCat("new policies refused, ", before, " goes on: ", loaded.message()));
  return loaded.ok();
}

void BundleWatch::Run() {
  concurrency::NameThisThread("policy-watch");
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (!stopped_) stop_.WaitWithTimeout(&mutex_, options_.interval);
      if (stopped_) return;
    }
    Look();
  }
}

}  // namespace nexus::policy
