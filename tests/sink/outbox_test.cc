#include "sink/outbound/outbox.h"

#include "gmock/gmock.h"
#include "sink/event_maker.h"
#include "sink/outbound/unavailable.h"

namespace nexus::sink {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class OutboxTest : public ::testing::Test {
 protected:
  ~OutboxTest() override {
    if (outbox_) outbox_->Close(Unavailable("closing"));
  }
  void Make(Outbox::Options options) {
    if (outbox_) outbox_->Close(Unavailable("closing"));
    outcomes_.clear();
    outbox_ = std::make_unique<Outbox>(options, [this] { ++wakes_; });
    outbox_->Open();
  }
  void Add(const std::string& stream, uint64_t revision) {
    outbox_->Add(MakeEvent(stream, revision), [this, name = absl::StrCat(stream, "@", revision)](
                                                  const absl::StatusOr<Coordinate>& outcome) {
      outcomes_.push_back(absl::StrCat(name, outcome.ok()                        ? " ok"
                                             : absl::IsAborted(outcome.status()) ? " behind"
                                                                                 : " back"));
    });
  }
  // "order-1@0", or "" if nothing may go. Remembers its ticket.
  std::string Take() {
    const auto item = outbox_->Take();
    if (!item) return "";
    const std::string name =
        absl::StrCat(item->event.event->stream, "@", item->event.event->revision.value);
    tickets_[name] = item->ticket;
    return name;
  }
  void Good(const std::string& name) { outbox_->Answer(tickets_.at(name), Coordinate{"x"}); }
  void Bad(const std::string& name) {
    outbox_->Answer(tickets_.at(name), MakeError(ErrorReason::kNotFound, "nobody"));
  }
  std::vector<std::string> Outcomes() { return std::exchange(outcomes_, {}); }

  std::unique_ptr<Outbox> outbox_;
  int wakes_ = 0;
  std::map<std::string, Outbox::Ticket> tickets_;
  std::vector<std::string> outcomes_;
};

TEST_F(OutboxTest, LetsEventsOutInTheOrderInWhichTheyCame) {
  Make({});
  Add("a-1", 0);
  Add("b-1", 0);
  Add("a-1", 1);
  for (const char* next : {"a-1@0", "b-1@0", "a-1@1", ""}) EXPECT_EQ(Take(), next);
  Good("b-1@0");
  Good("a-1@0");
  Bad("a-1@1");
  EXPECT_THAT(Outcomes(), ElementsAre("b-1@0 ok", "a-1@0 ok", "a-1@1 back"));
  EXPECT_TRUE(outbox_->AwaitEmpty(absl::ZeroDuration()));
}

TEST_F(OutboxTest, WakesWhenThereIsSomethingAfterNothing) {
  Make({});
  Add("a-1", 0);
  Add("b-1", 0);
  EXPECT_EQ(wakes_, 1);
  Take();
  Take();
  EXPECT_EQ(wakes_, 1);
  Add("a-1", 1);
  EXPECT_EQ(wakes_, 2);
}

TEST_F(OutboxTest, AClosedOneTakesNothingAndGivesAllBack) {
  Make({});
  Add("a-1", 0);
  Add("a-1", 1);
  Take();
  outbox_->Close(Unavailable("away"));
  EXPECT_THAT(Outcomes(), ElementsAre("a-1@0 back", "a-1@1 back"));
  Add("a-1", 2);
  EXPECT_THAT(Outcomes(), ElementsAre("a-1@2 back"));
  Good("a-1@0");
  EXPECT_THAT(Outcomes(), IsEmpty()) << "it was answered already";
  outbox_->Open();
  Add("a-1", 0);
  EXPECT_EQ(Take(), "a-1@0");
}

TEST_F(OutboxTest, AClosedIntakeLeavesWhatIsOnItsWay) {
  Make({});
  Add("a-1", 0);
  Add("a-1", 1);
  Add("b-1", 0);
  Take();
  outbox_->CloseIntake(Unavailable("blocked"));
  EXPECT_THAT(Outcomes(), ElementsAre("a-1@1 back", "b-1@0 back"));
  EXPECT_FALSE(outbox_->AwaitEmpty(absl::ZeroDuration()));
  Good("a-1@0");
  EXPECT_THAT(Outcomes(), ElementsAre("a-1@0 ok"));
}

TEST_F(OutboxTest, GivesAllBackAndGoesOn) {
  Make({});
  Add("a-1", 0);
  outbox_->GiveBackAll(Unavailable("late"));
  EXPECT_THAT(Outcomes(), ElementsAre("a-1@0 back"));
  Add("a-1", 0);
  EXPECT_EQ(Take(), "a-1@0");
}

TEST_F(OutboxTest, SendsNothingThatWaitsBehindAFailureOfItsStream) {
  Make({.streams_in_order = true});
  for (uint64_t i = 0; i < 3; ++i) Add("a-1", i);
  Add("b-1", 0);
  EXPECT_EQ(Take(), "a-1@0");
  Bad("a-1@0");
  EXPECT_EQ(Take(), "b-1@0");
  EXPECT_THAT(Outcomes(), ElementsAre("a-1@0 back", "a-1@1 behind", "a-1@2 behind"));
  Add("a-1", 3);  // it was on its way here
  EXPECT_THAT(Outcomes(), ElementsAre("a-1@3 behind"));
  for (uint64_t i = 0; i < 2; ++i) Add("a-1", i);
  EXPECT_EQ(Take(), "a-1@0");
  EXPECT_EQ(Take(), "a-1@1");
}

TEST_F(OutboxTest, TakesNothingLaterThanWhatItGaveBack) {
  Make({.streams_in_order = true});
  for (uint64_t i = 0; i < 2; ++i) Add("a-1", i);
  Take();
  outbox_->Close(Unavailable("away"));
  outbox_->Open();
  Outcomes();
  Add("a-1", 2);
  EXPECT_THAT(Outcomes(), ElementsAre("a-1@2 behind"));
  EXPECT_EQ(
      outbox_->AddTaken(MakeEvent("a-1", 0), [](const absl::StatusOr<Coordinate>&) {}).has_value(),
      true);
}

TEST_F(OutboxTest, OneThatHasOneOfAStreamAtATimeTurnsNothingAway) {
  Make({});
  Add("a-1", 0);
  Take();
  Bad("a-1@0");
  Add("a-1", 1);  // that was given up
  EXPECT_EQ(Take(), "a-1@1");
}

TEST_F(OutboxTest, RefusesWhatItHasNoRoomFor) {
  Make({.events_max = 2});
  Add("a-1", 0);
  Add("b-1", 0);
  Add("c-1", 0);
  EXPECT_THAT(Outcomes(), ElementsAre("c-1@0 back"));
  Make({.bytes_max = 10});  // the data of one event is 7 bytes
  Add("a-1", 0);
  Add("b-1", 0);
  EXPECT_THAT(Outcomes(), ElementsAre("b-1@0 back"));
  outbox_->Close(Unavailable("closing"));
}

}  // namespace
}  // namespace nexus::sink
