#include "command/event_view.h"

#include "gtest/gtest.h"

namespace nexus::command {
namespace {

const EventId kId = *EventId::Parse("018f0000-0000-7000-8000-000000000001");

TEST(EventView, HasWhatTheLogAssigned) {
  std::string view = OpenEventView("OrderPlaced", R"({"total":3})", {{"region", "north"}});
  CloseEventView(view, kId, Revision(2), Position(9), Timestamp{0});
  EXPECT_EQ(view, R"({"type":"OrderPlaced","data":{"total":3},"metadata":{"region":"north"},)"
                  R"("id":"018f0000-0000-7000-8000-000000000001","revision":2,"position":9,)"
                  R"("recorded":"1970-01-01T00:00:00.000000Z"})");
}

// The code must not see whether an event has been read or was only just decided upon.
TEST(EventView, OfAStoredEventIsThatOfTheDecidedOne) {
  std::string decided = OpenEventView("A\"b", "[1]", {{"k", "v"}});
  CloseEventView(decided, kId, Revision(0), Position(1), Timestamp{7});
  RecordedEvent event;
  event.id = kId;
  event.type = "A\"b";
  event.data = "[1]";
  event.content_type = "application/json";
  event.position = Position(1);
  event.recorded = Timestamp{7};
  event.metadata = {{"$command", "Do 12"}, {"k", "v"}};
  std::string stored;
  ASSERT_TRUE(AppendEventView(stored, event));
  EXPECT_EQ(stored, decided);
}

TEST(EventView, OfOtherContentIsNone) {
  RecordedEvent event;
  event.type = "A";
  event.content_type = "avro/binary";
  std::string out = "[";
  EXPECT_FALSE(AppendEventView(out, event));
  EXPECT_EQ(out, "[");
}

}  // namespace
}  // namespace nexus::command
