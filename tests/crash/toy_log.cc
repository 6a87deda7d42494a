#include "crash/toy_log.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"

namespace nexus::crash {
namespace {

constexpr size_t kUnwrittenBytesMax = 30'000;

int OpenToAppend(const std::string& path) {
  return open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

// What write() took stays when the process is killed; of a long one that may be a part.
void WriteAll(int file, const std::string& bytes) {
  if (write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) abort();
}

void AddRecord(const v1::ReadResponse& events, std::string& to) {
  const std::string bytes = events.SerializeAsString();
  const auto size = static_cast<uint32_t>(bytes.size());
  to.append(reinterpret_cast<const char*>(&size), sizeof(size));
  to.append(bytes);
}

// What a receipt of these events says; they are of one commit.
v1::AppendResponse ReceiptOf(const std::vector<v1::Event>& events) {
  v1::AppendResponse receipt;
  receipt.set_commit_id(events.front().commit_id());
  receipt.set_first_position(events.front().position());
  receipt.set_last_position(events.back().position());
  for (const v1::Event& event : events) {
    if (receipt.streams().empty() || receipt.streams().rbegin()->stream() != event.stream()) {
      receipt.add_streams()->set_stream(event.stream());
      receipt.mutable_streams()->rbegin()->set_first_revision(event.revision());
    }
    receipt.mutable_streams()->rbegin()->set_last_revision(event.revision());
  }
  return receipt;
}

}  // namespace

ToyLog::ToyLog(std::string folder, Fault fault)
    : folder_(std::move(folder)), fault_(std::move(fault)) {
  std::filesystem::create_directories(folder_ + "/outbox");
  absl::MutexLock lock(&mutex_);
  std::filesystem::remove(folder_ + "/outbox/toy.jsonl");  // made anew: at least once
  outbox_ = OpenToAppend(folder_ + "/outbox/toy.jsonl");
  Load();
  file_ = OpenToAppend(folder_ + "/log");
}

void ToyLog::Load() {
  std::ifstream file(folder_ + "/log", std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  const std::string bytes = text.str();
  uint32_t size = 0;
  size_t at = 0;
  for (; at + sizeof(size) <= bytes.size(); at += sizeof(size) + size) {
    std::memcpy(&size, bytes.data() + at, sizeof(size));
    if (at + sizeof(size) + size > bytes.size()) break;  // torn by the kill, never acknowledged
    v1::ReadResponse record;
    if (!record.ParseFromArray(bytes.data() + at + sizeof(size), static_cast<int>(size))) abort();
    const std::vector<v1::Event> events(record.events().begin(), record.events().end());
    for (const v1::Event& event : events) next_revision_[event.stream()] = event.revision() + 1;
    if (!Is("forget_ids")) receipts_[events.front().commit_id()] = ReceiptOf(events);
    Show(events);
    Deliver(events);
  }
  if (at < bytes.size()) std::filesystem::resize_file(folder_ + "/log", at);
  next_position_ = Is("reuse_positions") ? 1 : log_.size() + 1;
}

void ToyLog::CheckExpected(const v1::AppendRequest& request,
                           google::rpc::PreconditionFailure& failure) const {
  for (const v1::StreamAppend& append : request.streams()) {
    const auto found = next_revision_.find(append.stream());
    const uint64_t next = found == next_revision_.end() ? 0 : found->second;
    const v1::ExpectedRevision& expected = append.expected_revision();
    std::string text;
    if (expected.has_no_stream() && next != 0) text = "no_stream";
    if (expected.has_stream_exists() && next == 0) text = "stream_exists";
    if (expected.has_exact() && expected.exact() + 1 != next) text = absl::StrCat(expected.exact());
    if (text.empty()) continue;
    auto& violation = *failure.add_violations();
    violation.set_type("EXPECTED_REVISION");
    violation.set_subject(append.stream());
    violation.set_description(absl::StrCat(
        "expected=", text, " actual=", next == 0 ? "no_stream" : absl::StrCat(next - 1)));
  }
}

std::vector<v1::Event> ToyLog::MakeEvents(const v1::AppendRequest& request,
                                          v1::AppendResponse& receipt) {
  std::vector<v1::Event> events;
  for (const v1::StreamAppend& append : request.streams()) {
    for (const v1::NewEvent& draft : append.events()) {
      v1::Event& event = events.emplace_back();
      event.set_event_id(draft.event_id());
      event.set_stream(append.stream());
      event.set_revision(next_revision_[append.stream()]++);
      event.set_position(next_position_++);
      event.set_type(draft.type());
      *event.mutable_tags() = draft.tags();
      event.set_data(draft.data());
      event.set_commit_id(request.commit_id());
      if (Is("forget_decisions")) continue;
      event.mutable_admission()->set_decision_id(request.commit_id());
      event.mutable_admission()->set_request_digest(draft.event_id());
    }
  }
  receipt = ReceiptOf(events);
  return events;
}

bool ToyLog::Append(const v1::AppendRequest& request, v1::AppendResponse& receipt,
                    google::rpc::PreconditionFailure& failure) {
  absl::MutexLock one_at_a_time(&append_mutex_);
  absl::MutexLock lock(&mutex_);
  if (const auto known = receipts_.find(request.commit_id()); known != receipts_.end()) {
    receipt = known->second;
    receipt.set_repeated_commit(true);
    return true;
  }
  CheckExpected(request, failure);
  if (failure.violations_size() > 0) return false;
  const std::vector<v1::Event> events = MakeEvents(request, receipt);
  receipts_[request.commit_id()] = receipt;
  if (Is("show_before_write")) {
    Show(events);
    mutex_.Unlock();
    poll(nullptr, 0, 5);
    mutex_.Lock();
  }
  Write(events);
  if (!Is("show_before_write")) Show(events);
  Deliver(events);
  return true;
}

void ToyLog::Write(const std::vector<v1::Event>& events) {
  v1::ReadResponse record;
  for (const v1::Event& event : events) {
    *record.add_events() = event;
    if (!Is("write_in_parts")) continue;
    AddRecord(record, unwritten_);
    WriteAll(file_, unwritten_);
    poll(nullptr, 0, 1);
    unwritten_.clear();
    record.Clear();
  }
  if (Is("write_in_parts")) return;
  AddRecord(record, unwritten_);
  if (Is("ack_before_write") && unwritten_.size() < kUnwrittenBytesMax) return;
  WriteAll(file_, unwritten_);
  unwritten_.clear();
}

void ToyLog::Show(const std::vector<v1::Event>& events) {
  log_.insert(log_.end(), events.begin(), events.end());
  for (const v1::Event& event : events) streams_[event.stream()].push_back(event);
}

void ToyLog::Deliver(const std::vector<v1::Event>& events) {
  std::string lines;
  for (const v1::Event& event : events) {
    if (Is("skip_delivery") && event.position() % 100 == 0) continue;
    absl::StrAppend(&lines, "{\"id\":\"", event.event_id(), "\"}\n");
  }
  WriteAll(outbox_, lines);
}

std::vector<v1::Event> ToyLog::ReadAfter(const std::string& stream, size_t after,
                                         absl::Duration timeout, uint64_t& head) {
  absl::MutexLock lock(&mutex_);
  const auto more = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return Shown(stream).size() > after;
  };
  mutex_.AwaitWithTimeout(absl::Condition(&more), timeout);
  head = log_.size();
  const std::vector<v1::Event>& shown = Shown(stream);
  if (shown.size() <= after) return {};
  return {shown.begin() + static_cast<ptrdiff_t>(after), shown.end()};
}

}  // namespace nexus::crash
