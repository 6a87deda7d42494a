#include "contract/event_log_contract.h"

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"

namespace nexus::contract {
namespace {

constexpr size_t kEverything = 1'000'000;
constexpr size_t kEveryByte = 1 << 30;

UuidBytes Number(uint64_t n) {
  UuidBytes bytes{};
  for (int i = 0; i < 8; ++i) bytes[15 - i] = static_cast<uint8_t>(n >> (8 * i));
  return bytes;
}

}  // namespace

CommitOf::CommitOf(uint64_t id) {
  commit_.id = CommitId{Number(id)};
  commit_.stamp = {"alice", "decision-1", "policy-1", 3};
  commit_.proposed = Timestamp{1'000'000};
}

CommitOf& CommitOf::Stream(const std::string& name, ExpectedRevision expected) {
  commit_.streams[IndexOf(name)].expected = expected;
  return *this;
}

CommitOf& CommitOf::Event(const std::string& stream, const std::string& data) {
  CommitEvent event;
  event.stream_index = IndexOf(stream);
  event.event.id = DeriveEventId(commit_.id, static_cast<uint32_t>(commit_.events.size()));
  event.event.type = "tested";
  event.event.content_type = "application/json";
  event.event.data = data;
  commit_.events.push_back(std::move(event));
  return *this;
}

CommitOf& CommitOf::Events(const std::string& stream, size_t count) {
  for (size_t i = 0; i < count; ++i) Event(stream, absl::StrCat("e", i));
  return *this;
}

CommitOf& CommitOf::At(int64_t micros) {
  commit_.proposed = Timestamp{micros};
  return *this;
}

CommitOf& CommitOf::Tenant(uint32_t tenant) {
  commit_.tenant = tenant;
  return *this;
}

uint32_t CommitOf::IndexOf(const std::string& name) {
  for (size_t i = 0; i < commit_.streams.size(); ++i) {
    if (commit_.streams[i].name.str() == name) return static_cast<uint32_t>(i);
  }
  commit_.streams.push_back({StreamName::Literal(name), ExpectedRevision::Any()});
  return static_cast<uint32_t>(commit_.streams.size() - 1);
}

absl::StatusOr<CommitReceipt> ProposeAndWait(LogBackend& log, Commit commit) {
  absl::Notification answered;
  absl::StatusOr<CommitReceipt> answer;
  log.Propose(std::move(commit), [&](absl::StatusOr<CommitReceipt> given) {
    answer = std::move(given);
    answered.Notify();
  });
  answered.WaitForNotification();
  return answer;
}

std::string ToText(const RecordedEvent& event) {
  return absl::StrCat(event.position.value, " ", event.stream, "@", event.revision.value, " ",
                      event.data);
}

std::vector<std::string> ToTexts(const EventBatch& batch) {
  std::vector<std::string> texts;
  for (const RecordedEvent& event : batch.events) texts.push_back(ToText(event));
  return texts;
}

std::vector<std::string> EventLogContract::All() {
  const absl::StatusOr<EventBatch> page =
      reader().ReadAll(Position(1), Direction::kForward, {kEverything, kEveryByte});
  EXPECT_TRUE(page.ok()) << page.status();
  return page.ok() ? ToTexts(*page) : std::vector<std::string>();
}

std::vector<std::string> EventLogContract::InStream(const std::string& name) {
  const absl::StatusOr<EventBatch> page = reader().ReadStream(
      StreamName::Literal(name), Revision(0), Direction::kForward, {kEverything, kEveryByte});
  EXPECT_TRUE(page.ok()) << page.status();
  return page.ok() ? ToTexts(*page) : std::vector<std::string>();
}

}  // namespace nexus::contract
