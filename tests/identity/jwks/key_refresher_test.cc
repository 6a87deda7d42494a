#include "identity/jwks/key_refresher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fake/manual_clock.h"
#include "fake/manual_executor.h"
#include "fake/recording_metrics.h"
#include "fake/sequential_ids.h"
#include "fake/temp_folder.h"
#include "http/http_server.h"
#include "identity/jwks/key_places.h"
#include "identity/jwt/token_maker.h"
#include "nexus/core/errors.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::identity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class KeyRefresherTest : public ::testing::Test {
 protected:
  KeyRefresherTest() {
    KeyRefresherOptions options;
    options.name = "idp";
    options.on_notice = [this](absl::string_view notice) { notices_.emplace_back(notice); };
    refresher_ = std::make_unique<KeyRefresher>(
        [this] {
          ++fetched_;
          return answer_;
        },
        json_, executor_, clock_, ids_, std::move(options));
  }
  void Advance(absl::Duration by) {
    clock_.Advance(by);
    executor_.Advance(by);
  }
  bool Has(const char* key_id) {
    const JwkSetPtr keys = refresher_->Keys();
    return keys != nullptr && keys->Find(key_id) != nullptr;
  }
  // Fresh keys of these ids.
  static std::string SetOf(const std::vector<std::string>& ids) {
    std::string keys;
    for (const std::string& id : ids) {
      absl::StrAppend(&keys, keys.empty() ? "" : ",", fake::TokenMaker("ES256", id).Jwk());
    }
    return absl::StrCat("{\"keys\":[", keys, "]}");
  }

  schema::SimdJsonReader json_{16};
  fake::ManualExecutor executor_;
  fake::ManualClock clock_;
  fake::SequentialIds ids_;
  int fetched_ = 0;
  absl::StatusOr<std::string> answer_ = SetOf({"a"});
  std::vector<std::string> notices_;
  std::unique_ptr<KeyRefresher> refresher_;
};

TEST_F(KeyRefresherTest, ReadsAtOnceAndThenNowAndAgain) {
  EXPECT_EQ(refresher_->Keys(), nullptr);
  ASSERT_TRUE(refresher_->Start().ok());
  EXPECT_TRUE(Has("a"));
  answer_ = SetOf({"b"});
  Advance(absl::Minutes(10));
  EXPECT_EQ(fetched_, 2);
  EXPECT_TRUE(Has("b"));
  EXPECT_FALSE(Has("a")) << "withdrawn";
  EXPECT_THAT(notices_, ElementsAre("keys of idp: 1", "keys of idp: 1"));
}

TEST_F(KeyRefresherTest, KeepsTheSameObjectForTheSameKeys) {
  ASSERT_TRUE(refresher_->Start().ok());
  const JwkSetPtr before = refresher_->Keys();
  Advance(absl::Minutes(10));
  EXPECT_EQ(fetched_, 2);
  EXPECT_EQ(refresher_->Keys(), before);
}

TEST_F(KeyRefresherTest, KeepsGoodKeysWhileReadingFailsAndAsksLessAndLess) {
  ASSERT_TRUE(refresher_->Start().ok());
  answer_ = MakeError(ErrorReason::kNotReady, "connection refused");
  while (fetched_ < 2) Advance(absl::Seconds(1));
  EXPECT_TRUE(Has("a"));
  Advance(absl::Seconds(60));
  EXPECT_GE(fetched_, 2 + 5) << "after 1, 2, 4, 8 and 16 seconds, less a little";
  EXPECT_LE(fetched_, 2 + 6) << "and perhaps after 32";
  Advance(absl::Hours(2));
  EXPECT_LE(fetched_, 2 + 6 + 32) << "every five minutes in the end";
  EXPECT_GE(fetched_, 2 + 6 + 22);
  answer_ = "not a key set at all";
  Advance(absl::Minutes(5));
  EXPECT_TRUE(Has("a"));
  EXPECT_THAT(notices_, ElementsAre("keys of idp: 1", HasSubstr("connection refused")))
      << "one notice for a row of failures";
  answer_ = SetOf({"b"});
  Advance(absl::Minutes(5));
  EXPECT_TRUE(Has("b"));
}

TEST_F(KeyRefresherTest, GoesOnAfterAFailedStart) {
  answer_ = MakeError(ErrorReason::kNotReady, "not yet");
  EXPECT_FALSE(refresher_->Start().ok());
  EXPECT_EQ(refresher_->Keys(), nullptr);
  answer_ = SetOf({"a"});
  Advance(absl::Seconds(1));
  EXPECT_TRUE(Has("a"));
}

TEST_F(KeyRefresherTest, ReadsForAMissedKeyButNotForEach) {
  ASSERT_TRUE(refresher_->Start().ok());
  answer_ = SetOf({"a", "b"});
  EXPECT_TRUE(refresher_->Missed());
  Advance(absl::ZeroDuration());
  EXPECT_EQ(fetched_, 2);
  EXPECT_TRUE(Has("b"));
  for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(refresher_->Missed());
  Advance(absl::Seconds(29));
  EXPECT_FALSE(refresher_->Missed());
  EXPECT_EQ(fetched_, 2);
  Advance(absl::Seconds(1));
  EXPECT_TRUE(refresher_->Missed());
  Advance(absl::ZeroDuration());
  EXPECT_EQ(fetched_, 3);
  Advance(absl::Minutes(10));
  EXPECT_EQ(fetched_, 4) << "one row of readings, however it was disturbed";
}

TEST_F(KeyRefresherTest, StopsWhenItIsTold) {
  ASSERT_TRUE(refresher_->Start().ok());
  refresher_->Stop();
  EXPECT_FALSE(refresher_->Missed());
  Advance(absl::Hours(24));
  EXPECT_EQ(fetched_, 1);
}

TEST(KeyPlacesTest, ReadsAFile) {
  const fake::TempFolder folder;
  auto fetch = KeysFromFile(folder.Write("keys.json", "{}"));
  EXPECT_EQ(*fetch(), "{}");
  folder.Write("keys.json", "{\"keys\":[]}");
  EXPECT_EQ(*fetch(), "{\"keys\":[]}");
  EXPECT_FALSE(KeysFromFile(folder.At("none"))().ok());
  EXPECT_FALSE(KeysFromFile(folder.path())().ok());
  folder.Write("keys.json", std::string(kJwkSetBytesMax + 1, ' '));
  EXPECT_FALSE(fetch().ok());
  EXPECT_FALSE(KeysFromFile("/dev/zero")().ok()) << "never ends";
}

TEST(KeyPlacesTest, FetchesByHttpWithinLimits) {
  fake::RecordingMetrics metrics;
  std::vector<http::Route> routes;
  const auto add = [&](const char* path, int status, std::string body) {
    routes.push_back({path, [status, body](const http::Request&) {
                        http::Response response;
                        response.status = status;
                        response.body = body;
                        return response;
                      }});
  };
  add("/keys", 200, "{\"keys\":[]}");
  add("/huge", 200, std::string(kJwkSetBytesMax + 1, ' '));
  add("/missing", 404, "gone");
  add("/moved", 302, "elsewhere");
  http::HttpServerOptions edge;
  edge.address = "127.0.0.1:0";
  const auto server = http::HttpServer::Start(edge, std::move(routes), {}, metrics);
  ASSERT_TRUE(server.ok()) << server.status();
  const auto get = [&](const char* path) {
    return KeysFromUrl({.url = absl::StrCat("http://", (*server)->address(), path)})();
  };
  const auto keys = get("/keys");
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_EQ(*keys, "{\"keys\":[]}");
  EXPECT_THAT(get("/huge").status().message(), HasSubstr("too large"));
  EXPECT_THAT(get("/missing").status().message(), HasSubstr("404"));
  EXPECT_THAT(get("/moved").status().message(), HasSubstr("302"));
  const std::string address = (*server)->address();
  (*server)->Stop();
  EXPECT_FALSE(KeysFromUrl({.url = absl::StrCat("http://", address, "/keys")})().ok());
}

}  // namespace
}  // namespace nexus::identity
