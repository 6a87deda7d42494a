// What a caller's roles allow it, item by item.

#include <memory>
#include <string>
#include <utility>

#include "engine/access_check.h"
#include "engine/engine_fixture.h"
#include "gmock/gmock.h"

namespace nexus::engine {
namespace {

using identity::Access;
using identity::AccessMatcher;
using identity::Effect;
using identity::LimitKind;
using identity::OperationSet;
using identity::Selector;
using enum identity::Operation;
using ::testing::ElementsAre;

Caller With(AccessMatcher matcher) {
  Caller caller;
  caller.principal.name = "shop";
  caller.principal.authenticated = true;
  caller.access = std::make_shared<const Access>(std::move(matcher), std::nullopt);
  return caller;
}

Caller Allowed(OperationSet operations, Selector selector = {}) {
  AccessMatcher matcher;
  matcher.Add(Effect::kAllow, operations, selector, false);
  return With(std::move(matcher));
}

class AccessTest : public EngineFixture {
 protected:
  void SetUp() override {
    EngineFixture::SetUp();
    SetCategory("order", false);
    SetCategory("salary", false);
  }
  ErrorReason AppendAs(const Caller& caller, CommitDraft draft) {
    const Answer answer = AppendLater(std::move(draft), caller);
    executor_.RunAll();
    return answer->has_value() ? ReasonOf((**answer).status()) : ErrorReason::kInternal;
  }
  std::vector<std::string> SeenBy(const Caller& caller, ReadQuery query) {
    std::vector<std::string> types;
    engine_->OpenRead(std::move(query), caller, [&](auto cursor) {
      if (!cursor.ok()) {
        types.emplace_back(ReasonName(ReasonOf(cursor.status())));
        return;
      }
      while (true) {
        const auto page = (*cursor)->Next();
        if (!page.ok() || !page->has_value()) break;
        for (const RecordedEvent& event : (*page)->batch.events) types.emplace_back(event.type);
      }
    });
    executor_.RunAll();
    return types;
  }
};

TEST_F(AccessTest, DecidesEachStreamAndTypeOfACommit) {
  const Caller caller =
      Allowed({kAppend}, {.categories = {"order"}, .event_types = {"placed", "paid"}});
  EXPECT_EQ(AppendAs(caller, Draft("order-1", "placed", "1")), ErrorReason::kUnspecified);
  EXPECT_EQ(AppendAs(caller, Draft("order-1", "sent", "1")), ErrorReason::kAccessDenied);
  EXPECT_EQ(AppendAs(caller, Draft("salary-1", "placed", "1")), ErrorReason::kAccessDenied);
  CommitDraft both = Draft("order-2", "placed", "1");
  both.streams.push_back(Draft("salary-1", "placed", "1").streams[0]);
  EXPECT_EQ(AppendAs(caller, both), ErrorReason::kAccessDenied);
  EXPECT_THAT(Types("order-1"), ElementsAre("placed"));
  EXPECT_FALSE(OpenRead({.stream = "order-2"}).ok()) << "half of a commit was stored";
}

TEST_F(AccessTest, AWorkerNeedsEveryStreamOfACategory) {
  const auto reason = [](const Caller& caller, const char* category) {
    return ReasonOf(CheckHandleAccess(caller, category));
  };
  const Caller orders = Allowed({kHandle}, {.categories = {"order"}});
  EXPECT_EQ(reason(orders, "order"), ErrorReason::kUnspecified);
  EXPECT_EQ(reason(orders, "salary"), ErrorReason::kAccessDenied);
  EXPECT_EQ(reason(Allowed({kHandle}, {.stream_prefixes = {"order-eu"}}), "order"),
            ErrorReason::kAccessDenied);
  EXPECT_EQ(reason(Allowed({kExecute, kAppend, kRead}), "order"), ErrorReason::kAccessDenied);
  EXPECT_EQ(reason(Caller(), "order"), ErrorReason::kUnspecified) << "access is not controlled";
}

TEST_F(AccessTest, TellsNobodyTheRevisionOfAStreamThatIsNotHis) {
  CommitDraft spying = Draft("order-1", "placed", "1");
  spying.streams.push_back({"salary-1", ExpectedRevision::NoStream(), {}});
  EXPECT_EQ(AppendAs(Allowed({kAppend}, {.categories = {"order"}}), spying),
            ErrorReason::kAccessDenied);
}

TEST_F(AccessTest, GivesNoEarlierReceiptToWhoMayNotAppendThere) {
  CommitDraft draft = Draft("order-1", "placed", "1");
  draft.commit_id = "018f4e2a-5c00-7000-8000-000000000001";
  ASSERT_TRUE(AppendDraft(draft).ok());
  EXPECT_EQ(AppendAs(Allowed({kAppend}, {.categories = {"salary"}}), draft),
            ErrorReason::kAccessDenied);
}

TEST_F(AccessTest, AsksForCredentialsWhereThereAreNone) {
  Caller nobody = With(AccessMatcher());
  nobody.principal = {};
  EXPECT_EQ(AppendAs(nobody, Draft("order-1", "placed", "1")), ErrorReason::kUnauthenticated);
  EXPECT_THAT(SeenBy(nobody, {}), ElementsAre("UNAUTHENTICATED"));
}

TEST_F(AccessTest, ShowsOnlyWhatTheReaderMaySee) {
  ASSERT_TRUE(Append("order-1", "placed", "1").ok());
  ASSERT_TRUE(Append("salary-1", "raised", "1").ok());
  ASSERT_TRUE(Append("order-2", "paid", "1").ok());
  const Caller orders = Allowed({kRead}, {.categories = {"order"}});
  EXPECT_THAT(SeenBy(orders, {}), ElementsAre("placed", "paid"));
  EXPECT_THAT(SeenBy(orders, {.limit = 2}), ElementsAre("placed", "paid"))
      << "what is hidden does not count";
  EXPECT_THAT(SeenBy(orders, {.stream = "salary-1"}), ElementsAre("ACCESS_DENIED"));
  const Caller payments = Allowed({kRead}, {.event_types = {"paid"}});
  EXPECT_THAT(SeenBy(payments, {.stream = "order-2"}), ElementsAre("paid"));
  EXPECT_THAT(SeenBy(payments, {.stream = "order-1"}), ElementsAre());
  AccessMatcher matcher;
  matcher.Add(Effect::kAllow, {kRead}, {}, false);
  matcher.Add(Effect::kDeny, {kRead}, {.categories = {"salary"}}, true);
  EXPECT_THAT(SeenBy(With(std::move(matcher)), {}), ElementsAre("placed", "paid"));
}

TEST_F(AccessTest, NeedsMoreThanReadingForTimesAndSubscriptions) {
  ASSERT_TRUE(Append("order-1", "placed", "1").ok());
  EXPECT_THAT(SeenBy(Allowed({kRead}), {.from_time = Timestamp{0}}), ElementsAre("ACCESS_DENIED"));
  EXPECT_THAT(SeenBy(Allowed({kRead, kQuery}), {.from_time = Timestamp{0}}), ElementsAre("placed"));
  absl::Status opened;
  engine_->Subscribe({}, Allowed({kRead}), [&](auto result) { opened = result.status(); });
  executor_.RunAll();
  EXPECT_EQ(ReasonOf(opened), ErrorReason::kAccessDenied);
}

TEST_F(AccessTest, ListsTheStreamsOfWhichSomethingMayBeRead) {
  ASSERT_TRUE(Append("order-1", "placed", "1").ok());
  ASSERT_TRUE(Append("salary-1", "raised", "1").ok());
  std::vector<std::string> names;
  std::string looked_to;
  engine_->ListStreams({}, Allowed({kRead}, {.categories = {"order"}}), [&](auto page) {
    ASSERT_TRUE(page.ok());
    for (const StreamInfo& info : page->streams) names.push_back(info.name);
    looked_to = page->looked_to;
  });
  executor_.RunAll();
  EXPECT_THAT(names, ElementsAre("order-1"));
  EXPECT_EQ(looked_to, "salary-1") << "the next page goes on behind what was hidden";
  absl::Status hidden;
  engine_->GetStream("salary-1", Allowed({kRead}, {.categories = {"order"}}),
                     [&](auto info) { hidden = info.status(); });
  executor_.RunAll();
  EXPECT_EQ(ReasonOf(hidden), ErrorReason::kAccessDenied);
}

TEST_F(AccessTest, ChangesSchemasOfTheSubjectsAllowed) {
  const Caller caller = Allowed({kSchemaWrite}, {.event_types = {"billing.*"}});
  const auto reason_of = [&](const std::string& subject) {
    ErrorReason reason = ErrorReason::kInternal;
    schema::RegisterRequest request;
    request.subject = subject;
    request.definition = "true";
    engine_->RegisterSchema(request, caller, [&](auto r) { reason = ReasonOf(r.status()); });
    executor_.RunAll();
    return reason;
  };
  EXPECT_EQ(reason_of("billing.paid"), ErrorReason::kUnspecified);
  EXPECT_EQ(reason_of("order.placed"), ErrorReason::kAccessDenied);
  absl::Status global;
  engine_->UpdateCompatibility({}, caller, [&](auto now) { global = now.status(); });
  EXPECT_EQ(ReasonOf(global), ErrorReason::kAccessDenied) << "the settings of all subjects";
  absl::Status category;
  engine_->UpdateCategory({"order", schema::SchemaMode::kOptional}, caller,
                          [&](auto now) { category = now.status(); });
  EXPECT_EQ(ReasonOf(category), ErrorReason::kAccessDenied);
}

}  // namespace
}  // namespace nexus::engine
