#include "identity/tokens/api_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>
#include <string>

#include "fake/counted_secrets.h"
#include "fake/temp_folder.h"
#include "identity/tokens/token_file.h"
#include "identity/tokens/token_record.h"
#include "nexus/core/errors.h"
#include "nexus/core/system_secrets.h"

namespace nexus::identity {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

std::string CauseOf(const absl::Status& status) {
  for (const auto& [key, value] : DetailsOf(status).metadata) {
    if (key == "cause") return value;
  }
  return "";
}

TEST(ApiTokenTest, HasAPublicIdAndASecret) {
  SystemSecrets secrets;
  const MintedToken token = MintToken(secrets);
  EXPECT_THAT(token.text, MatchesRegex("nxt_[0-9a-f]+_[0-9a-f]+"));
  EXPECT_EQ(token.text.size(), 4u + 16 + 1 + 64);
  EXPECT_EQ(*ApiTokenId(token.text), token.id);
  EXPECT_EQ(token.digest, Sha256(token.text));
}

TEST(ApiTokenTest, IsNewEachTime) {
  SystemSecrets secrets;
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) seen.insert(MintToken(secrets).text);
  EXPECT_EQ(seen.size(), 1'000u);
}

TEST(ApiTokenTest, RefusesWhatIsNotAWholeTokenAndNeverRepeatsIt) {
  fake::CountedSecrets secrets;
  const std::string good = MintToken(secrets).text;
  for (const std::string& bad :
       {std::string(), std::string("nxt_"), good.substr(0, good.size() - 1), good + "0",
        "NXT_" + good.substr(4), good.substr(0, 20) + "-" + good.substr(21),
        good.substr(0, 5) + "G" + good.substr(6), std::string("nxt_") + std::string(81, '0'),
        std::string(1 << 20, 'a')}) {
    const auto id = ApiTokenId(bad);
    ASSERT_FALSE(id.ok()) << bad.substr(0, 100);
    EXPECT_EQ(CauseOf(id.status()), "MALFORMED");
    if (bad.size() > 20) {
      EXPECT_THAT(std::string(id.status().message()), Not(HasSubstr(bad.substr(10, 10))));
    }
  }
}

TEST(ApiTokenTest, ReadsItsDigestBack) {
  fake::CountedSecrets secrets;
  const MintedToken token = MintToken(secrets);
  EXPECT_EQ(*ParseDigest(DigestText(token.digest)), token.digest);
  EXPECT_FALSE(ParseDigest("abc").ok());
  EXPECT_FALSE(ParseDigest(std::string(64, 'X')).ok());
}

RC_GTEST_PROP(ApiTokenTest, AnyOtherTextIsAnotherToken, ()) {
  fake::CountedSecrets secrets;
  const MintedToken token = MintToken(secrets);
  TokenRecord record;
  record.id = token.id;
  record.digest = token.digest;
  RC_ASSERT(CheckToken(&record, token.text, {}).ok());
  std::string other = token.text;
  const auto at = *rc::gen::inRange<size_t>(0, other.size());
  const auto with = *rc::gen::arbitrary<char>();
  RC_PRE(other[at] != with);
  other[at] = with;
  RC_ASSERT(ReasonOf(CheckToken(&record, other, {})) == ErrorReason::kUnauthenticated);
}

TEST(TokenRecordTest, IsUsableUntilItExpiresOrIsRevoked) {
  fake::CountedSecrets secrets;
  const MintedToken token = MintToken(secrets);
  TokenRecord record;
  record.id = token.id;
  record.digest = token.digest;
  record.expires = Timestamp{100};
  EXPECT_TRUE(CheckToken(&record, token.text, Timestamp{99}).ok());
  EXPECT_EQ(CauseOf(CheckToken(&record, token.text, Timestamp{100})), "EXPIRED");
  record.revoked = true;
  EXPECT_EQ(CauseOf(CheckToken(&record, token.text, Timestamp{0})), "REVOKED");
}

TEST(TokenRecordTest, TellsAnUnknownIdAndAWrongSecretTheSame) {
  fake::CountedSecrets secrets;
  const MintedToken token = MintToken(secrets);
  TokenRecord record;
  record.digest = token.digest;
  record.revoked = true;
  const absl::Status wrong = CheckToken(&record, MintToken(secrets).text, {});
  EXPECT_EQ(CauseOf(wrong), "UNKNOWN") << "a wrong secret learns nothing about the token";
  EXPECT_EQ(wrong, CheckToken(nullptr, token.text, {}));
}

TEST(TokenFileTest, IsReadableByItsOwnerAlone) {
  const fake::TempFolder folder;
  const std::string path = folder.At("admin.token");
  ASSERT_TRUE(WriteTokenFile(path, "nxt_1_2").ok());
  EXPECT_EQ(folder.Read("admin.token"), "nxt_1_2\n");
  struct stat info;
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(TokenFileTest, ReplacesAFileThatOthersCouldReadAndDoesNotFollowALink) {
  const fake::TempFolder folder;
  const std::string elsewhere = folder.Write("elsewhere", "untouched");
  ASSERT_EQ(symlink(elsewhere.c_str(), folder.At("admin.token").c_str()), 0);
  ASSERT_TRUE(WriteTokenFile(folder.At("admin.token"), "nxt_1_2").ok());
  EXPECT_EQ(folder.Read("elsewhere"), "untouched");
  EXPECT_EQ(folder.Read("admin.token"), "nxt_1_2\n");
}

TEST(TokenFileTest, NamesThePathThatItCannotWrite) {
  const absl::Status failed = WriteTokenFile("/nowhere/at/all", "nxt_secret");
  EXPECT_THAT(std::string(failed.message()), HasSubstr("/nowhere/at/all"));
  EXPECT_THAT(std::string(failed.message()), Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace nexus::identity
