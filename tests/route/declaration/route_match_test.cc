#include "route/declaration/route_match.h"

#include "gtest/gtest.h"

namespace nexus::route {
namespace {

RecordedEvent Placed() {
  RecordedEvent event;
  event.stream = "order-42";
  event.type = "order.placed";
  event.tags = {"eu", "fast"};
  event.metadata = {{"customer", "c-1"}, {"empty", ""}, {"tenant", "acme"}};
  event.correlation_id = "corr";
  return event;
}

// Whether it is meant; the reason that is given must agree.
bool Fits(const RouteMatch& match, const RecordedEvent& event, Path path = Path::kStandard) {
  const bool fits = Matches(match, event, path);
  EXPECT_EQ(WhyNot(match, event, path).empty(), fits);
  return fits;
}

TEST(RouteMatchTest, AnEmptyMatchMeansAllButTheServersOwn) {
  EXPECT_TRUE(Fits({}, Placed()));
  RecordedEvent own = Placed();
  own.stream = "$schemas";
  EXPECT_FALSE(Fits({}, own));
  EXPECT_FALSE(Fits({.categories = {"*"}}, own));
  EXPECT_TRUE(Fits({.categories = {"$schemas"}}, own));
  EXPECT_TRUE(Fits({.categories = {"$s*"}}, own));
}

TEST(RouteMatchTest, ComparesCategoriesAndTypesWholeOrByPrefix) {
  EXPECT_TRUE(Fits({.categories = {"pay", "order"}}, Placed()));
  EXPECT_FALSE(Fits({.categories = {"orde"}}, Placed()));
  EXPECT_TRUE(Fits({.categories = {"orde*"}}, Placed()));
  EXPECT_FALSE(Fits({.categories = {"order-42"}}, Placed())) << "that is a stream";
  EXPECT_TRUE(Fits({.types = {"order.*"}}, Placed()));
  EXPECT_FALSE(Fits({.types = {"order.paid"}}, Placed()));
}

TEST(RouteMatchTest, WantsOneOfTheTagsAndAllOfTheMetadata) {
  EXPECT_TRUE(Fits({.tags = {"us", "fast"}}, Placed()));
  EXPECT_FALSE(Fits({.tags = {"us"}}, Placed()));
  EXPECT_TRUE(Fits({.metadata = {{"tenant", "acme"}, {"customer", "c-1"}}}, Placed()));
  EXPECT_FALSE(Fits({.metadata = {{"tenant", "acme"}, {"customer", "c-2"}}}, Placed()));
  EXPECT_FALSE(Fits({.metadata = {{"absent", ""}}}, Placed()));
}

TEST(RouteMatchTest, MayMeanOnePath) {
  EXPECT_TRUE(Fits({.path = PathMatch::kCritical}, Placed(), Path::kCritical));
  EXPECT_FALSE(Fits({.path = PathMatch::kCritical}, Placed(), Path::kStandard));
  EXPECT_TRUE(Fits({.path = PathMatch::kStandard}, Placed(), Path::kStandard));
  EXPECT_FALSE(Fits({.path = PathMatch::kStandard}, Placed(), Path::kCritical));
}

TEST(KeyOfTest, FallsBackToTheStream) {
  EXPECT_EQ(KeyOf({}, Placed()), "order-42");
  EXPECT_EQ(KeyOf({KeySource::From::kCorrelation, ""}, Placed()), "corr");
  EXPECT_EQ(KeyOf({KeySource::From::kMetadata, "customer"}, Placed()), "c-1");
  EXPECT_EQ(KeyOf({KeySource::From::kMetadata, "empty"}, Placed()), "order-42");
  EXPECT_EQ(KeyOf({KeySource::From::kMetadata, "absent"}, Placed()), "order-42");
  RecordedEvent bare = Placed();
  bare.correlation_id = "";
  EXPECT_EQ(KeyOf({KeySource::From::kCorrelation, ""}, bare), "order-42");
}

}  // namespace
}  // namespace nexus::route
