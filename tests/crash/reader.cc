#include "crash/reader.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/status.h"
#include "crash/wire.h"
#include "nexus/core/status_macros.h"

namespace nexus::crash {
namespace {

constexpr uint32_t kVerifier = 999;
constexpr uint64_t kForgottenMax = 300;

// The value of the member "id" of a CloudEvent; data is JSON too, but stands in a member of its own
// that comes later or has no "id" of that form.
std::string CloudEventId(const std::string& line) {
  constexpr char kMember[] = "\"id\":\"";
  const size_t at = line.find(kMember);
  if (at == std::string::npos || line.back() != '}') return "";
  const size_t begin = at + sizeof(kMember) - 1;
  return line.substr(begin, line.find('"', begin) - begin);
}

absl::Status AddLogged(const v1::Event& event, size_t& known,
                       std::vector<history::LoggedEvent>& log) {
  NEXUS_ASSIGN_OR_RETURN(history::LoggedEvent logged, ToLogged(event));
  // The decision is in the record of what it admitted: neither is there without the other.
  if (event.admission().decision_id().empty() || event.admission().request_digest().empty()) {
    return absl::DataLossError(
        absl::StrCat("position ", logged.position, " is stored without its decision"));
  }
  if (known == log.size()) {
    log.push_back(std::move(logged));
    ++known;
    return absl::OkStatus();
  }
  const history::LoggedEvent& before = log[known++];
  if (before.position == logged.position && before.digest == logged.digest) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("position ", before.position, " is another event than before the crash"));
}

}  // namespace

absl::Status ReadOn(v1::EventStoreService::Stub& stub, size_t again, history::Ticks& ticks,
                    std::vector<history::LoggedEvent>& log, history::Journal& journal) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Minutes(2)));
  // The daemon has just started; a first connection may still be torn down under its feet.
  context.set_wait_for_ready(true);
  size_t known = log.size() - std::min(log.size(), again);
  const size_t before = log.size();
  v1::ReadRequest request;
  request.set_from(known + 1);
  history::ReadCall read;
  read.client = kVerifier;
  read.from = known + 1;
  read.complete = true;
  read.invoked = ticks.Next();
  const auto stream = stub.Read(&context, request);
  v1::ReadResponse response;
  while (stream->Read(&response)) {
    for (const v1::Event& event : response.events()) {
      NEXUS_RETURN_IF_ERROR(AddLogged(event, known, log));
      NEXUS_ASSIGN_OR_RETURN(const history::SeenEvent seen, ToSeen(event));
      read.events.push_back(seen);
    }
  }
  read.returned = ticks.Next();
  journal.reads.push_back(std::move(read));
  const grpc::Status status = stream->Finish();
  if (!status.ok()) return absl::UnavailableError(absl::StrCat("read: ", status.error_message()));
  if (known >= before) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("the log ended at ", before, " and ends at ", known, " now"));
}

v1::ReadRequest Reader::NextRequest() {
  v1::ReadRequest request;
  uint64_t end = head_;
  if (!random_.OneIn(3)) {
    request.set_stream(absl::StrCat("hot-", random_.Below(static_cast<uint64_t>(hot_streams_))));
    end = revisions_[request.stream()];
  }
  const bool forwards = random_.OneIn(2);
  request.set_direction(forwards ? v1::READ_DIRECTION_FORWARDS : v1::READ_DIRECTION_BACKWARDS);
  // Forwards from shortly before what it knows, backwards from the end, or from anywhere.
  if (random_.OneIn(4)) {
    request.set_from(random_.Below(end + 1));
  } else {
    request.set_from(forwards ? end - std::min(end, random_.Below(20)) : UINT64_MAX / 2);
  }
  request.set_limit(1 + random_.Below(40));
  if (random_.OneIn(4)) request.set_min_position(head_);
  return request;
}

absl::Status Reader::Read(v1::EventStoreService::Stub& stub) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  const v1::ReadRequest request = NextRequest();
  history::ReadCall read;
  read.client = number_;
  read.stream = request.stream();
  read.from = request.from();
  read.min_position = request.min_position();
  if (request.direction() == v1::READ_DIRECTION_BACKWARDS) read.direction = Direction::kBackward;
  read.invoked = ticks_.Next();
  const auto stream = stub.Read(&context, request);
  v1::ReadResponse response;
  while (stream->Read(&response)) {
    for (const v1::Event& event : response.events()) {
      NEXUS_ASSIGN_OR_RETURN(const history::SeenEvent seen, ToSeen(event));
      read.events.push_back(seen);
      uint64_t& last = revisions_[event.stream()];
      last = std::max(last, seen.revision);
      head_ = std::max(head_, seen.position);
    }
  }
  const absl::Status status = client::FromGrpc(stream->Finish());
  read.returned = ticks_.Next();
  read.not_found = ReasonOf(status) == ErrorReason::kStreamNotFound;
  read.complete = status.ok() && read.events.size() < request.limit();
  // What came before the connection was lost was shown all the same.
  if (!read.not_found && !status.ok() && read.events.empty()) return status;
  journal_.reads.push_back(std::move(read));
  return status.ok() || journal_.reads.back().not_found ? absl::OkStatus() : status;
}

absl::Status Reader::RunUntilTheEnd(v1::EventStoreService::Stub& stub) {
  while (true) {
    const absl::Status status = Read(stub);
    if (ServerHasGone(status)) return absl::OkStatus();
    if (!status.ok()) return absl::InternalError(absl::StrCat("read: ", status.ToString()));
  }
}

v1::SubscribeRequest Subscriber::NextRequest() {
  if (forgetful_ && random_.OneIn(2)) next_ -= std::min(next_, random_.Below(kForgottenMax));
  history::Session& session = journal_.sessions.emplace_back();
  session.client = number_;
  session.stream = stream_;
  session.next = stream_.empty() ? next_ + 1 : next_;
  v1::SubscribeRequest request;
  request.set_stream(stream_);
  request.mutable_heartbeat_interval()->set_nanos(100'000'000);
  if (next_ == 0) {
    request.mutable_beginning();
  } else {
    request.set_after(stream_.empty() ? next_ : next_ - 1);
  }
  return request;
}

absl::Status Subscriber::Note(const v1::SubscribeResponse& response) {
  history::Delivery delivery;
  const auto take = [&delivery](const auto& message) {
    delivery.head = message.head();
    if (message.has_checkpoint()) delivery.checkpoint = message.checkpoint();
  };
  if (response.has_batch()) take(response.batch());
  if (response.has_caught_up()) take(response.caught_up());
  if (response.has_fell_behind()) take(response.fell_behind());
  if (response.has_heartbeat()) take(response.heartbeat());
  for (const v1::Event& event : response.batch().events()) {
    NEXUS_ASSIGN_OR_RETURN(const history::SeenEvent seen, ToSeen(event));
    delivery.events.push_back(seen);
  }
  events_seen_ += delivery.events.size();
  if (delivery.checkpoint.has_value()) {
    next_ = stream_.empty() ? *delivery.checkpoint : *delivery.checkpoint + 1;
  }
  delivery.at = ticks_.Next();
  journal_.sessions.back().deliveries.push_back(std::move(delivery));
  return absl::OkStatus();
}

absl::Status Subscriber::RunUntilTheEnd(v1::EventStoreService::Stub& stub) {
  grpc::ClientContext context;
  const auto stream = stub.Subscribe(&context, NextRequest());
  v1::SubscribeResponse response;
  absl::Status status = absl::OkStatus();
  while (status.ok() && stream->Read(&response)) status = Note(response);
  if (!status.ok()) context.TryCancel();
  const absl::Status end = client::FromGrpc(stream->Finish());
  if (!status.ok() || ServerHasGone(end)) return status;
  return absl::InternalError(absl::StrCat("subscription: ", end.ToString()));
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
