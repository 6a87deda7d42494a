#include "sink/nats/nats_broker_reader.h"

#include <nats/nats.h>

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "route/cloud_record.h"
#include "sink/nats/nats_mailbox.h"
#include "sink/outbound/unavailable.h"

namespace nexus::sink {
namespace {

constexpr int kMessagesAtOnce = 500;
// Longer than any pause between two requests.
constexpr absl::Duration kForgotten = absl::Minutes(5);

absl::Status ReadOutcome(natsStatus status, absl::string_view what) {
  if (status == NATS_OK) return absl::OkStatus();
  const char* words = nats_GetLastError(nullptr);
  return Unavailable(absl::StrCat(what, ": ", natsStatus_GetText(status),
                                  words != nullptr && *words != '\0' ? ", " : "",
                                  words != nullptr ? words : ""));
}

// "$JS.ACK.<stream>.<consumer>.<delivered>.<sequence>...", newer ones with domain and account
// before the stream. Nothing: it is no message of a stream.
int64_t SequenceOf(natsMsg* message) {
  const char* reply = natsMsg_GetReply(message);
  if (reply == nullptr) return 0;
  const std::vector<absl::string_view> words = absl::StrSplit(reply, '.');
  const size_t at = words.size() > 9 ? 7 : 5;
  int64_t sequence = 0;
  if (words.size() < 9 || !absl::SimpleAtoi(words[at], &sequence)) return 0;
  return sequence;
}

}  // namespace

absl::StatusOr<std::unique_ptr<NatsBrokerReader>> NatsBrokerReader::Open(NatsOptions options,
                                                                         bool structured,
                                                                         JsonReader& json) {
  NEXUS_RETURN_IF_ERROR(Check(options));
  return std::unique_ptr<NatsBrokerReader>(
      new NatsBrokerReader(std::move(options), structured, json));
}

NatsBrokerReader::NatsBrokerReader(NatsOptions options, bool structured, JsonReader& json)
    : options_(std::move(options)), structured_(structured), json_(json) {}

NatsBrokerReader::~NatsBrokerReader() {
  if (!consumer_.empty()) {
    js_DeleteConsumer(session_->jetstream(), options_.stream.c_str(), consumer_.c_str(), nullptr,
                      nullptr);
  }
  natsSubscription_Destroy(subscription_);
}

absl::Status NatsBrokerReader::Connect(absl::Duration timeout) {
  if (session_ != nullptr) return absl::OkStatus();
  options_.connect_timeout = std::min(options_.connect_timeout, timeout);
  absl::Status last;
  for (const NatsServerAddress& server : ServersOf(options_)) {
    auto session = NatsSession::Open(options_, server);
    last = session.status();
    if (!session.ok()) continue;
    session_ = *std::move(session);
    return Listen();
  }
  return last;
}

absl::Status NatsBrokerReader::Listen() {
  natsInbox* inbox = nullptr;
  NEXUS_RETURN_IF_ERROR(ReadOutcome(natsInbox_Create(&inbox), "an inbox"));
  inbox_ = reinterpret_cast<const char*>(inbox);
  natsInbox_Destroy(inbox);
  return ReadOutcome(
      natsConnection_SubscribeSync(&subscription_, session_->connection(), inbox_.c_str()),
      "listening for messages");
}

absl::StatusOr<std::vector<BrokerPart>> NatsBrokerReader::Parts(absl::Duration timeout) {
  NEXUS_RETURN_IF_ERROR(Connect(timeout));
  jsStreamInfo* info = nullptr;
  NEXUS_RETURN_IF_ERROR(ReadOutcome(
      js_GetStreamInfo(&info, session_->jetstream(), options_.stream.c_str(), nullptr, nullptr),
      absl::StrCat("the stream ", options_.stream)));
  BrokerPart part;
  part.first = std::max<int64_t>(1, static_cast<int64_t>(info->State.FirstSeq));
  part.end = static_cast<int64_t>(info->State.LastSeq) + 1;
  jsStreamInfo_Destroy(info);
  return std::vector<BrokerPart>{part};
}

absl::Status NatsBrokerReader::Begin(const std::vector<BrokerPart>& parts) {
  if (parts.empty() || parts[0].first >= parts[0].end) return absl::OkStatus();
  NEXUS_RETURN_IF_ERROR(Connect(options_.connect_timeout));
  end_ = parts[0].end;
  jsConsumerConfig config;
  jsConsumerConfig_Init(&config);
  config.AckPolicy = js_AckNone;
  config.DeliverPolicy = js_DeliverByStartSequence;
  config.OptStartSeq = static_cast<uint64_t>(parts[0].first);
  config.InactiveThreshold = absl::ToInt64Nanoseconds(kForgotten);
  jsConsumerInfo* info = nullptr;
  NEXUS_RETURN_IF_ERROR(
      ReadOutcome(js_AddConsumer(&info, session_->jetstream(), options_.stream.c_str(), &config,
                                 nullptr, nullptr),
                  "reading the stream"));
  consumer_ = info->Name;
  jsConsumerInfo_Destroy(info);
  ended_ = false;
  return absl::OkStatus();
}

absl::Status NatsBrokerReader::AskForMore() {
  const std::string subject =
      absl::StrCat("$JS.API.CONSUMER.MSG.NEXT.", options_.stream, ".", consumer_);
  const std::string request = absl::StrCat("{\"batch\":", kMessagesAtOnce, ",\"no_wait\":true}");
  awaited_ = kMessagesAtOnce;
  return ReadOutcome(natsConnection_PublishRequestString(session_->connection(), subject.c_str(),
                                                         inbox_.c_str(), request.c_str()),
                     "asking for messages");
}

absl::StatusOr<bool> NatsBrokerReader::Read(absl::Duration wait, Take take) {
  while (!ended_) {
    if (awaited_ == 0) NEXUS_RETURN_IF_ERROR(AskForMore());
    NEXUS_ASSIGN_OR_RETURN(const bool came, Next(wait, take));
    // A batch and no more, so that whoever asks has its turn.
    if (!came || awaited_ == 0) break;
  }
  return ended_;
}

// False: none came within `wait`.
absl::StatusOr<bool> NatsBrokerReader::Next(absl::Duration wait, Take take) {
  natsMsg* message = nullptr;
  const natsStatus status =
      natsSubscription_NextMsg(&message, subscription_, absl::ToInt64Milliseconds(wait));
  if (status == NATS_TIMEOUT) return false;
  if (status != NATS_OK) return ReadOutcome(status, "reading the stream");
  const NatsMsgPtr owned(message);
  const int64_t number = SequenceOf(message);
  const char* word = nullptr;
  if (number == 0 && natsMsgHeader_Get(message, "Status", &word) == NATS_OK) {
    // What was asked for is not there: "404" ends a batch early.
    awaited_ = 0;
    ended_ = absl::string_view(word) == "404";
    if (ended_) return true;
    return Unavailable(absl::StrCat("reading the stream: the server says ", word));
  }
  --awaited_;
  if (number < end_) Give(message, number, take);
  ended_ = number + 1 >= end_;
  return true;
}

void NatsBrokerReader::Give(natsMsg* message, int64_t number, Take take) {
  route::CloudRecord event;
  const absl::string_view body(natsMsg_GetData(message),
                               static_cast<size_t>(natsMsg_GetDataLength(message)));
  if (structured_) event.TakeJson(body, json_);
  const char** keys = nullptr;
  int count = 0;
  if (natsMsgHeader_Keys(message, &keys, &count) == NATS_OK) {
    for (int i = 0; i < count; ++i) {
      absl::string_view attribute = keys[i];
      const char* value = nullptr;
      if (!absl::ConsumePrefix(&attribute, "ce-") ||
          natsMsgHeader_Get(message, keys[i], &value) != NATS_OK) {
        continue;
      }
      event.Take(attribute, value == nullptr ? "" : value);
    }
    free(static_cast<void*>(keys));
  }
  BrokerRecord record;
  record.number = number;
  event.Fill(record);
  take(record);
}

}  // namespace nexus::sink
