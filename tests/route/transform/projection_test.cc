#include "route/transform/projection.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::route {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ProjectionTest : public ::testing::Test {
 protected:
  // What is left of `data`, or what is wrong.
  std::string Left(const std::string& transform, absl::string_view data) {
    TransformDeclaration declaration;
    const absl::Status parsed = ParseTransform(transform, json_, declaration);
    EXPECT_TRUE(parsed.ok()) << parsed;
    const auto tree = BuildPointerTree(declaration);
    const auto left = Project(data, *tree, {"0123456789abcdef", ""});
    if (left.ok()) return *left;
    EXPECT_EQ(ReasonOf(left.status()), ErrorReason::kSchemaViolation);
    return std::string(left.status().message());
  }

  schema::SimdJsonReader json_;
};

// HMAC-SHA256 of "x" under "0123456789abcdef".
constexpr char kHashOfX[] = "68f4d9c04881bab754f229e82dee00ccf8d9f6a7cf98125ac5e8254d6cd3cc3f";

constexpr char kOrder[] = R"({"id": "o-1", "total": 12.50, "customer": {"id": "c-7",
    "email": "a@example.com"}, "items": [{"sku": "x", "price": 1.10, "note": "n1"},
    {"sku": "y", "price": 2e3}], "card": {"number": "4111"}})";

TEST_F(ProjectionTest, DropsMembersAndItemsAtAnyDepth) {
  EXPECT_EQ(Left(R"({"drop": ["/customer/email", "/items/*/price", "/card"]})", kOrder),
            R"({"id":"o-1","total":12.50,"customer":{"id":"c-7"},)"
            R"("items":[{"sku":"x","note":"n1"},{"sku":"y"}]})");
  EXPECT_EQ(Left(R"({"drop": ["/items/0"]})", R"({"items":[1,2,3]})"), R"({"items":[2,3]})");
  EXPECT_EQ(Left(R"({"drop": ["/items/*"]})", R"({"items":[1,[2],{"a":3}]})"), R"({"items":[]})");
  EXPECT_EQ(Left(R"({"drop": ["/*/secret"]})", R"({"a":{"secret":1,"b":2},"c":[]})"),
            "transform: the data has another form on the way to /*/secret: what should be hidden "
            "may stand elsewhere");
  EXPECT_EQ(Left(R"({"drop": ["/*/secret"]})", R"({"a":{"secret":1,"b":2},"c":{}})"),
            R"({"a":{"b":2},"c":{}})");
}

TEST_F(ProjectionTest, PicksWhatIsNamedAndTheWayThere) {
  EXPECT_EQ(Left(R"({"pick": ["/id", "/items/*/sku", "/customer"]})", kOrder),
            R"({"id":"o-1","customer":{"id":"c-7","email":"a@example.com"},)"
            R"("items":[{"sku":"x"},{"sku":"y"}]})");
  EXPECT_EQ(Left(R"({"pick": ["/customer"], "drop": ["/customer/email"]})", kOrder),
            R"({"customer":{"id":"c-7"}})");
  EXPECT_EQ(Left(R"({"pick": ["/a/b"]})", R"({"a":"not an object","c":1})"), "{}")
      << "nobody picked a single value in the place of an object";
  EXPECT_EQ(Left(R"({"pick": ["/a/b"]})", R"({"a":{"c":1}})"), R"({"a":{}})");
  EXPECT_EQ(Left(R"({"pick": ["/none"]})", kOrder), "{}");
  EXPECT_EQ(Left(R"({"pick": ["/1"]})", "[1,2,3]"), "[2]");
}

TEST_F(ProjectionTest, MasksWhateverStandsThere) {
  EXPECT_EQ(
      Left(R"({"mask": {"/card": "****", "/customer/email": "-", "/items/*/price": "?"}})", kOrder),
      R"({"id":"o-1","total":12.50,"customer":{"id":"c-7","email":"-"},"items":)"
      R"([{"sku":"x","price":"?","note":"n1"},{"sku":"y","price":"?"}],"card":"****"})");
  EXPECT_EQ(Left(R"({"mask": {"/a": "\"\\"}})", R"({"a":null,"b":1})"), R"({"a":"\"\\","b":1})");
}

TEST_F(ProjectionTest, HashesSingleValuesWithTheSecret) {
  const std::string left =
      Left(R"({"hash": {"fields": ["/a", "/b", "/n", "/t", "/z"], "secret": "s"}})",
           R"({"a":"x","b":"x","n":12.50,"t":true,"z":null})");
  EXPECT_THAT(left, HasSubstr("\"z\":null"));
  EXPECT_THAT(left, Not(HasSubstr("12.50")));
  EXPECT_THAT(left, Not(HasSubstr("true")));
  const auto members = json_.ReadObject(left);
  ASSERT_TRUE(members.ok()) << left;
  EXPECT_EQ(members->at("a").text, kHashOfX);
  EXPECT_EQ(members->at("a").text, members->at("b").text) << "equal values can be joined";
  EXPECT_EQ(members->at("n").text.size(), 64u);
  EXPECT_NE(members->at("n").text, members->at("t").text);
}

TEST_F(ProjectionTest, HashesTextByWhatItStandsFor) {
  const std::string transform = R"({"hash": {"fields": ["/a"], "secret": "s"}})";
  const std::string plain = Left(transform, R"({"a":"é/😀x"})");
  EXPECT_EQ(Left(transform, R"({"a":"\u00e9\/\ud83d\ude00\u0078"})"), plain);
  EXPECT_NE(Left(transform, R"({"a":"\ud83d"})"), Left(transform, R"({"a":"\ude00"})"));
}

TEST_F(ProjectionTest, RefusesToHashWhatIsNoSingleValue) {
  EXPECT_THAT(Left(R"({"hash": {"fields": ["/customer"], "secret": "s"}})", kOrder),
              HasSubstr("/customer is an object or array"));
}

TEST_F(ProjectionTest, RenamesMembers) {
  EXPECT_EQ(Left(R"({"rename": {"/customer/id": "pseudonym", "/id": "order/\"id"}})",
                 R"({"id":1,"customer":{"id":2}})"),
            R"({"order/\"id":1,"customer":{"pseudonym":2}})");
  EXPECT_EQ(Left(R"({"rename": {"/items/*/sku": "article"}})", R"({"items":[{"sku":1},{}]})"),
            R"({"items":[{"article":1},{}]})");
  EXPECT_THAT(Left(R"({"rename": {"/a": "b"}})", R"({"a":1,"b":2})"),
              HasSubstr("that of another member"));
  EXPECT_THAT(Left(R"({"rename": {"/0": "b"}})", "[1]"), HasSubstr("no name to change"));
  EXPECT_EQ(Left(R"({"rename": {"/a": "b"}, "drop": ["/b"]})", R"({"a":1,"b":2})"), R"({"b":1})");
}

// The strongest holds, whatever the order of members and operations.
TEST_F(ProjectionTest, DropGoesBeforeMaskAndMaskBeforeHash) {
  const std::string transform = R"({"drop": ["/a/x"], "mask": {"/a/*": "*", "/b": "*"},
      "hash": {"fields": ["/a/y", "/b"], "secret": "s"}, "rename": {"/a/y": "z"}})";
  EXPECT_EQ(Left(transform, R"({"a":{"x":1,"y":2},"b":3})"), R"({"a":{"z":"*"},"b":"*"})");
}

TEST_F(ProjectionTest, RequiresWhatIsStoredEvenIfItGoesNowhere) {
  const std::string transform =
      R"({"require": ["/customer/id", "/items/*/sku"], "drop": ["/customer", "/items"]})";
  EXPECT_EQ(Left(transform, R"({"customer":{"id":1},"items":[{"sku":1}]})"), "{}");
  EXPECT_EQ(Left(transform, R"({"customer":{"id":null},"items":[]})"), "{}");
  EXPECT_THAT(Left(transform, R"({"customer":{},"items":[]})"), HasSubstr("no /customer/id"));
  EXPECT_THAT(Left(transform, R"({"customer":7,"items":[]})"), HasSubstr("no /customer/id"));
  EXPECT_THAT(Left(transform, R"({"customer":{"id":1},"items":[{"sku":1},{}]})"),
              HasSubstr("no /items/*/sku"));
  EXPECT_THAT(Left(transform, R"({"customer":{"id":1}})"), HasSubstr("no /items/*/sku"));
  EXPECT_THAT(Left(R"({"require": ["/a/b"], "mask": {"/a": "*"}})", R"({"a":{}})"),
              HasSubstr("no /a/b"));
  EXPECT_THAT(
      Left(R"({"require": ["/a/b"], "hash": {"fields": ["/a"], "secret": "s"}})", R"({"a":1})"),
      HasSubstr("no /a/b"));
  EXPECT_THAT(Left(R"({"require": ["/1"]})", "[1]"), HasSubstr("no /1"));
}

// What should be hidden may stand where nobody looked.
TEST_F(ProjectionTest, RefusesAnotherFormOnTheWayToWhatIsHidden) {
  for (const char* transform :
       {R"({"mask": {"/card/number": "*"}})", R"({"drop": ["/card/number"]})",
        R"({"hash": {"fields": ["/card/number"], "secret": "s"}})"}) {
    EXPECT_THAT(Left(transform, R"({"card":"4111"})"), HasSubstr("another form")) << transform;
    EXPECT_THAT(Left(transform, R"({"card":[{"number":"4111"}]})"), HasSubstr("another form"));
    EXPECT_THAT(Left(transform, R"({"card":4111})"), Not(HasSubstr("4111")));
    EXPECT_EQ(Left(transform, R"({"card":null,"b":{}})"), R"({"card":null,"b":{}})");
    EXPECT_EQ(Left(transform, R"({"b":1})"), R"({"b":1})");
    EXPECT_EQ(Left(transform, R"({"card":{}})"), R"({"card":{}})");
  }
  EXPECT_THAT(Left(R"({"drop": ["/a/*/b"]})", R"({"a":[1]})"), HasSubstr("another form"));
  EXPECT_EQ(Left(R"({"drop": ["/card/number", "/card"]})", R"({"card":"4111"})"), "{}");
  EXPECT_EQ(Left(R"({"pick": ["/b"], "drop": ["/card/number"]})", R"({"card":"4111","b":1})"),
            R"({"b":1})");
}

TEST_F(ProjectionTest, RefusesWhatHasNoMembers) {
  for (const char* data : {"", " ", "7", "\"4111\"", "null", "true"}) {
    EXPECT_THAT(Left(R"({"drop": ["/a"]})", data), HasSubstr("neither an object nor an array"));
  }
}

// Each writing of a name is that name.
TEST_F(ProjectionTest, KnowsANameHoweverItIsWritten) {
  EXPECT_EQ(Left(R"({"drop": ["/ssn"]})", R"({"\u0073sn":1,"s\u0073n":2,"ssn":3,"sn":4})"),
            R"({"sn":4})");
  EXPECT_EQ(Left(R"({"drop": ["/😀"]})", R"({"\uD83D\uDE00":1,"b":2})"), R"({"b":2})");
  EXPECT_EQ(Left(R"({"drop": ["/a~1b", "/m~0n", "/~01", "/"]})",
                 R"({"a/b":1,"m~n":2,"~1":3,"":4,"a":5})"),
            R"({"a":5})");
  EXPECT_EQ(Left(R"({"mask": {"/q\"": "*"}})", R"({"q\"":1})"), R"({"q\"":"*"})");
  EXPECT_EQ(Left(R"({"drop": ["/A"]})", R"({"a":1})"), R"({"a":1})");
}

TEST_F(ProjectionTest, HidesEveryMemberOfAName) {
  EXPECT_EQ(Left(R"({"mask": {"/a": "*"}})", R"({"a":1,"a":2})"), R"({"a":"*","a":"*"})");
  EXPECT_EQ(Left(R"({"drop": ["/a/b"]})", R"({"a":{"b":1},"a":{"b":2,"c":3}})"),
            R"({"a":{},"a":{"c":3}})");
}

TEST_F(ProjectionTest, LeavesBytesOfWhatStaysAsTheyAre) {
  const std::string data = R"({"a":1.10,"b":-0.0,"c":1E+400,"d":123456789012345678901234567890,)"
                           R"("e":"\u00e9\/","f":[0.1e-7,[],{},"",null,true,false],"g":"é"})";
  EXPECT_EQ(Left(R"({"drop": ["/none"]})", data), data);
  EXPECT_EQ(Left(R"({"drop": ["/none"]})", " {\n\"a\" :\t[ 1 ,\r2 ] } \n"), R"({"a":[1,2]})");
}

TEST_F(ProjectionTest, RefusesWhatIsNotJsonAndNamesTheByte) {
  for (const char* data : {"{",
                           "{\"a\"",
                           "{\"a\":",
                           "{\"a\":1",
                           "{\"a\":1,",
                           "{\"a\":1,}",
                           "{,}",
                           "{a:1}",
                           "[1,]",
                           "[1 2]",
                           "{\"a\":01}",
                           "{\"a\":1.}",
                           "{\"a\":+1}",
                           "{\"a\":1e}",
                           "{\"a\":.5}",
                           "{\"a\":NaN}",
                           "{\"a\":tru}",
                           "{\"a\":\"\\x\"}",
                           "{\"a\":\"\\u12g4\"}",
                           "{\"a\":\"\n\"}",
                           "{\"a\":\"x}",
                           "{\"a\":1}}",
                           "{\"a\":1} x",
                           "[1]2",
                           "{\"a\":'b'}",
                           "{\"a\":/**/1}",
                           "\xEF\xBB\xBF{}"}) {
    const std::string why = Left(R"({"attributes": {"tenant": "eu"}})", data);
    EXPECT_TRUE(why == "transform: the data is neither an object nor an array" ||
                why.find("is not JSON at byte") != std::string::npos)
        << data << " -> " << why;
  }
  EXPECT_THAT(Left(R"({"drop": ["/none"]})", "{\"a\":\"\xff\"}"), HasSubstr("not UTF-8"));
}

TEST_F(ProjectionTest, TakesLargeAndDeepDocuments) {
  std::string large = "{\"items\":[";
  for (int i = 0; i < 100'000; ++i) {
    absl::StrAppend(&large, i == 0 ? "" : ",", R"({"sku":)", i, R"(,"secret":"s"})");
  }
  large += "]}";
  const std::string left = Left(R"({"drop": ["/items/*/secret"]})", large);
  EXPECT_EQ(left.size(), large.size() - 100'000 * sizeof(R"(,"secret":"s")") + 100'000);
  EXPECT_THAT(left, Not(HasSubstr("secret")));
  const std::string deep = std::string(250, '[') + "{\"a\":1}" + std::string(250, ']');
  EXPECT_EQ(Left(R"({"pick": ["/0"]})", deep), deep);
  const std::string abyss = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_THAT(Left(R"({"pick": ["/0"]})", abyss), HasSubstr("nests deeper than 256"));
}

// Cut or changed anywhere: refused, or a document in which what is hidden is hidden.
TEST_F(ProjectionTest, DamageNeverLetsTheHiddenThrough) {
  const std::string transform =
      R"({"drop": ["/customer/email"], "mask": {"/card": "*"}, "pick": ["/id", "/customer",
          "/card"]})";
  const std::string data =
      R"({"id":"o-1","customer":{"id":"c-7","email":"SECRET1"},"card":{"number":"SECRET2"}})";
  EXPECT_THAT(Left(transform, data), Not(HasSubstr("SECRET")));
  for (size_t size = 0; size < data.size(); ++size) {
    EXPECT_THAT(Left(transform, data.substr(0, size)), HasSubstr("transform:"));
  }
  std::mt19937_64 random(3);
  for (int i = 0; i < 4'000; ++i) {
    // A change of structure, not of a name on the way: that would be another member.
    std::string damaged = data;
    damaged[random() % damaged.size()] = "{}[],:\"\\ 0"[random() % 10];
    const std::string left = Left(transform, damaged);
    if (left.rfind("transform:", 0) == 0) continue;
    EXPECT_TRUE(json_.Canonical(left).ok()) << damaged << " -> " << left;
    EXPECT_EQ(left.find("SECRET2"), std::string::npos) << damaged << " -> " << left;
  }
}

TEST_F(ProjectionTest, IsTheSameEachTime) {
  const std::string transform =
      R"({"pick": ["/customer", "/items"], "hash": {"fields": ["/customer/id"], "secret": "s"}})";
  EXPECT_EQ(Left(transform, kOrder), Left(transform, kOrder));
}

}  // namespace
}  // namespace nexus::route
