#include "sink/webhook/webhook_sink.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "concurrency/thread_name.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "sink/outbound/unavailable.h"

namespace nexus::sink {
namespace {

constexpr absl::Duration kReadSecretsAgain = absl::Seconds(1);
constexpr absl::Duration kGiveBackWebhook = absl::Seconds(10);
constexpr int kIdleMs = 60'000;

}  // namespace

absl::StatusOr<std::unique_ptr<WebhookSink>> WebhookSink::Open(WebhookOptions options,
                                                               const Clock& clock) {
  NEXUS_RETURN_IF_ERROR(Check(options));
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  CURLM* multi = curl_multi_init();
  if (multi == nullptr) return MakeError(ErrorReason::kInternal, "webhook: no memory");
  return std::unique_ptr<WebhookSink>(new WebhookSink(std::move(options), clock, multi));
}

WebhookSink::WebhookSink(WebhookOptions options, const Clock& clock, CURLM* multi)
    : options_(std::move(options)),
      place_(PlaceOf(options_.url)),
      clock_(clock),
      multi_(multi),
      outbox_({options_.queue_events_max, options_.queue_bytes_max},
              [multi] { curl_multi_wakeup(multi); }),
      thread_([this] { Work(); }) {
  // There is no connection to wait for.
  outbox_.Open();
}

WebhookSink::~WebhookSink() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  curl_multi_wakeup(multi_);
  thread_.join();
  curl_multi_cleanup(multi_);
}

void WebhookSink::Deliver(OutboundEvent event, Delivered done) {
  outbox_.Add(std::move(event), std::move(done));
}

absl::Status WebhookSink::Flush(absl::Duration timeout) {
  if (outbox_.AwaitEmpty(timeout)) return absl::OkStatus();
  outbox_.GiveBackAll(Unavailable("the receiver did not answer in time"));
  outbox_.AwaitEmpty(kGiveBackWebhook);
  return MakeError(ErrorReason::kDeadlineExceeded, "the receiver did not take all events in time");
}

absl::Status WebhookSink::Health() {
  absl::MutexLock lock(&mutex_);
  return health_;
}

void WebhookSink::Work() {
  concurrency::NameThisThread(absl::StrCat("sink-", options_.name));
  while (!stopping()) {
    EndPause();
    BeginSome();
    int running = 0;
    curl_multi_perform(multi_, &running);
    FinishSome();
    // Those that ended may have let others of their streams go.
    const bool more = !paused_ && under_way_.size() < options_.in_flight_max && outbox_.HasReady();
    if (!more) curl_multi_poll(multi_, nullptr, 0, MillisToWait(), nullptr);
  }
  for (const auto& [request, owned] : under_way_) {
    curl_multi_remove_handle(multi_, request->handle());
  }
  under_way_.clear();
  outbox_.Close(Unavailable("the sink is closing"));
}

void WebhookSink::BeginSome() {
  while (!paused_ && under_way_.size() < options_.in_flight_max) {
    const std::optional<Outbox::Item> item = outbox_.Take();
    if (!item) return;
    absl::Status begun = ReadSecrets();
    if (begun.ok()) {
      auto request = WebhookRequest::Make(options_, secrets_, *item, clock_.Now());
      begun = request.status();
      if (request.ok()) {
        WebhookRequest* key = request->get();
        curl_multi_add_handle(multi_, key->handle());
        under_way_.emplace(key, *std::move(request));
        continue;
      }
    }
    if (absl::IsUnavailable(begun)) SetHealth(begun);
    outbox_.Answer(item->ticket, begun);
  }
}

// New ones come into use within a second.
absl::Status WebhookSink::ReadSecrets() {
  const absl::Duration now = clock_.Monotonic();
  if (now - secrets_read_ < kReadSecretsAgain) return absl::OkStatus();
  NEXUS_ASSIGN_OR_RETURN(secrets_.signing, ReadSecret(options_.signing_secret));
  NEXUS_ASSIGN_OR_RETURN(secrets_.bearer, ReadSecret(options_.bearer_token));
  secrets_read_ = now;
  return absl::OkStatus();
}

void WebhookSink::FinishSome() {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    char* self = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &self);
    auto* request = reinterpret_cast<WebhookRequest*>(self);
    curl_multi_remove_handle(multi_, request->handle());
    Finish(*request, code);
    under_way_.erase(request);
  }
}

void WebhookSink::Finish(WebhookRequest& request, CURLcode code) {
  const WebhookRequest::Outcome outcome = request.OutcomeOf(code);
  if (outcome.status.ok()) {
    SetHealth(absl::OkStatus());
    outbox_.Answer(request.ticket(), Coordinate{.place = place_});
    return;
  }
  absl::Status status = outcome.status;
  if (absl::IsUnavailable(status)) {
    status = Unavailable(absl::StrCat(place_, ": ", status.message()));
    SetHealth(status);
    if (outcome.retry_after > absl::ZeroDuration()) PauseFor(outcome.retry_after, status);
  }
  outbox_.Answer(request.ticket(), status);
}

// What is under way may still end well.
void WebhookSink::PauseFor(absl::Duration pause, const absl::Status& why) {
  pause = std::min(pause, options_.retry_after_max);
  paused_until_ = std::max(paused_until_, clock_.Monotonic() + pause);
  paused_ = true;
  outbox_.CloseIntake(Unavailable(
      absl::StrCat(why.message(), "; it asks to be left alone for ", absl::FormatDuration(pause))));
}

void WebhookSink::EndPause() {
  if (!paused_ || clock_.Monotonic() < paused_until_) return;
  paused_ = false;
  outbox_.Open();
}

int WebhookSink::MillisToWait() const {
  if (!paused_) return kIdleMs;
  const int64_t left = absl::ToInt64Milliseconds(paused_until_ - clock_.Monotonic());
  return static_cast<int>(std::clamp<int64_t>(left + 1, 0, kIdleMs));
}

bool WebhookSink::stopping() {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void WebhookSink::SetHealth(const absl::Status& health) {
  absl::MutexLock lock(&mutex_);
  health_ = health;
}

}  // namespace nexus::sink
