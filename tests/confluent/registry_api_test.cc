// Every answer of the REST API, against a whole engine: statuses, codes and bodies to the letter.

#include "confluent/registry_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/engine_fixture.h"
#include "nexus/core/json_text.h"
#include "schema/schema_content.h"

namespace nexus::confluent {
namespace {

using ::testing::HasSubstr;

constexpr char kNumber[] = R"({"type":"number"})";
constexpr char kTitled[] = R"({"type":"number","title":"n"})";

class RegistryApiTest : public engine::EngineFixture {
 protected:
  void SetUp() override {
    EngineFixture::SetUp();
    api_ = std::make_unique<RegistryApi>(RegistryApiParts{*engine_, guard_, json_});
  }

  http::Response Ask(std::string method, absl::string_view target, std::string body = "",
                     std::map<std::string, std::string> headers = {}) {
    const std::pair<absl::string_view, absl::string_view> halves =
        absl::StrSplit(target, absl::MaxSplits('?', 1));
    http::Request request{std::string(halves.first), std::string(halves.second), std::move(method),
                          std::move(body), std::move(headers)};
    http::Response answer;
    answer.status = 0;
    api_->Answer(std::move(request), 0, [&](http::Response response) { answer = response; });
    executor_.RunAll();
    return answer;
  }
  std::string Get(absl::string_view target) { return Ask("GET", target).body; }
  static std::string Body(absl::string_view schema, absl::string_view more = "") {
    return absl::StrCat(R"({"schemaType":"JSON","schema":)", JsonString(schema), more, "}");
  }
  std::string Register(absl::string_view subject, absl::string_view schema) {
    return Ask("POST", absl::StrCat("/subjects/", subject, "/versions"), Body(schema)).body;
  }
  void ExpectFailure(const http::Response& response, int status, int code) {
    EXPECT_EQ(response.status, status) << response.body;
    EXPECT_THAT(response.body, HasSubstr(absl::StrCat("{\"error_code\":", code, ",")));
    EXPECT_EQ(response.content_type, "application/vnd.schemaregistry.v1+json");
  }

  const identity::TokenTable tokens_{{{"secret", {"alice", "token", true, {}, {}, {}}}}};
  const identity::Authenticator authenticator_{identity::AuthenticatorParts{tokens_}};
  const http::Guard guard_{http::GuardParts{authenticator_}};
  std::unique_ptr<RegistryApi> api_;
};

TEST_F(RegistryApiTest, RegistersAndGivesBack) {
  EXPECT_EQ(Register("a", kNumber), R"({"id":1})");
  EXPECT_EQ(Register("a", " {\"type\" : \"number\"} "), R"({"id":1})");
  EXPECT_EQ(Register("a", kTitled), R"({"id":2})");
  EXPECT_EQ(Register("b", kNumber), R"({"id":1})");
  EXPECT_EQ(Get("/subjects"), R"(["a","b"])");
  EXPECT_EQ(Get("/subjects?limit=1&offset=1"), R"(["b"])");
  EXPECT_EQ(Get("/subjects?subjectPrefix=b"), R"(["b"])");
  EXPECT_EQ(Get("/subjects?subjectPrefix=%3A*%3Aa"), R"(["a"])");
  EXPECT_EQ(Get("/subjects/a/versions"), "[1,2]");
  const std::string first =
      R"({"subject":"a","version":1,"id":1,"schemaType":"JSON","schema":"{\"type\":\"number\"}"})";
  EXPECT_EQ(Get("/subjects/a/versions/1"), first);
  EXPECT_EQ(Get("/subjects/%3A.%3Aa/versions/1"), first);
  EXPECT_EQ(Get("/contexts/./subjects/a/versions/1"), first);
  EXPECT_THAT(Get("/subjects/a/versions/latest"), HasSubstr(R"("version":2,"id":2)"));
  EXPECT_THAT(Get("/subjects/a/versions/-1"), HasSubstr(R"("version":2,"id":2)"));
  EXPECT_EQ(Get("/subjects/a/versions/2/schema"), kTitled);
  EXPECT_EQ(Get("/schemas/ids/1"), R"({"schemaType":"JSON","schema":"{\"type\":\"number\"}"})");
  EXPECT_EQ(Get("/schemas/ids/1?fetchMaxId=true"),
            R"({"schemaType":"JSON","schema":"{\"type\":\"number\"}","maxId":2})");
  EXPECT_EQ(Get("/schemas/ids/1/schema"), kNumber);
  EXPECT_EQ(Get("/schemas/ids/1/subjects"), R"(["a","b"])");
  EXPECT_EQ(Get("/schemas/ids/1/versions"),
            R"([{"subject":"a","version":1},{"subject":"b","version":1}])");
  EXPECT_THAT(Get("/schemas?latestOnly=true"), HasSubstr(R"("subject":"a","version":2)"));
  EXPECT_EQ(Get("/schemas/types"), R"(["JSON","PROTOBUF","AVRO"])");
  EXPECT_EQ(Get("/contexts"), R"(["."])");
  EXPECT_EQ(Get("/"), "{}");
}

TEST_F(RegistryApiTest, SendsWhatOnlyNewerClientsKnowToThoseAlone) {
  Register("a", kNumber);
  const http::Response full = Ask("POST", "/subjects/a/versions", Body(kNumber),
                                  {{"confluent-accept-unknown-properties", "true"}});
  const std::string guid = schema::GuidOf(registry_.Find("a", 1)->digest);
  EXPECT_EQ(full.body,
            absl::StrCat(R"({"subject":"a","version":1,"id":1,"guid":")", guid,
                         R"(","schemaType":"JSON","schema":)", JsonString(kNumber), "}"));
  EXPECT_EQ(Get("/schemas/guids/" + guid),
            R"({"schemaType":"JSON","schema":"{\"type\":\"number\"}"})");
}

TEST_F(RegistryApiTest, PassesOverWhatItDoesNotKnow) {
  EXPECT_EQ(Ask("POST", "/subjects/a/versions",
                Body(kNumber, R"(,"references":[],"metadata":null,"ruleSet":null,"new":{"x":1})"))
                .body,
            R"({"id":1})");
}

TEST_F(RegistryApiTest, GivesLongListsInParts) {
  for (int i = 0; i < 1'001; ++i) Register(absl::StrCat("s", 1'000 + i), kNumber);
  const auto count = [&](absl::string_view target) {
    return std::vector<std::string>(absl::StrSplit(Get(target), "\"subject\"")).size() - 1;
  };
  EXPECT_EQ(count("/schemas"), 1'000u);
  EXPECT_EQ(count("/schemas?limit=5000"), 1'000u);
  EXPECT_EQ(count("/schemas?offset=1000"), 1u);
  EXPECT_EQ(count("/schemas?offset=999999999999"), 0u);
  EXPECT_EQ(count("/schemas?limit=2&offset=3"), 2u);
}

TEST_F(RegistryApiTest, LooksUp) {
  Register("a", kNumber);
  EXPECT_THAT(Ask("POST", "/subjects/a", Body(kNumber)).body, HasSubstr(R"("version":1,"id":1)"));
  ExpectFailure(Ask("POST", "/subjects/a", Body(kTitled)), 404, 40403);
  ExpectFailure(Ask("POST", "/subjects/b", Body(kNumber)), 404, 40401);
}

TEST_F(RegistryApiTest, SaysWhatIsNotThere) {
  Register("a", kNumber);
  ExpectFailure(Ask("GET", "/subjects/b/versions"), 404, 40401);
  ExpectFailure(Ask("GET", "/subjects/b/versions/1"), 404, 40401);
  ExpectFailure(Ask("GET", "/subjects/a/versions/2"), 404, 40402);
  ExpectFailure(Ask("GET", "/subjects/a/versions/0"), 422, 42202);
  ExpectFailure(Ask("GET", "/subjects/a/versions/x"), 422, 42202);
  ExpectFailure(Ask("GET", "/schemas/ids/9"), 404, 40403);
  ExpectFailure(Ask("GET", "/schemas/guids/9"), 404, 40403);
  ExpectFailure(Ask("GET", "/nowhere"), 404, 404);
  ExpectFailure(Ask("PATCH", "/subjects"), 404, 404);
}

TEST_F(RegistryApiTest, RefusesWhatIsNoSchema) {
  ExpectFailure(Ask("POST", "/subjects/a/versions", Body(R"({"type":12})")), 422, 42201);
  ExpectFailure(Ask("POST", "/subjects/a/versions", "nonsense"), 422, 42201);
  ExpectFailure(Ask("POST", "/subjects/a/versions", R"({"schemaType":"XSD","schema":""})"), 422,
                42201);
  ExpectFailure(Ask("POST", "/subjects/$a/versions", Body(kNumber)), 422, 42208);
}

TEST_F(RegistryApiTest, RefusesABreakingVersionWithItsFindings) {
  Register("a", kNumber);
  const http::Response refused = Ask("POST", "/subjects/a/versions", Body(R"({"type":"string"})"));
  ExpectFailure(refused, 409, 40901);
  EXPECT_THAT(refused.body, HasSubstr("errorType:'TYPE_"));
}

TEST_F(RegistryApiTest, ChecksCompatibility) {
  constexpr char kPath[] = "/compatibility/subjects/a/versions/latest";
  EXPECT_EQ(Ask("POST", kPath, Body(kNumber)).body, R"({"is_compatible":true})");
  Register("a", kNumber);
  EXPECT_EQ(Ask("POST", kPath, Body(kTitled)).body, R"({"is_compatible":true})");
  EXPECT_EQ(Ask("POST", kPath, Body(R"({"type":"string"})")).body, R"({"is_compatible":false})");
  EXPECT_EQ(Ask("POST", absl::StrCat(kPath, "?verbose=true"), Body(kTitled)).body,
            R"({"is_compatible":true,"messages":[]})");
  EXPECT_THAT(
      Ask("POST", "/compatibility/subjects/a/versions?verbose=true", Body(R"({"type":"string"})"))
          .body,
      HasSubstr(R"({"is_compatible":false,"messages":["{errorType:'TYPE_)"));
  ExpectFailure(Ask("POST", "/compatibility/subjects/a/versions/2", Body(kNumber)), 404, 40402);
  ExpectFailure(Ask("POST", "/compatibility/subjects/b/versions/1", Body(kNumber)), 404, 40401);
  ExpectFailure(Ask("POST", "/compatibility/subjects/a/versions/x", Body(kNumber)), 422, 42202);
}

TEST_F(RegistryApiTest, DeletesInTwoSteps) {
  Register("a", kNumber);
  Register("a", kTitled);
  ExpectFailure(Ask("DELETE", "/subjects/a/versions/1?permanent=true"), 404, 40407);
  EXPECT_EQ(Ask("DELETE", "/subjects/a/versions/1").body, "1");
  ExpectFailure(Ask("DELETE", "/subjects/a/versions/1"), 404, 40406);
  EXPECT_EQ(Get("/subjects/a/versions?deleted=true"), "[1,2]");
  EXPECT_THAT(Get("/subjects/a/versions/1?deleted=true"), HasSubstr(R"("version":1)"));
  EXPECT_EQ(Ask("DELETE", "/subjects/a/versions/1?permanent=true").body, "1");
  ExpectFailure(Ask("DELETE", "/subjects/a/versions/1"), 404, 40402);
  ExpectFailure(Ask("DELETE", "/subjects/a?permanent=true"), 404, 40405);
  EXPECT_EQ(Ask("DELETE", "/subjects/a").body, "[2]");
  ExpectFailure(Ask("DELETE", "/subjects/a"), 404, 40404);
  EXPECT_EQ(Get("/subjects"), "[]");
  EXPECT_EQ(Get("/subjects?deleted=true"), R"(["a"])");
  EXPECT_EQ(Get("/schemas/ids/2/subjects"), "[]");
  EXPECT_EQ(Ask("DELETE", "/subjects/a?permanent=true").body, "[2]");
  ExpectFailure(Ask("DELETE", "/subjects/a"), 404, 40401);
  ExpectFailure(Ask("DELETE", "/subjects/b/versions/1"), 404, 40401);
}

TEST_F(RegistryApiTest, HasCompatibilityOfSubjectsAndOfAll) {
  EXPECT_EQ(Get("/config"), R"({"compatibilityLevel":"BACKWARD"})");
  ExpectFailure(Ask("GET", "/config/a"), 404, 40408);
  EXPECT_EQ(Get("/config/a?defaultToGlobal=true"), R"({"compatibilityLevel":"BACKWARD"})");
  EXPECT_EQ(Ask("PUT", "/config/a", R"({"compatibility":"FULL_TRANSITIVE"})").body,
            R"({"compatibility":"FULL_TRANSITIVE"})");
  EXPECT_EQ(Get("/config/a"), R"({"compatibilityLevel":"FULL_TRANSITIVE"})");
  EXPECT_EQ(Ask("PUT", "/config", R"({"compatibility":"NONE","compatibilityPolicy":"STRICT"})",
                {{"confluent-accept-unknown-properties", "true"}})
                .body,
            R"({"compatibility":"NONE","compatibilityPolicy":"STRICT"})");
  EXPECT_EQ(Ask("DELETE", "/config/a").body, R"({"compatibilityLevel":"FULL_TRANSITIVE"})");
  ExpectFailure(Ask("DELETE", "/config/a"), 404, 40408);
  EXPECT_EQ(Ask("DELETE", "/config").body, R"({"compatibilityLevel":"NONE"})");
  ExpectFailure(Ask("PUT", "/config", R"({"compatibility":"SIDEWAYS"})"), 422, 42203);
  ExpectFailure(Ask("PUT", "/config", "{}"), 422, 42203);
}

TEST_F(RegistryApiTest, HasModes) {
  EXPECT_EQ(Get("/mode"), R"({"mode":"READWRITE"})");
  ExpectFailure(Ask("GET", "/mode/a"), 404, 40409);
  EXPECT_EQ(Ask("PUT", "/mode/a", R"({"mode":"IMPORT"})").body, R"({"mode":"IMPORT"})");
  EXPECT_EQ(Ask("POST", "/subjects/a/versions", Body(kNumber, R"(,"version":5,"id":77)")).body,
            R"({"id":77})");
  ExpectFailure(Ask("POST", "/subjects/a/versions", Body(kTitled, R"(,"version":6,"id":77)")), 422,
                42207);
  EXPECT_EQ(Ask("PUT", "/mode/a", R"({"mode":"READONLY"})").body, R"({"mode":"READONLY"})");
  ExpectFailure(Ask("POST", "/subjects/a/versions", Body(kTitled)), 422, 42205);
  ExpectFailure(Ask("PUT", "/mode/a", R"({"mode":"IMPORT"})"), 422, 42205);
  EXPECT_EQ(Ask("PUT", "/mode/a?force=true", R"({"mode":"IMPORT"})").status, 200);
  EXPECT_EQ(Ask("DELETE", "/mode/a").body, R"({"mode":"IMPORT"})");
  ExpectFailure(Ask("DELETE", "/mode/a"), 404, 40409);
  ExpectFailure(Ask("PUT", "/mode/a", R"({"mode":"FORWARD"})"), 422, 42204);
}

TEST_F(RegistryApiTest, FindsTheLatestWithAProperty) {
  Ask("POST", "/subjects/a/versions", Body(kNumber, R"(,"metadata":{"properties":{"app":"1"}})"));
  Register("a", kTitled);
  EXPECT_THAT(Get("/subjects/a/metadata?key=app&value=1"), HasSubstr(R"("version":1)"));
  EXPECT_THAT(Get("/subjects/a/metadata"), HasSubstr(R"("version":2)"));
  ExpectFailure(Ask("GET", "/subjects/a/metadata?key=app&value=2"), 404, 40403);
}

TEST_F(RegistryApiTest, KnowsWhoCalls) {
  const auto as = [&](const std::string& authorization) {
    return Ask("POST", "/subjects/a/versions", Body(kNumber), {{"authorization", authorization}});
  };
  ExpectFailure(as("Bearer wrong"), 401, 40101);
  ExpectFailure(as(absl::StrCat("Basic ", absl::Base64Escape("alice:wrong"))), 401, 40101);
  EXPECT_EQ(as(absl::StrCat("Basic ", absl::Base64Escape("alice:secret"))).body, R"({"id":1})");
  EXPECT_EQ(registry_.Find("a", 1)->registered_by, "alice");
}

}  // namespace
}  // namespace nexus::confluent
