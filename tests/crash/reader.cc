#include "crash/reader.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace nexus::crash {
namespace {

LoggedEvent FromProto(const v1::Event& event) {
  LoggedEvent logged;
  logged.position = event.position();
  logged.stream = event.stream();
  logged.revision = event.revision();
  logged.event_id = event.event_id();
  logged.commit_id = event.commit_id();
  logged.data = event.data();
  logged.recorded_ns =
      event.recorded_time().seconds() * 1'000'000'000 + event.recorded_time().nanos();
  return logged;
}

// The value of the member "id" of a CloudEvent; data is JSON too, but stands in a member of its own
// that comes later or has no "id" of that form.
std::string CloudEventId(const std::string& line) {
  constexpr char kMember[] = "\"id\":\"";
  const size_t at = line.find(kMember);
  if (at == std::string::npos || line.back() != '}') return "";
  const size_t begin = at + sizeof(kMember) - 1;
  return line.substr(begin, line.find('"', begin) - begin);
}

}  // namespace

absl::Status ReadOn(v1::EventStoreService::Stub& stub, std::vector<LoggedEvent>& log) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Minutes(2)));
  // The daemon has just started; a first connection may still be torn down under its feet.
  context.set_wait_for_ready(true);
  v1::ReadRequest request;
  request.set_from(log.size() + 1);
  const auto stream = stub.Read(&context, request);
  v1::ReadResponse response;
  while (stream->Read(&response)) {
    for (const v1::Event& event : response.events()) log.push_back(FromProto(event));
  }
  const grpc::Status status = stream->Finish();
  if (status.ok()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("read: ", status.error_message()));
}

absl::Status Subscriber::Note(const v1::EventBatch& batch) {
  for (const v1::Event& event : batch.events()) {
    if (event.position() != checkpoint_ + 1) {
      return absl::DataLossError(
          absl::StrCat("a subscriber at ", checkpoint_, " was sent position ", event.position()));
    }
    checkpoint_ = event.position();
    seen_[checkpoint_] = event.event_id();
  }
  if (batch.checkpoint() == checkpoint_) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("checkpoint ", batch.checkpoint(), " after position ", checkpoint_));
}

absl::Status Subscriber::RunUntilTheEnd(v1::EventStoreService::Stub& stub) {
  grpc::ClientContext context;
  v1::SubscribeRequest request;
  if (checkpoint_ == 0) {
    request.mutable_beginning();
  } else {
    request.set_after(checkpoint_);
  }
  const auto stream = stub.Subscribe(&context, request);
  v1::SubscribeResponse response;
  absl::Status status = absl::OkStatus();
  while (status.ok() && stream->Read(&response)) {
    if (response.has_batch()) status = Note(response.batch());
    if (response.has_caught_up()) ++times_caught_up_;
  }
  if (!status.ok()) context.TryCancel();
  const grpc::Status end = stream->Finish();
  if (!status.ok() || end.error_code() == grpc::StatusCode::UNAVAILABLE ||
      end.error_code() == grpc::StatusCode::CANCELLED) {
    return status;
  }
  return absl::InternalError(absl::StrCat("subscription: ", end.error_message()));
}

std::map<std::string, int> ReadOutbox(const std::string& data_folder) {
  std::map<std::string, int> counts;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(data_folder + "/outbox", missing)) {
    if (entry.path().extension() != ".jsonl") continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      if (!line.empty()) ++counts[CloudEventId(line)];
    }
  }
  return counts;
}

}  // namespace nexus::crash
