#include "policy/remote/bundle_poll.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "concurrency/thread_name.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "policy/bundle/policy_file.h"
#include "policy/bundle/wasm_bundle.h"
#include "policy/remote/kept_bundle.h"

namespace nexus::policy {
namespace {

constexpr long kOk = 200;
constexpr long kNotModified = 304;
constexpr size_t kTokenBytesMax = 16 << 10;
constexpr char kFetches[] = "nexus_policy_bundle_fetches_total";
constexpr char kFetchesHelp[] =
    "Questions to the bundle server, by result: new (a bundle came), unchanged, failed.";

Counter& Fetches(MetricsRegistry& metrics, const char* result) {
  return metrics.GetCounter(kFetches, kFetchesHelp, {{"result", result}});
}

absl::StatusOr<std::string> ReadToken(const std::string& path) {
  NEXUS_ASSIGN_OR_RETURN(const std::string text, ReadPolicyFile(path, kTokenBytesMax));
  const absl::string_view token = absl::StripAsciiWhitespace(text);
  // A line break would end the header.
  const bool plain =
      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 127; });
  if (token.empty() || !plain) {
    return MakeError(ErrorReason::kConfigurationInvalid, absl::StrCat(path, " holds no token"));
  }
  return std::string(token);
}

}  // namespace

BundlePoll::BundlePoll(BundlePollOptions options, EmbeddedDecider& decider,
                       MetricsRegistry& metrics)
    : options_(std::move(options)),
      decider_(decider),
      new_(Fetches(metrics, "new")),
      unchanged_(Fetches(metrics, "unchanged")),
      failed_(Fetches(metrics, "failed")) {
  if (!Poll()) UseKept();
  if (options_.interval > absl::ZeroDuration()) thread_ = std::thread([this] { Run(); });
}

BundlePoll::~BundlePoll() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    stop_.Signal();
  }
  if (thread_.joinable()) thread_.join();
}

bool BundlePoll::Stopped() {
  absl::MutexLock lock(&mutex_);
  return stopped_;
}

void BundlePoll::Say(absl::string_view line) {
  if (options_.on_event) options_.on_event(line);
}

absl::StatusOr<fetch::HttpAnswer> BundlePoll::Ask() {
  fetch::HttpRequest request;
  request.url = options_.url;
  request.ca_file = options_.ca_file;
  request.bytes_max = kBundleBytesMax;
  request.timeout = options_.timeout;
  request.cancelled = [this] { return Stopped(); };
  if (!options_.token_file.empty()) {
    NEXUS_ASSIGN_OR_RETURN(const std::string token, ReadToken(options_.token_file));
    request.headers.push_back(absl::StrCat("Authorization: Bearer ", token));
  }
  if (!etag_.empty()) {
    request.headers.push_back(absl::StrCat("If-None-Match: ", etag_));
    // The first answer is wanted at once.
    if (options_.wait > absl::ZeroDuration()) {
      request.timeout += options_.wait;
      request.headers.push_back(
          absl::StrCat("Prefer: modes=snapshot;wait=", absl::ToInt64Seconds(options_.wait)));
    }
  }
  return fetch::HttpGet(request);
}

bool BundlePoll::Poll() {
  absl::MutexLock lock(&poll_mutex_);
  const absl::StatusOr<fetch::HttpAnswer> answer = Ask();
  const absl::StatusOr<bool> taken = answer.ok() ? Take(*answer) : answer.status();
  if (!taken.ok()) {
    failed_.Add(1);
    Warn(taken.status());
    return false;
  }
  if (!refused_.ok()) {  // the server has it still
    Warn(refused_);
    return false;
  }
  if (!said_.empty()) Say(absl::StrCat("the bundle server answers again: ", options_.url));
  said_.clear();
  decider_.SetWarning("");
  return *taken;
}

absl::StatusOr<bool> BundlePoll::Take(const fetch::HttpAnswer& answer) {
  if (answer.status == kNotModified) {
    unchanged_.Add(1);
    return false;
  }
  if (answer.status != kOk) {
    return MakeError(ErrorReason::kNotReady,
                     absl::StrCat(options_.url, ": answered ", answer.status));
  }
  new_.Add(1);
  etag_ = answer.etag;  // whatever comes of it: the same bytes would fail again
  const std::string before = decider_.State().revision;
  refused_ = Use(answer.body);
  NEXUS_RETURN_IF_ERROR(refused_);
  const std::string now = decider_.State().revision;
  if (now == before) return false;
  Say(absl::StrCat("policies of ", options_.url, ": ", now,
                   before.empty() ? "" : absl::StrCat(" after ", before)));
  const absl::Status kept = KeepBundle(options_.kept_path, answer.body);
  if (!kept.ok())
    Say(absl::StrCat("the policies are not kept for the next start: ", kept.message()));
  return true;
}

absl::Status BundlePoll::Use(absl::string_view archive) {
  absl::StatusOr<WasmBundle> bundle = ParseWasmBundle(archive);
  if (!bundle.ok()) return decider_.Refused(bundle.status());
  if (bundle->revision == decider_.State().revision) return absl::OkStatus();
  return decider_.Replace(*std::move(bundle));
}

void BundlePoll::UseKept() {
  if (!decider_.State().revision.empty()) return;
  const absl::StatusOr<std::string> archive = ReadKeptBundle(options_.kept_path);
  const absl::Status used = archive.ok() ? Use(*archive) : archive.status();
  Say(used.ok() ? absl::StrCat("policies from before decide: ", decider_.State().revision)
                : absl::StrCat("nothing is admitted until policies come: ", used.message()));
}

void BundlePoll::Warn(const absl::Status& why) {
  std::string line =
      absl::StrCat("no new policies from the bundle server: ", std::string(why.message()));
  decider_.SetWarning(line);
  if (line == said_) return;  // once, not at every question
  Say(line);
  said_ = std::move(line);
}

void BundlePoll::Run() {
  concurrency::NameThisThread("policy-poll");
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (!stopped_) stop_.WaitWithTimeout(&mutex_, options_.interval);
      if (stopped_) return;
    }
    Poll();
  }
}

}  // namespace nexus::policy
