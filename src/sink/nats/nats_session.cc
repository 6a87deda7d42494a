#include "sink/nats/nats_session.h"

#include <nats/nats.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "sink/nats/nats_event_loop.h"
#include "sink/nats/nats_mailbox.h"
#include "sink/nats/nats_message_bin.h"
#include "sink/outbound/header_text.h"
#include "sink/outbound/unavailable.h"

namespace nexus::sink {
namespace {

struct DestroyNats {
  void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
};
using NatsOptionsPtr = std::unique_ptr<natsOptions, DestroyNats>;

// After this time the library's thread is taken to be lost, with what it may still touch.
constexpr absl::Duration kQuiet = absl::Seconds(10);
// Then what was published behind acknowledgements goes out, although more of those wait.
constexpr int kAcksPerFlush = 64;

int64_t Millis(absl::Duration duration) { return absl::ToInt64Milliseconds(duration); }

// Health() tells what is wrong; the library's own lines would go to standard error.
void DropErrorLine(natsConnection*, natsSubscription*, natsStatus, void*) {}

absl::Status FromNats(natsStatus status, absl::string_view what) {
  const char* words = nats_GetLastError(nullptr);
  return Unavailable(absl::StrCat(what, ": ", natsStatus_GetText(status),
                                  words != nullptr && *words != '\0' ? ", " : "",
                                  words != nullptr ? words : ""));
}

absl::Status SetCredentials(natsOptions* made, const NatsCredentials& credentials) {
  natsStatus status = NATS_OK;
  if (!credentials.user.empty()) {
    NEXUS_ASSIGN_OR_RETURN(const std::string password, ReadSecret(credentials.password));
    status = natsOptions_SetUserInfo(made, credentials.user.c_str(), password.c_str());
  } else if (!credentials.token.empty()) {
    NEXUS_ASSIGN_OR_RETURN(const std::string token, ReadSecret(credentials.token));
    status = natsOptions_SetToken(made, token.c_str());
  } else if (!credentials.file.empty()) {
    status = natsOptions_SetUserCredentialsFromFiles(made, credentials.file.c_str(), nullptr);
  }
  return status == NATS_OK ? absl::OkStatus() : FromNats(status, "the credentials");
}

absl::Status SetTls(natsOptions* made, const TlsFiles& tls, const std::string& host) {
  natsStatus status = natsOptions_SetSecure(made, true);
  if (status == NATS_OK) {
    status = natsOptions_SetExpectedHostname(
        made, tls.server_name.empty() ? host.c_str() : tls.server_name.c_str());
  }
  if (status == NATS_OK && !tls.ca_file.empty()) {
    status = natsOptions_LoadCATrustedCertificates(made, tls.ca_file.c_str());
  }
  if (status == NATS_OK && !tls.certificate_file.empty()) {
    status =
        natsOptions_LoadCertificatesChain(made, tls.certificate_file.c_str(), tls.key_file.c_str());
  }
  return status == NATS_OK ? absl::OkStatus() : FromNats(status, "the TLS files");
}

absl::StatusOr<NatsOptionsPtr> MakeOptions(const NatsOptions& options,
                                           const NatsServerAddress& server) {
  natsOptions* made = nullptr;
  if (natsOptions_Create(&made) != NATS_OK) return Unavailable("no memory for a connection");
  NatsOptionsPtr owned(made);
  natsOptions_SetURL(made, server.url.c_str());
  natsOptions_SetName(made, absl::StrCat("nexusd ", options.name).c_str());
  natsOptions_SetAllowReconnect(made, false);
  natsOptions_SetSendAsap(made, true);
  natsOptions_SetTimeout(made, Millis(options.connect_timeout));
  natsOptions_SetWriteDeadline(made, Millis(options.write_timeout));
  natsOptions_SetPingInterval(made, Millis(options.ping_interval));
  natsOptions_SetMaxPingsOut(made, 2);
  natsOptions_SetErrorHandler(made, &DropErrorLine, nullptr);
  NEXUS_RETURN_IF_ERROR(SetCredentials(made, options.credentials));
  if (options.tls.enabled) NEXUS_RETURN_IF_ERROR(SetTls(made, options.tls, server.host));
  return owned;
}

natsStatus AddHeaders(natsMsg* made, const RecordedEvent& event, const Message& message,
                      const std::string& stream) {
  natsStatus status = NATS_OK;
  const auto add = [&](const std::string& name, absl::string_view value) {
    if (status == NATS_OK) {
      status = natsMsgHeader_Set(made, name.c_str(), HeaderText(value).c_str());
    }
  };
  // The server knows for a while what it has taken, and takes it into this stream only.
  add("Nats-Msg-Id", event.id.ToString());
  add("Nats-Expected-Stream", stream);
  for (const auto& [name, value] : message.attributes()) add(absl::StrCat("ce-", name), value);
  if (!message.attributes().empty() && !message.content_type().empty()) {
    add("ce-datacontenttype", message.content_type());
  } else if (!message.content_type().empty()) {
    add("content-type", message.content_type());
  }
  for (const auto& [name, value] : message.headers()) add(name, value);
  return status;
}

}  // namespace

NatsSession::NatsSession(const NatsOptions& options)
    : options_(options),
      bin_(std::make_unique<NatsMessageBin>()),
      mailbox_(std::make_unique<NatsMailbox>()) {}

absl::StatusOr<std::unique_ptr<NatsSession>> NatsSession::Open(const NatsOptions& options,
                                                               const NatsServerAddress& server) {
  std::unique_ptr<NatsSession> session(new NatsSession(options));
  NEXUS_RETURN_IF_ERROR(session->Connect(server));
  return session;
}

absl::Status NatsSession::Connect(const NatsServerAddress& server) {
  NEXUS_ASSIGN_OR_RETURN(const NatsOptionsPtr made, MakeOptions(options_, server));
  NEXUS_ASSIGN_OR_RETURN(loop_, NatsEventLoop::Create());
  loop_->Serve(made.get());
  natsStatus status = natsConnection_Connect(&connection_, made.get());
  if (status != NATS_OK) return FromNats(status, absl::StrCat("connecting to ", server.url));
  NEXUS_RETURN_IF_ERROR(Listen());
  jsOptions jetstream;
  jsOptions_Init(&jetstream);
  jetstream.Wait = Millis(options_.connect_timeout);
  status = natsConnection_JetStream(&jetstream_, connection_, &jetstream);
  return status == NATS_OK ? absl::OkStatus() : FromNats(status, "JetStream");
}

absl::Status NatsSession::Listen() {
  natsInbox* inbox = nullptr;
  natsStatus status = natsInbox_Create(&inbox);
  if (status != NATS_OK) return FromNats(status, "an inbox");
  inbox_ = absl::StrCat(reinterpret_cast<const char*>(inbox), ".");
  natsInbox_Destroy(inbox);
  status = natsConnection_Subscribe(&replies_, connection_, absl::StrCat(inbox_, "*").c_str(),
                                    &NatsMailbox::OnMessage, mailbox_.get());
  if (status == NATS_OK) status = natsSubscription_SetPendingLimits(replies_, -1, -1);
  if (status == NATS_OK) {
    status = natsSubscription_SetOnCompleteCB(replies_, &NatsMailbox::OnComplete, mailbox_.get());
  }
  return status == NATS_OK ? absl::OkStatus() : FromNats(status, "listening for acknowledgements");
}

NatsSession::~NatsSession() {
  const bool listened = replies_ != nullptr;
  natsConnection_Close(connection_);
  loop_.reset();
  jsCtx_Destroy(jetstream_);
  natsSubscription_Destroy(replies_);
  natsConnection_Destroy(connection_);
  if (!listened || mailbox_->AwaitClosed(kQuiet)) return;
  mailbox_->SetFilter(nullptr);
  static_cast<void>(mailbox_.release());
}

absl::Status NatsSession::Publish(const std::string& subject, Outbox::Ticket ticket,
                                  const RecordedEvent& event, const Message& message,
                                  const std::string& behind) {
  natsMsg* made = nullptr;
  const absl::string_view body = message.body();
  natsStatus status = natsMsg_Create(&made, subject.c_str(), absl::StrCat(inbox_, ticket).c_str(),
                                     body.data(), static_cast<int>(body.size()));
  NatsMsgPtr owned(made);
  if (status == NATS_OK) status = AddHeaders(made, event, message, options_.stream);
  if (status == NATS_OK && !behind.empty()) {
    status = natsMsgHeader_Set(made, "Nats-Expected-Last-Msg-Id", behind.c_str());
  }
  if (status == NATS_OK) status = natsConnection_PublishMsg(connection_, made);
  bin_->Put(std::move(owned));
  switch (status) {
    case NATS_OK:
      return absl::OkStatus();
    case NATS_MAX_PAYLOAD:
      return MakeError(ErrorReason::kLimitExceeded,
                       absl::StrCat("a value of ", body.size(), " bytes with its headers; the ",
                                    "server takes ", natsConnection_GetMaxPayload(connection_)));
    case NATS_INVALID_SUBJECT:
    case NATS_INVALID_ARG:
      return MakeError(ErrorReason::kMalformedRequest,
                       absl::StrCat("NATS takes no subject or header like those of ", subject));
    default:
      return FromNats(status, "publishing");
  }
}

absl::StatusOr<std::optional<NatsReply>> NatsSession::Next(absl::Duration wait) {
  const NatsMsgPtr owned = mailbox_->Take(wait);
  if (owned != nullptr) return Parse(owned.get());
  if (mailbox_->AwaitClosed(absl::ZeroDuration())) return Lost();
  return std::nullopt;
}

void NatsSession::TakeAcks(std::function<void(const NatsReply&, int more)> take) {
  mailbox_->SetFilter([this, take = std::move(take), acks = 0](NatsMsgPtr& message) mutable {
    loop_->CorkThisThread();
    const std::optional<NatsReply> reply = Parse(message.get());
    int more = 0;
    natsSubscription_GetPending(replies_, &more, nullptr);
    if (reply && !reply->nobody) {
      bin_->Put(std::move(message));
      take(*reply, more);
    }
    if (more == 0 || ++acks >= kAcksPerFlush) {
      Flush();
      acks = 0;
    }
  });
}

void NatsSession::CorkThisThread() { loop_->CorkThisThread(); }
void NatsSession::UncorkThisThread() { NatsEventLoop::UncorkThisThread(); }

void NatsSession::Flush() {
  loop_->Flush();
  bin_->Empty();
}

std::optional<NatsReply> NatsSession::Parse(natsMsg* reply) const {
  NatsReply parsed{.ack = Unavailable("no stream listens")};
  const absl::string_view subject = natsMsg_GetSubject(reply);
  if (!absl::StartsWith(subject, inbox_) ||
      !absl::SimpleAtoi(subject.substr(inbox_.size()), &parsed.ticket)) {
    return std::nullopt;
  }
  parsed.nobody = natsMsg_IsNoResponders(reply);
  if (!parsed.nobody) {
    parsed.ack =
        ParseAck({natsMsg_GetData(reply), static_cast<size_t>(natsMsg_GetDataLength(reply))});
  }
  return parsed;
}

std::string NatsSession::LastViolation() const {
  const char* words = nullptr;
  if (natsConnection_GetLastError(connection_, &words) != NATS_NOT_PERMITTED) return "";
  return words == nullptr ? "" : words;
}

absl::Status NatsSession::Lost() const {
  const char* words = nullptr;
  const natsStatus status = natsConnection_GetLastError(connection_, &words);
  return Unavailable(absl::StrCat("the connection is lost: ", natsStatus_GetText(status),
                                  words != nullptr && *words != '\0' ? ", " : "",
                                  words != nullptr ? words : ""));
}

void NatsSession::Close() { natsConnection_Close(connection_); }

}  // namespace nexus::sink
