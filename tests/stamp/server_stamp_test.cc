#include "stamp/server_stamp.h"

#include "gtest/gtest.h"
#include "stamp/commit_digest.h"

namespace nexus::stamp {
namespace {

Commit OneEvent() {
  Commit commit;
  commit.id.bytes[0] = 7;
  commit.streams.push_back({StreamName::Literal("$notes"), {}});
  commit.events.push_back({0, Event()});
  return commit;
}

TEST(ServerStampTest, FillsInWhatIsEmpty) {
  Commit commit = OneEvent();
  commit.stamp.principal = "$router";
  CompleteStamp(commit);
  EXPECT_EQ(commit.stamp.principal, "$router");
  EXPECT_EQ(commit.stamp.method, "server");
  EXPECT_EQ(commit.stamp.decision_id, commit.id.ToString());
  EXPECT_EQ(commit.stamp.policy_revision, "server");
  EXPECT_EQ(commit.events[0].event.correlation_id, commit.id.ToString());
  EXPECT_EQ(commit.stamp.request_digest, DigestOfCommit(commit));
}

TEST(ServerStampTest, LeavesWhatADecisionSaid) {
  Commit commit = OneEvent();
  commit.stamp = {"alice", "d-1", "r-1", 3, "jwt"};
  commit.events[0].event.correlation_id = "c-1";
  CompleteStamp(commit);
  EXPECT_EQ(commit.stamp.method, "jwt");
  EXPECT_EQ(commit.stamp.decision_id, "d-1");
  EXPECT_EQ(commit.stamp.policy_revision, "r-1");
  EXPECT_EQ(commit.events[0].event.correlation_id, "c-1");
}

}  // namespace
}  // namespace nexus::stamp
