#include "harness/nats/nats_reader.h"

#include <nats/nats.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "nexus/core/status_macros.h"

namespace nexus::harness {
namespace {

absl::Status Outcome(natsStatus status, absl::string_view what) {
  if (status == NATS_OK) return absl::OkStatus();
  const char* words = nats_GetLastError(nullptr);
  return absl::UnavailableError(
      absl::StrCat(what, ": ", natsStatus_GetText(status), " ", words == nullptr ? "" : words));
}

}  // namespace

absl::StatusOr<std::unique_ptr<NatsReader>> NatsReader::Connect(int port) {
  std::unique_ptr<NatsReader> reader(new NatsReader);
  NEXUS_RETURN_IF_ERROR(
      Outcome(natsConnection_ConnectTo(&reader->connection_,
                                       absl::StrCat("nats://127.0.0.1:", port).c_str()),
              "the reader"));
  NEXUS_RETURN_IF_ERROR(Outcome(
      natsConnection_JetStream(&reader->jetstream_, reader->connection_, nullptr), "JetStream"));
  return reader;
}

NatsReader::~NatsReader() {
  jsCtx_Destroy(jetstream_);
  natsConnection_Destroy(connection_);
}

absl::Status NatsReader::AddStream(const NatsStream& stream) { return Put(stream, true); }

absl::Status NatsReader::ChangeStream(const NatsStream& stream) { return Put(stream, false); }

absl::Status NatsReader::Put(const NatsStream& stream, bool is_new) {
  std::vector<const char*> subjects;
  for (const std::string& subject : stream.subjects) subjects.push_back(subject.c_str());
  jsStreamConfig config;
  jsStreamConfig_Init(&config);
  config.Name = stream.name.c_str();
  config.Subjects = subjects.data();
  config.SubjectsLen = static_cast<int>(subjects.size());
  config.Storage = js_FileStorage;
  config.Discard = js_DiscardNew;
  config.MaxMsgs = stream.max_messages;
  config.MaxBytes = stream.max_bytes;
  config.MaxMsgSize = stream.max_message_bytes;
  config.NoAck = stream.no_ack;
  const auto call = is_new ? &js_AddStream : &js_UpdateStream;
  return Outcome(call(nullptr, jetstream_, &config, nullptr, nullptr), "a stream");
}

absl::Status NatsReader::DeleteStream(const std::string& name) {
  return Outcome(js_DeleteStream(jetstream_, name.c_str(), nullptr, nullptr), "deleting");
}

absl::Status NatsReader::PurgeStream(const std::string& name) {
  return Outcome(js_PurgeStream(jetstream_, name.c_str(), nullptr, nullptr), "purging");
}

absl::Status NatsReader::Publish(const std::string& subject, const std::string& data) {
  natsStatus status = natsConnection_PublishString(connection_, subject.c_str(), data.c_str());
  if (status == NATS_OK) status = natsConnection_Flush(connection_);
  return Outcome(status, "publishing");
}

absl::StatusOr<uint64_t> NatsReader::LastSequence(const std::string& stream) {
  jsStreamInfo* info = nullptr;
  NEXUS_RETURN_IF_ERROR(
      Outcome(js_GetStreamInfo(&info, jetstream_, stream.c_str(), nullptr, nullptr), "info"));
  const uint64_t last = info->State.LastSeq;
  jsStreamInfo_Destroy(info);
  return last;
}

absl::StatusOr<NatsRecord> NatsReader::Get(const std::string& stream, uint64_t sequence) {
  natsMsg* message = nullptr;
  NEXUS_RETURN_IF_ERROR(Outcome(
      js_GetMsg(&message, jetstream_, stream.c_str(), sequence, nullptr, nullptr), "a message"));
  NatsRecord record;
  record.subject = natsMsg_GetSubject(message);
  record.data.assign(natsMsg_GetData(message), static_cast<size_t>(natsMsg_GetDataLength(message)));
  record.sequence = sequence;
  const char** keys = nullptr;
  int count = 0;
  if (natsMsgHeader_Keys(message, &keys, &count) == NATS_OK) {
    for (int i = 0; i < count; ++i) {
      const char* value = nullptr;
      natsMsgHeader_Get(message, keys[i], &value);
      record.headers[keys[i]] = value == nullptr ? "" : value;
    }
    free(static_cast<void*>(keys));
  }
  natsMsg_Destroy(message);
  return record;
}

absl::StatusOr<std::vector<NatsRecord>> NatsReader::Read(
    const std::string& stream, absl::FunctionRef<bool(const std::vector<NatsRecord>&)> enough,
    absl::Duration timeout) {
  std::vector<NatsRecord> records;
  const absl::Time deadline = absl::Now() + timeout;
  bool complete = enough(records);
  while (!complete && absl::Now() < deadline) {
    NEXUS_ASSIGN_OR_RETURN(const uint64_t last, LastSequence(stream));
    for (uint64_t next = records.size() + 1; next <= last && !complete; ++next) {
      NEXUS_ASSIGN_OR_RETURN(NatsRecord record, Get(stream, next));
      records.push_back(std::move(record));
      complete = enough(records);
    }
  }
  if (complete) return records;
  return absl::DeadlineExceededError(absl::StrCat("only ", records.size(), " records"));
}

}  // namespace nexus::harness
