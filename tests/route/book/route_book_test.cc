#include "route/book/route_book.h"

#include <atomic>

#include "fake/manual_clock.h"
#include "fake/manual_executor.h"
#include "fake/sequential_ids.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "schema/json/simd_json_reader.h"
#include "storage/memory/memory_log.h"

namespace nexus::route {
namespace {

RouteDeclaration Declaration(const std::string& name, const std::string& kind = "jsonl") {
  RouteDeclaration route;
  route.name = name;
  route.sink.kind = kind;
  return route;
}

class RouteBookTest : public ::testing::Test {
 protected:
  std::unique_ptr<RouteBook> Open() {
    RouteBookOptions options;
    options.routes = {Declaration("standard")};
    options.routes_max = 3;
    auto book = std::make_unique<RouteBook>(
        RouteBookParts{log_, log_, json_, executor_, clock_, ids_}, options);
    EXPECT_TRUE(book->Load().ok());
    return book;
  }
  absl::StatusOr<RouteRecord> Change(RouteBook& book, RouteEvent event) {
    absl::StatusOr<RouteRecord> answer = absl::UnknownError("no answer");
    AdmissionStamp stamp;
    stamp.principal = "ann";
    book.Change(std::move(event), stamp,
                [&](absl::StatusOr<RouteRecord> route) { answer = std::move(route); });
    executor_.RunAll();
    return answer;
  }
  absl::StatusOr<RouteRecord> Declare(RouteBook& book, RouteDeclaration route) {
    RouteEvent event{.change = RouteChange::kDeclared, .name = route.name};
    event.route = std::move(route);
    return Change(book, std::move(event));
  }

  storage::MemoryLog log_;
  schema::SimdJsonReader json_;
  fake::ManualExecutor executor_;
  fake::ManualClock clock_;
  fake::SequentialIds ids_;
};

TEST_F(RouteBookTest, AnotherServerReadsWhatThisOneWrote) {
  auto book = Open();
  ASSERT_TRUE(Declare(*book, Declaration("orders", "kafka")).ok());
  ASSERT_TRUE(Change(*book, {.change = RouteChange::kPaused, .name = "orders"}).ok());
  ASSERT_TRUE(Change(*book, {.change = RouteChange::kRemoved, .name = "standard"}).ok());
  RouteEvent rules{.change = RouteChange::kClassified};
  rules.rules = CriticalityRules();
  rules.rules->threshold = 0.25;
  ASSERT_TRUE(Change(*book, rules).ok());
  auto other = Open();
  for (RouteBook* one : {book.get(), other.get()}) {
    const auto now = one->Snapshot();
    ASSERT_EQ(now->routes().size(), 1u);
    EXPECT_TRUE(now->Find("orders")->paused);
    EXPECT_EQ(now->Find("orders")->changed_by, "ann");
    EXPECT_EQ(one->classifications().Latest()->rules.threshold, 0.25);
    EXPECT_EQ(one->classifications().Latest()->from, log_.Head());
    EXPECT_EQ(one->classifications().At(log_.Head())->version, 0u);
  }
}

TEST_F(RouteBookTest, TellsOfEachChangeWhenItCanBeSeen) {
  auto book = Open();
  int routes = 0;
  book->SetListener([&] { routes = static_cast<int>(book->Snapshot()->routes().size()); });
  ASSERT_TRUE(Declare(*book, Declaration("orders")).ok());
  EXPECT_EQ(routes, 2);
}

TEST_F(RouteBookTest, WritesNothingForWhatIsSo) {
  auto book = Open();
  ASSERT_TRUE(Declare(*book, Declaration("orders")).ok());
  const Position head = log_.Head();
  EXPECT_TRUE(Declare(*book, Declaration("orders")).ok());
  EXPECT_TRUE(Change(*book, {.change = RouteChange::kResumed, .name = "orders"}).ok());
  EXPECT_EQ(log_.Head(), head);
}

TEST_F(RouteBookTest, RefusesWhatCannotBe) {
  auto book = Open();
  EXPECT_EQ(ReasonOf(Change(*book, {.change = RouteChange::kRemoved, .name = "x"}).status()),
            ErrorReason::kNotFound);
  ASSERT_TRUE(Declare(*book, Declaration("a")).ok());
  ASSERT_TRUE(Declare(*book, Declaration("b")).ok());
  EXPECT_EQ(ReasonOf(Declare(*book, Declaration("c")).status()), ErrorReason::kLimitExceeded);
  EXPECT_TRUE(Declare(*book, Declaration("b", "kafka")).ok()) << "it is one of them";
}

TEST_F(RouteBookTest, AnswersARemovalWithWhatWasThere) {
  auto book = Open();
  ASSERT_TRUE(Declare(*book, Declaration("orders", "kafka")).ok());
  const auto removed = Change(*book, {.change = RouteChange::kRemoved, .name = "orders"});
  ASSERT_TRUE(removed.ok());
  EXPECT_EQ(removed->declaration.sink.kind, "kafka");
}

// Two servers, one log: the second plans against what the first wrote.
TEST_F(RouteBookTest, FollowsAnotherWriter) {
  auto one = Open();
  auto two = Open();
  ASSERT_TRUE(Declare(*one, Declaration("a")).ok());
  ASSERT_TRUE(Declare(*two, Declaration("b")).ok());
  EXPECT_NE(two->Snapshot()->Find("a"), nullptr);
}

}  // namespace
}  // namespace nexus::route
