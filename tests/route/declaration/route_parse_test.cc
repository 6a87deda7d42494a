#include <random>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "route/declaration/route_declaration.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::route {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

schema::SimdJsonReader& Json() {
  static auto& reader = *new schema::SimdJsonReader();
  return reader;
}

absl::StatusOr<RouteDeclaration> Parse(const std::string& text) { return ParseRoute(text, Json()); }

// The pointer of what is wrong; "none" if nothing is.
std::string FaultIn(const std::string& text) {
  const auto route = Parse(text);
  if (route.ok()) return "none";
  EXPECT_EQ(ReasonOf(route.status()), ErrorReason::kMalformedRequest);
  const ErrorDetails details = DetailsOf(route.status());
  return details.violations.size() == 1 ? details.violations[0].pointer : "no violation";
}

std::string With(const std::string& members) {
  return absl::StrCat(R"({"name":"orders","sink":{"kind":"jsonl"},)", members, "}");
}

TEST(RouteParseTest, ReadsAllThatARouteMaySay) {
  const auto route = Parse(R"({
    "name": "orders-eu", "comment": "for the warehouse",
    "match": {"categories": ["order", "pay*"], "types": ["order.placed"], "tags": ["eu"],
              "metadata": {"tenant": "acme"}, "criticality": "critical"},
    "sink": {"kind": "kafka", "settings": {"topic": "orders", "brokers": "a:9092"}},
    "format": "cloudevents-structured", "key": "metadata:customer",
    "start": {"time": "2026-01-31T12:00:00Z"}, "dead_letters": "skip-ahead",
    "on_error": {"too-large": "skip", "unroutable": "person"},
    "retry": {"attempts": 3, "base_ms": 10, "max_ms": 20},
    "bounds": {"pending_events": 7, "pending_bytes": 8, "in_flight_per_stream": 1},
    "paused": true})");
  ASSERT_TRUE(route.ok()) << route.status();
  EXPECT_EQ(route->name, "orders-eu");
  EXPECT_EQ(route->comment, "for the warehouse");
  EXPECT_THAT(route->match.categories, ElementsAre("order", "pay*"));
  EXPECT_THAT(route->match.types, ElementsAre("order.placed"));
  EXPECT_THAT(route->match.tags, ElementsAre("eu"));
  EXPECT_THAT(route->match.metadata, ElementsAre(Pair("tenant", "acme")));
  EXPECT_EQ(route->match.path, PathMatch::kCritical);
  EXPECT_EQ(route->sink.kind, "kafka");
  EXPECT_EQ(route->sink.settings, R"({"brokers":"a:9092","topic":"orders"})");
  EXPECT_EQ(route->format, EventFormat::kCloudEventsStructured);
  EXPECT_EQ(route->key, (KeySource{KeySource::From::kMetadata, "customer"}));
  EXPECT_EQ(route->start.from, StartAt::From::kTime);
  EXPECT_EQ(route->start.time.micros, 1'769'860'800'000'000);
  EXPECT_EQ(route->dead_letters, DeadLetterPolicy::kSkipAhead);
  EXPECT_EQ(route->on_error[ErrorClass::kTooLarge], ErrorAction::kSkip);
  EXPECT_EQ(route->on_error[ErrorClass::kUnroutable], ErrorAction::kPerson);
  EXPECT_EQ(route->on_error[ErrorClass::kOther], ErrorAction::kRetry);
  EXPECT_EQ(route->retry, (RetrySettings{3, 10, 20}));
  EXPECT_EQ(route->bounds, (RouteBounds{7, 8, 1}));
  EXPECT_EQ(route->paused, true);
}

TEST(RouteParseTest, HasDefaultsForAllButNameAndSink) {
  const auto route = Parse(R"({"name":"a","sink":{"kind":"jsonl"}})");
  ASSERT_TRUE(route.ok()) << route.status();
  RouteDeclaration plain;
  plain.name = "a";
  plain.sink.kind = "jsonl";
  EXPECT_EQ(*route, plain);
}

TEST(RouteParseTest, NamesThePlaceOfWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"[]", ""},
      {"{", ""},
      {R"({"sink":{"kind":"jsonl"}})", "/name"},
      {R"({"name":"a"})", "/sink"},
      {R"({"name":"A","sink":{"kind":"jsonl"}})", "/name"},
      {R"({"name":"","sink":{"kind":"jsonl"}})", "/name"},
      {R"({"name":"a","sink":{}})", "/sink/kind"},
      {R"({"name":"a","sink":"jsonl"})", "/sink"},
      {R"({"name":"a","sink":{"kind":"jsonl","settings":[]}})", "/sink/settings"},
      {R"({"name":"a","sink":{"kind":"jsonl","set":{}}})", "/sink/set"},
      {With(R"("matches":{})"), "/matches"},
      {With(R"("match":{"category":["a"]})"), "/match/category"},
      {With(R"("match":{"categories":"a"})"), "/match/categories"},
      {With(R"("match":{"categories":["a",1]})"), "/match/categories/1"},
      {With(R"("match":{"categories":["a*b"]})"), "/match/categories/0"},
      {With(R"("match":{"categories":["$dead*"]})"), "/match/categories/0"},
      {With(R"("match":{"categories":["x","$dead-letters"]})"), "/match/categories/1"},
      {With(R"("match":{"metadata":{"a":1}})"), "/match/metadata/a"},
      {With(R"("match":{"criticality":"hot"})"), "/match/criticality"},
      {With(R"("format":"xml")"), "/format"},
      {With(R"("key":"stream-id")"), "/key"},
      {With(R"("key":"metadata:")"), "/key"},
      {With(R"("start":"yesterday")"), "/start"},
      {With(R"("start":{})"), "/start/position"},
      {With(R"("start":{"position":0})"), "/start/position"},
      {With(R"("start":{"position":1,"time":"2026-01-01T00:00:00Z"})"), "/start/position"},
      {With(R"("start":{"time":"soon"})"), "/start/time"},
      {With(R"("dead_letters":"drop")"), "/dead_letters"},
      {With(R"("on_error":{"too-large":"drop"})"), "/on_error/too-large"},
      {With(R"("on_error":{"unstamped":"retry"})"), "/on_error/unstamped"},
      {With(R"("on_error":{"transform":"retry"})"), "/on_error/transform"},
      {With(R"("on_error":{"broken":"skip"})"), "/on_error/broken"},
      {With(R"("retry":{"attempts":0})"), "/retry/attempts"},
      {With(R"("retry":{"base_ms":10,"max_ms":5})"), "/retry/max_ms"},
      {With(R"("bounds":{"pending_events":1.5})"), "/bounds/pending_events"},
      {With(R"("paused":"yes")"), "/paused"},
  };
  for (const auto& [text, pointer] : rows) EXPECT_EQ(FaultIn(text), pointer) << text;
}

TEST(RouteParseTest, SuggestsTheMemberThatWasMeant) {
  const auto route = Parse(With(R"("formta":"raw")"));
  EXPECT_THAT(std::string(route.status().message()), HasSubstr("did you mean 'format'?"));
}

TEST(RouteParseTest, RefusesAMemberThatIsNamedTwice) {
  EXPECT_EQ(FaultIn(With(R"("format":"raw","format":"confluent")")), "");
}

RouteDeclaration Made(std::mt19937_64& random) {
  const auto texts = [&] {
    std::vector<std::string> out(random() % 3);
    for (std::string& text : out) {
      text = absl::StrCat("t\"\\/ü-", random() % 100, random() % 2 == 0 ? "*" : "");
    }
    return out;
  };
  RouteDeclaration route;
  route.name = absl::StrCat("route-", random() % 1'000);
  route.comment = absl::StrCat("why \"", random(), "\"");
  route.match = {texts(), texts(), texts(), {}, static_cast<PathMatch>(random() % 3)};
  if (random() % 2 == 0) route.match.metadata = {{"a/b", "x~y"}, {"k", "v"}};
  route.sink = {"kind", absl::StrCat(R"({"n":)", random() % 9, "}")};
  route.format = static_cast<EventFormat>(random() % 5);
  route.key.from = static_cast<KeySource::From>(random() % 3);
  if (route.key.from == KeySource::From::kMetadata) route.key.name = "customer";
  route.start.from = static_cast<StartAt::From>(random() % 4);
  if (route.start.from == StartAt::From::kPosition) {
    route.start.position = Position(random() % 99 + 1);
  }
  if (route.start.from == StartAt::From::kTime) {
    route.start.time.micros = static_cast<int64_t>(random() % 2'000'000'000'000'000);
  }
  route.dead_letters = static_cast<DeadLetterPolicy>(random() % 2);
  for (size_t i = 0; i < kErrorClasses; ++i) {
    route.on_error.actions[i] = static_cast<ErrorAction>(random() % 3);
  }
  for (const ErrorClass lasting : {ErrorClass::kTransform, ErrorClass::kUnstamped}) {
    if (route.on_error[lasting] == ErrorAction::kRetry)
      route.on_error[lasting] = ErrorAction::kSkip;
  }
  route.retry = {random() % 9 + 1, 5, 5 + random() % 9};
  route.bounds = {random() % 9 + 1, random() % 9 + 1, random() % 9 + 1};
  if (random() % 2 == 0) route.paused = random() % 2 == 0;
  return route;
}

TEST(RouteTextTest, ReadsBackAsTheSameDeclaration) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 500; ++i) {
    const RouteDeclaration route = Made(random);
    const std::string text = RouteText(route);
    const auto back = Parse(text);
    ASSERT_TRUE(back.ok()) << back.status() << text;
    ASSERT_EQ(*back, route) << text;
    EXPECT_EQ(RouteText(*back), text);
  }
}

TEST(RouteTextTest, EqualDeclarationsHaveOneRevisionAndOthersAnother) {
  const auto a = Parse(With(R"("format":"raw","key":"stream")"));
  const auto b =
      Parse(R"({"format":"raw", "sink":{"settings":{},"kind":"jsonl"}, "name":"orders"})");
  const auto c = Parse(With(R"("format":"confluent")"));
  const auto paused = Parse(With(R"("format":"raw","paused":true)"));
  EXPECT_EQ(RouteRevision(*a), RouteRevision(*b));
  EXPECT_NE(RouteRevision(*a), RouteRevision(*c));
  EXPECT_EQ(RouteRevision(*a), RouteRevision(*paused)) << "a state is no part of it";
  EXPECT_EQ(RouteRevision(*a).size(), 64u);
}

TEST(RouteNamesTest, ErrorClassesHaveNames) {
  for (size_t i = 0; i < kErrorClasses; ++i) {
    const auto error = static_cast<ErrorClass>(i);
    EXPECT_EQ(ParseErrorClass(ErrorClassName(error)), error);
  }
  EXPECT_EQ(ParseErrorClass("sad"), std::nullopt);
}

}  // namespace
}  // namespace nexus::route
