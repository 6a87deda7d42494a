#include "policy/remote/bundle_poll.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "fake/eventually.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/asking.h"
#include "policy/bundle_server.h"
#include "policy/compiled_policies.h"
#include "policy/embedded.h"
#include "policy/real_opa.h"
#include "policy/remote/kept_bundle.h"
#include "policy/temporary_folder.h"

namespace nexus::policy {
namespace {

using testing::HasSubstr;
using testing::Not;

class BundlePollTest : public testing::Test {
 protected:
  void SetUp() override {
    RequireOpa();
    if (IsSkipped()) return;
    one_ = *CompileArchive(DenyIf("input.n == 1"));
    two_ = *CompileArchive(DenyIf("input.n == 2"));
    ASSERT_TRUE(embedded_.Start(std::nullopt).ok());
  }
  void TearDown() override { poll_.reset(); }

  BundlePollOptions Options(const BundleServer& server) {
    BundlePollOptions options;
    options.url = server.url();
    options.kept_path = kept_path_;
    options.interval = absl::ZeroDuration();
    options.on_event = [this](absl::string_view event) {
      absl::MutexLock lock(&mutex_);
      events_.emplace_back(event);
    };
    return options;
  }
  void Start(const BundlePollOptions& options) {
    poll_ = std::make_unique<BundlePoll>(options, embedded_.decider(), embedded_.metrics());
  }
  // "allowed", "denied" or why it was not decided.
  std::string Outcome(int n) {
    const auto answer = Ask(embedded_.decider(), "{\"n\":" + std::to_string(n) + "}");
    if (!answer.ok()) return FailureOf(answer.status());
    return answer->allow ? "allowed" : "denied";
  }
  double Fetches(const std::string& result) {
    return embedded_.metrics().Value("nexus_policy_bundle_fetches_total{result=" + result + "}");
  }
  std::string LastEvent() {
    absl::MutexLock lock(&mutex_);
    return events_.empty() ? "" : events_.back();
  }
  size_t Events() {
    absl::MutexLock lock(&mutex_);
    return events_.size();
  }

  TemporaryFolder folder_;
  const std::string kept_path_ = folder_.Sub("policy/bundle.tar.gz");
  std::string one_, two_;
  absl::Mutex mutex_;
  std::vector<std::string> events_ ABSL_GUARDED_BY(mutex_);
  Embedded embedded_;
  std::unique_ptr<BundlePoll> poll_;
};

TEST_F(BundlePollTest, DecidesByWhatTheServerHas) {
  BundleServer server;
  server.Serve(one_);
  Start(Options(server));
  EXPECT_EQ(Outcome(1), "denied");
  EXPECT_EQ(Outcome(2), "allowed");
  server.Serve(two_);
  EXPECT_TRUE(poll_->Poll());
  EXPECT_EQ(Outcome(1), "allowed");
  EXPECT_EQ(Outcome(2), "denied");
  EXPECT_EQ(embedded_.decider().State().revision, ParseWasmBundle(two_)->revision);
}

TEST_F(BundlePollTest, SendsTheEtagAndTakesNotModifiedForAnAnswer) {
  BundleServer server;
  server.Serve(one_);
  Start(Options(server));
  EXPECT_THAT(server.last_request(), Not(HasSubstr("If-None-Match")));
  EXPECT_FALSE(poll_->Poll());
  EXPECT_THAT(server.last_request(), HasSubstr("If-None-Match"));
  EXPECT_EQ(Fetches("new"), 1);
  EXPECT_EQ(Fetches("unchanged"), 1);
  EXPECT_EQ(Fetches("failed"), 0);
}

TEST_F(BundlePollTest, KeepsThePoliciesWhileTheServerFailsAndSaysSoOnce) {
  BundleServer server;
  server.Serve(one_);
  Start(Options(server));
  server.Answer(503);
  const size_t before = Events();
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(poll_->Poll());
  EXPECT_EQ(Outcome(1), "denied");
  EXPECT_EQ(Events(), before + 1);
  EXPECT_EQ(Fetches("failed"), 3);
  EXPECT_TRUE(embedded_.decider().State().ready);
  EXPECT_THAT(embedded_.decider().State().reason, HasSubstr("503"));
  server.Answer(0);
  EXPECT_FALSE(poll_->Poll());
  EXPECT_EQ(embedded_.decider().State().reason, "");
  EXPECT_THAT(LastEvent(), HasSubstr("answers again"));
}

TEST_F(BundlePollTest, RefusesABundleThatCannotBeUsedAndAsksForItNoMore) {
  BundleServer server;
  server.Serve(one_);
  Start(Options(server));
  server.Serve("not a bundle");
  EXPECT_FALSE(poll_->Poll());
  EXPECT_EQ(Outcome(1), "denied");
  EXPECT_THAT(embedded_.decider().State().reason, Not(HasSubstr("304")));
  EXPECT_EQ(embedded_.metrics().Value("nexus_policy_reloads_total{result=refused}"), 1);
  EXPECT_FALSE(poll_->Poll());
  EXPECT_EQ(Fetches("unchanged"), 1);
  EXPECT_EQ(*ReadKeptBundle(kept_path_), one_);
}

TEST_F(BundlePollTest, WarnsOfARefusedBundleUntilTheServerHasAnother) {
  BundleServer server;
  server.Serve(one_);
  Start(Options(server));
  server.Serve("not a bundle");
  EXPECT_FALSE(poll_->Poll());
  const std::string refused = embedded_.decider().State().reason;
  ASSERT_NE(refused, "");
  EXPECT_FALSE(poll_->Poll());
  EXPECT_EQ(embedded_.decider().State().reason, refused);
  EXPECT_EQ(Fetches("unchanged"), 1);
  EXPECT_EQ(Fetches("failed"), 1);
  server.Serve(one_);
  EXPECT_FALSE(poll_->Poll());
  EXPECT_EQ(embedded_.decider().State().reason, "");
}

TEST_F(BundlePollTest, AdmitsNothingWithoutAServerAndWithoutAnythingFromBefore) {
  BundlePollOptions options;
  {
    const BundleServer gone;
    options = Options(gone);
  }
  Start(options);
  EXPECT_EQ(Outcome(2), "no_policies");
  EXPECT_FALSE(embedded_.decider().State().ready);
  EXPECT_THAT(LastEvent(), HasSubstr("nothing is admitted"));
}

TEST_F(BundlePollTest, DecidesByWhatWasKeptWhenTheServerIsGone) {
  BundlePollOptions options;
  {
    BundleServer server;
    server.Serve(one_);
    options = Options(server);
    Start(options);
    poll_.reset();
  }
  ASSERT_TRUE(embedded_.Start(std::nullopt).ok());
  Start(options);
  EXPECT_EQ(Outcome(1), "denied");
  EXPECT_TRUE(embedded_.decider().State().ready);
  EXPECT_EQ(embedded_.decider().State().revision, ParseWasmBundle(one_)->revision);
}

TEST_F(BundlePollTest, DecidesByWhatWasKeptWhenTheServerHasABadBundle) {
  ASSERT_TRUE(KeepBundle(kept_path_, one_).ok());
  BundleServer server;
  server.Serve("not a bundle");
  Start(Options(server));
  EXPECT_EQ(Outcome(1), "denied");
}

TEST_F(BundlePollTest, ShowsTheTokenOfTheFile) {
  BundleServer server;
  server.Serve(one_);
  server.Demand("secret");
  BundlePollOptions options = Options(server);
  options.token_file = folder_.Sub("token");
  folder_.Write("token", "wrong\n");
  Start(options);
  EXPECT_EQ(Outcome(1), "no_policies");
  folder_.Write("token", "secret\n");
  EXPECT_TRUE(poll_->Poll());
  folder_.Write("token", "se\ncret");
  EXPECT_FALSE(poll_->Poll());
  EXPECT_THAT(embedded_.decider().State().reason, HasSubstr("holds no token"));
}

TEST_F(BundlePollTest, TrustsTheServerOfTheCertificateAndNoOther) {
  BundleServer server(folder_.Sub("ca.pem"));
  server.Serve(one_);
  BundlePollOptions options = Options(server);
  Start(options);
  EXPECT_EQ(Outcome(1), "no_policies");
  options.ca_file = folder_.Sub("ca.pem");
  Start(options);
  EXPECT_EQ(Outcome(1), "denied");
}

TEST_F(BundlePollTest, AsksByItselfAndStopsAtOnce) {
  BundleServer server;
  server.Serve(one_);
  BundlePollOptions options = Options(server);
  options.interval = absl::Milliseconds(5);
  Start(options);
  server.Serve(two_);
  EXPECT_TRUE(fake::Eventually([this] { return Outcome(2) == "denied"; }));
}

TEST_F(BundlePollTest, LetsTheServerHoldItsAnswerBack) {
  BundleServer server;
  server.Serve(one_);
  BundlePollOptions options = Options(server);
  options.interval = absl::Milliseconds(5);
  options.wait = absl::Seconds(60);
  Start(options);
  ASSERT_TRUE(fake::Eventually([&] { return server.requests() == 2; }));
  EXPECT_THAT(server.last_request(), HasSubstr("Prefer: modes=snapshot;wait=60"));
  server.Serve(two_);
  EXPECT_TRUE(fake::Eventually([this] { return Outcome(2) == "denied"; }));
  EXPECT_LE(server.requests(), 3);
  poll_.reset();  // does not wait for the answer that is held back
}

TEST(KeptBundle, ReplacesTheFileAndLeavesNothingBeside) {
  const TemporaryFolder folder;
  const std::string path = folder.Sub("a/b/bundle");
  EXPECT_TRUE(absl::IsNotFound(ReadKeptBundle(path).status()));
  ASSERT_TRUE(KeepBundle(path, "one").ok());
  ASSERT_TRUE(KeepBundle(path, "two").ok());
  EXPECT_EQ(*ReadKeptBundle(path), "two");
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
  EXPECT_FALSE(KeepBundle(path + "/below", "x").ok());
}

}  // namespace
}  // namespace nexus::policy
