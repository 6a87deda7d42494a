#include "route/declaration/transform_declaration.h"

#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "route/declaration/route_declaration.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::route {
namespace {

constexpr char kAll[] = R"({"require":["/id"],"pick":["/id","/items/*"],"drop":["/a~1b/0"],
    "mask":{"/card":"****"},"rename":{"/id":"order"},"attributes":{"tenant":"eu"},
    "hash":{"fields":["/customer/id"],"secret":"pseudonyms"},
    "schema":{"type":"order-public","version":2}})";

class TransformDeclarationTest : public ::testing::Test {
 protected:
  std::string FaultIn(const std::string& text) {
    TransformDeclaration out;
    const absl::Status parsed = ParseTransform(text, json_, out);
    if (parsed.ok()) return "none";
    const ErrorDetails details = DetailsOf(parsed);
    return details.violations.size() == 1 ? details.violations[0].pointer : "no violation";
  }

  schema::SimdJsonReader json_;
};

TEST_F(TransformDeclarationTest, ReadsBackWhatItWrites) {
  TransformDeclaration first;
  ASSERT_TRUE(ParseTransform(kAll, json_, first).ok());
  EXPECT_EQ(first.hash, std::vector<std::string>{"/customer/id"});
  EXPECT_EQ(first.secret, "pseudonyms");
  EXPECT_EQ(first.schema_version, 2u);
  TransformDeclaration second;
  ASSERT_TRUE(ParseTransform(TransformText(first), json_, second).ok());
  EXPECT_EQ(second, first);
  EXPECT_EQ(TransformDigest(second), TransformDigest(first));
  second.drop.clear();
  EXPECT_NE(TransformDigest(second), TransformDigest(first));
}

TEST_F(TransformDeclarationTest, NamesThePlaceOfWhatIsWrong) {
  EXPECT_EQ(FaultIn("{}"), "/transform") << "it does nothing";
  EXPECT_EQ(FaultIn(R"({"pik":["/a"]})"), "/transform/pik");
  EXPECT_EQ(FaultIn(R"({"pick":["/a","a"]})"), "/transform/pick/1");
  EXPECT_EQ(FaultIn(R"({"drop":["/a~2"]})"), "/transform/drop/0");
  EXPECT_EQ(FaultIn(R"({"drop":["/a~"]})"), "/transform/drop/0");
  EXPECT_EQ(FaultIn(R"({"mask":{"":"*"}})"), "/transform/mask/");
  EXPECT_EQ(FaultIn(R"({"mask":{"/a":1}})"), "/transform/mask/~1a");
  EXPECT_EQ(FaultIn(R"({"rename":{"/a/*":"b"}})"), "/transform/rename/~1a~1*");
  EXPECT_EQ(FaultIn(R"({"rename":{"/a":""}})"), "/transform/rename/~1a");
  EXPECT_EQ(FaultIn(R"({"hash":{"fields":["/a"]}})"), "/transform/hash/secret");
  EXPECT_EQ(FaultIn(R"({"hash":{"fields":[],"secret":"s"}})"), "/transform/hash/fields");
  EXPECT_EQ(FaultIn(R"({"hash":{"fields":["/a"],"secret":"../s"}})"), "/transform/hash/secret");
  EXPECT_EQ(FaultIn(R"({"attributes":{"type":"x"}})"), "/transform/attributes/type");
  EXPECT_EQ(FaultIn(R"({"attributes":{"nexusx":"x"}})"), "/transform/attributes/nexusx");
  EXPECT_EQ(FaultIn(R"({"attributes":{"Tenant":"x"}})"), "/transform/attributes/Tenant");
  EXPECT_EQ(FaultIn(R"({"attributes":{"tenant":"a\nb"}})"), "/transform/attributes/tenant");
  EXPECT_EQ(FaultIn(R"({"schema":{"type":"x"}})"), "/transform/schema/version");
  EXPECT_EQ(FaultIn(R"({"schema":{"type":"x","version":0}})"), "/transform/schema/version");
  EXPECT_EQ(FaultIn(R"({"pick":[")" + std::string(2'000, '/') + "\"]}"), "/transform/pick/0");
  std::string deep;
  for (size_t i = 0; i <= kPointerSegmentsMax; ++i) deep += "/a";
  EXPECT_EQ(FaultIn(R"({"pick":[")" + deep + "\"]}"), "/transform/pick/0");
}

TEST_F(TransformDeclarationTest, ReadsPointersAsTheStandardHasThem) {
  std::vector<std::string> segments;
  ASSERT_TRUE(ParsePointer("/a~1b/~0/~01//0", segments));
  EXPECT_EQ(segments, (std::vector<std::string>{"a/b", "~", "~1", "", "0"}));
  EXPECT_FALSE(ParsePointer("", segments));
  EXPECT_FALSE(ParsePointer("a", segments));
}

TEST_F(TransformDeclarationTest, IsPartOfARoute) {
  const std::string text =
      std::string(R"({"name":"r","sink":{"kind":"jsonl"},"transform":)") + kAll + "}";
  const auto route = ParseRoute(text, json_);
  ASSERT_TRUE(route.ok()) << route.status();
  const auto back = ParseRoute(RouteText(*route), json_);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, *route);
  RouteDeclaration without = *route;
  without.transform.reset();
  EXPECT_NE(RouteRevision(without), RouteRevision(*route));
  EXPECT_EQ(RouteText(without).find("\"transform\":{"), std::string::npos);
}

TEST_F(TransformDeclarationTest, FramedFormatsNeedASchema) {
  const auto parse = [&](const std::string& transform) {
    return ParseRoute(R"({"name":"r","sink":{"kind":"kafka"},"format":"confluent","transform":)" +
                          transform + "}",
                      json_);
  };
  const auto none = parse(R"({"drop":["/a"]})");
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(DetailsOf(none.status()).violations.at(0).pointer, "/format");
  EXPECT_TRUE(parse(R"({"drop":["/a"],"schema":{"type":"x","version":1}})").ok());
}

}  // namespace
}  // namespace nexus::route
