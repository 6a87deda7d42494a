#include "policy/wasm/bundle_watch.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "concurrency/thread_name.h"

namespace nexus::policy {
namespace {

namespace fs = std::filesystem;

std::string Trait(const fs::path& path) {
  std::error_code ignored;
  return absl::StrCat(path.string(), " ", fs::file_size(path, ignored), " ",
                      fs::last_write_time(path, ignored).time_since_epoch().count());
}

}  // namespace

BundleWatch::BundleWatch(BundleWatchOptions options, EmbeddedDecider& decider)
    : options_(std::move(options)), decider_(decider) {
  {
    absl::MutexLock lock(&look_mutex_);
    loaded_ = seen_ = Fingerprint();
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

std::string BundleWatch::Fingerprint() const {
  std::error_code error;
  // A link that is turned to another folder changes what is in it, too.
  const fs::path path = fs::weakly_canonical(options_.path, error);
  if (!fs::is_directory(path, error)) return Trait(path);
  std::vector<std::string> traits;
  for (fs::recursive_directory_iterator it(path, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored)) {
      traits.push_back(Trait(fs::weakly_canonical(it->path(), ignored)));
    }
  }
  std::sort(traits.begin(), traits.end());
  return absl::StrJoin(traits, "\n");
}

bool BundleWatch::Look() {
  absl::MutexLock lock(&look_mutex_);
  std::string now = Fingerprint();
  if (now != seen_) {
    seen_ = std::move(now);
    return false;
  }
  if (now == loaded_) return false;
  loaded_ = std::move(now);  // whatever comes of it: the same files would fail again
  return Load();
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
