#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "fetch/http_get.h"
#include "nexus/core/errors.h"

namespace nexus::fetch {
namespace {

using ::testing::HasSubstr;

TEST(TrustworthyUrl, IsOfAServerThatNobodyCanStandBeforeOrImpersonate) {
  for (const char* good : {"https://id.example.com/keys", "https://id.example.com:8443/a?b",
                           "https://bundles.example/nexus.tar.gz", "http://127.0.0.1:8080/keys",
                           "http://localhost/keys", "http://[::1]:1/b"}) {
    EXPECT_TRUE(CheckTrustworthyUrl("keys", good).ok()) << good;
  }
}

TEST(TrustworthyUrl, IsNoOther) {
  for (const char* bad :
       {"", "keys.json", "http://id.example.com/keys", "http://127.0.0.1.evil.example/keys",
        "http://localhost.evil.example/", "http://localhost@evil.example/",
        "http://localhost:80@evil.example/", "http://localhost:8a/", "https://", "https:///x",
        "file:///etc/passwd", "gopher://127.0.0.1/", "https://a\nb/", "HTTP://evil.example/"}) {
    const absl::Status refused = CheckTrustworthyUrl("policies", bad);
    EXPECT_EQ(ReasonOf(refused), ErrorReason::kConfigurationInvalid) << bad;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("policies are fetched by https")) << bad;
  }
}

}  // namespace
}  // namespace nexus::fetch
