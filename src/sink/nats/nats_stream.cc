#include "sink/nats/nats_stream.h"

#include <nats/nats.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "sink/outbound/address_pattern.h"
#include "sink/outbound/unavailable.h"

namespace nexus::sink {
namespace {

struct DestroyStreamInfo {
  void operator()(jsStreamInfo* info) const { jsStreamInfo_Destroy(info); }
};
using StreamInfoPtr = std::unique_ptr<jsStreamInfo, DestroyStreamInfo>;

absl::Status FromJetStream(natsStatus status, jsErrCode code, absl::string_view what) {
  if (status == NATS_NO_RESPONDERS || code == JSNotEnabledErr ||
      code == JSNotEnabledForAccountErr) {
    return Unavailable(absl::StrCat(
        what, ": the server has no JetStream; core NATS delivers at most once and is not used"));
  }
  const char* words = nats_GetLastError(nullptr);
  return Unavailable(absl::StrCat(what, ": ", natsStatus_GetText(status), ", ",
                                  words == nullptr ? "" : words, " (", static_cast<int>(code),
                                  ")"));
}

absl::StatusOr<StreamInfoPtr> InfoOf(const NatsSession& session, const std::string& stream) {
  jsStreamInfo* info = nullptr;
  jsErrCode code = static_cast<jsErrCode>(0);
  const natsStatus status =
      js_GetStreamInfo(&info, session.jetstream(), stream.c_str(), nullptr, &code);
  if (status == NATS_OK) return StreamInfoPtr(info);
  if (status == NATS_NOT_FOUND) {
    return absl::NotFoundError(absl::StrCat("the stream ", stream, " does not exist"));
  }
  return FromJetStream(status, code, absl::StrCat("looking for the stream ", stream));
}

absl::Status Declare(const NatsSession& session, const NatsOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(const AddressPattern pattern,
                         AddressPattern::Parse(options.subject, "nats.subject"));
  const std::string subjects = pattern.WithFieldsAs("*");
  const char* one[] = {subjects.c_str()};
  jsStreamConfig config;
  jsStreamConfig_Init(&config);
  config.Name = options.stream.c_str();
  config.Subjects = one;
  config.SubjectsLen = 1;
  config.Retention = js_LimitsPolicy;
  config.Storage = js_FileStorage;
  config.Discard = js_DiscardNew;
  config.Replicas = options.draft.replicas;
  config.MaxBytes = options.draft.max_bytes;
  config.MaxAge = absl::ToInt64Nanoseconds(options.draft.max_age);
  config.Duplicates = absl::ToInt64Nanoseconds(options.draft.duplicate_window);
  if (options.draft.max_messages > 0) config.MaxMsgs = options.draft.max_messages;
  jsStreamInfo* info = nullptr;
  jsErrCode code = static_cast<jsErrCode>(0);
  const natsStatus status = js_AddStream(&info, session.jetstream(), &config, nullptr, &code);
  const StreamInfoPtr owned(info);
  if (status == NATS_OK) return absl::OkStatus();
  return FromJetStream(status, code, absl::StrCat("declaring the stream ", options.stream));
}

}  // namespace

absl::Status PrepareStream(const NatsSession& session, const NatsOptions& options) {
  if (options.draft.declare) return Declare(session, options);
  const absl::StatusOr<StreamInfoPtr> info = InfoOf(session, options.stream);
  if (absl::IsNotFound(info.status())) return Unavailable(info.status().message());
  if (!info.ok()) return info.status();
  if ((*info)->Config->NoAck) {
    return Unavailable(
        absl::StrCat("the stream ", options.stream, " acknowledges nothing (no_ack)"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> SubjectsOfStream(const NatsSession& session,
                                                          const std::string& stream) {
  NEXUS_ASSIGN_OR_RETURN(const StreamInfoPtr info, InfoOf(session, stream));
  std::vector<std::string> subjects;
  for (int i = 0; i < info->Config->SubjectsLen; ++i) subjects.push_back(info->Config->Subjects[i]);
  return subjects;
}

}  // namespace nexus::sink
