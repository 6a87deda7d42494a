#include "rpc/event_wire.h"

#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "nexus/v1/event_store.pb.h"
#include "rpc/typed_event.h"

namespace nexus::rpc {
namespace {

using google::protobuf::util::MessageDifferencer;

// Events with every field, often empty or at its bound, and the texts that they point into.
class RandomEvents {
 public:
  explicit RandomEvents(uint64_t seed) : random_(seed) {}

  std::vector<RecordedEvent> Some(size_t count) {
    std::vector<RecordedEvent> events;
    while (events.size() < count) {
      // As the log has them: the events of a commit share what belongs to the commit.
      const bool same = !events.empty() && Pick(3) > 0;
      RecordedEvent event = same ? events.back() : RecordedEvent();
      if (!same) FillCommit(event);
      FillOwn(event);
      events.push_back(event);
    }
    return events;
  }

  uint64_t Number() {
    switch (Pick(4)) {
      case 0:
        return 0;
      case 1:
        return Pick(300);
      case 2:
        return std::numeric_limits<uint64_t>::max() >> Pick(64);
      default:
        return random_();
    }
  }

 private:
  uint64_t Pick(uint64_t below) { return random_() % below; }

  absl::string_view Text() {
    constexpr size_t kSizes[] = {0, 0, 1, 7, 36, 127, 128, 300, 20'000};
    texts_.push_back(std::make_unique<std::string>(kSizes[Pick(Pick(8) == 0 ? 9 : 8)], 'x'));
    for (char& c : *texts_.back()) c = static_cast<char>('a' + Pick(26));
    return *texts_.back();
  }

  void FillCommit(RecordedEvent& event) {
    for (uint8_t& byte : event.commit_id.bytes) byte = static_cast<uint8_t>(random_());
    constexpr int64_t kYear = 31'557'600'000'000;
    event.recorded.micros = static_cast<int64_t>(Pick(200 * kYear)) - 100 * kYear;
    if (Pick(8) == 0) event.recorded.micros = 0;
    event.principal = Text();
    event.decision_id = Text();
    event.policy_revision = Text();
    event.governance_epoch = Number();
    event.method = Text();
    event.request_digest = Text();
    event.input_digest = Text();
    event.outcomes = Text();
    event.data_version = static_cast<uint32_t>(Number());
    event.gap_version = static_cast<uint32_t>(Number());
    if (event.gap_version != 0) event.gap_reason = Text();
  }

  void FillOwn(RecordedEvent& event) {
    for (uint8_t& byte : event.id.bytes) byte = static_cast<uint8_t>(random_());
    event.position = Position(Number());
    event.revision = Revision(Number());
    event.stream = Text();
    event.type = Text();
    event.schema_version = static_cast<uint32_t>(Number());
    event.content_type = Text();
    event.data = Text();
    event.tags.clear();
    event.metadata.clear();
    for (uint64_t i = Pick(4); i > 0; --i) event.tags.push_back(Text());
    for (uint64_t i = Pick(4); i > 0; --i) event.metadata.emplace_back(Text(), Text());
    event.routing = {};
    if (Pick(2) == 0) {
      constexpr double kImpacts[] = {0, -0.0, 0.25, 1, std::numeric_limits<double>::denorm_min()};
      event.routing = {static_cast<Criticality>(Pick(256)), kImpacts[Pick(5)], Pick(2) == 0,
                       static_cast<uint32_t>(Number())};
    }
    event.correlation_id = Text();
    event.causation_id = Text();
    event.traceparent = Text();
    event.tracestate = Text();
  }

  std::mt19937_64 random_;
  std::vector<std::unique_ptr<std::string>> texts_;
};

std::string Bytes(const grpc::Slice& slice) {
  return std::string(reinterpret_cast<const char*>(slice.begin()), slice.size());
}

template <typename Message>
Message Parsed(const std::string& bytes) {
  Message message;
  EXPECT_TRUE(message.ParseFromString(bytes));
  return message;
}

TEST(EventWireTest, AReadResponseParsesToWhatTheTypedOneHolds) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    RandomEvents random(seed);
    EventBatch batch;
    batch.events = random.Some(seed % 9);
    batch.head = Position(random.Number());
    const std::optional<uint64_t> checkpoint =
        seed % 3 == 0 ? std::nullopt : std::optional<uint64_t>(random.Number());
    v1::ReadResponse typed;
    for (const RecordedEvent& event : batch.events) FillEvent(event, *typed.add_events());
    typed.set_head(batch.head.value);
    if (checkpoint) typed.set_checkpoint(*checkpoint);
    const std::string bytes = Bytes(EncodeReadResponse(batch, checkpoint));
    EXPECT_TRUE(MessageDifferencer::Equals(Parsed<v1::ReadResponse>(bytes), typed)) << seed;
  }
}

TEST(EventWireTest, ABatchInItsFrameParsesToWhatTheTypedOneHolds) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    RandomEvents random(seed);
    const std::vector<RecordedEvent> events = random.Some(1 + seed % 5);
    const Position head(random.Number());
    const std::optional<uint64_t> checkpoint =
        seed % 3 == 0 ? std::nullopt : std::optional<uint64_t>(random.Number());
    EventWire wire;
    v1::SubscribeResponse typed;
    for (const RecordedEvent& event : events) {
      wire.Add(event);
      FillEvent(event, *typed.mutable_batch()->add_events());
    }
    typed.mutable_batch()->set_head(head.value);
    if (checkpoint) typed.mutable_batch()->set_checkpoint(*checkpoint);
    std::string body(wire.bytes(), '\0');
    ASSERT_EQ(wire.Write(body.data()), body.data() + body.size());
    const SubscribeFrame frame = FrameOf(body.size(), checkpoint, head);
    const std::string bytes = Bytes(frame.before) + body + Bytes(frame.after);
    EXPECT_TRUE(MessageDifferencer::Equals(Parsed<v1::SubscribeResponse>(bytes), typed)) << seed;
  }
}

TEST(EventWireTest, TellsWhereEachEventEnds) {
  RandomEvents random(7);
  const std::vector<RecordedEvent> events = random.Some(20);
  EventWire wire;
  for (const RecordedEvent& event : events) wire.Add(event);
  std::string body(wire.bytes(), '\0');
  wire.Write(body.data());
  size_t begin = 0;
  for (size_t i = 0; i < events.size(); ++i) {
    const auto one = Parsed<v1::ReadResponse>(body.substr(begin, wire.bytes_of(i)));
    v1::ReadResponse typed;
    FillEvent(events[i], *typed.add_events());
    EXPECT_TRUE(MessageDifferencer::Equals(one, typed)) << i;
    begin += wire.bytes_of(i);
  }
  EXPECT_EQ(begin, body.size());
}

}  // namespace
}  // namespace nexus::rpc
