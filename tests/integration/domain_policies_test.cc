// The policies of a domain decide beside the server's, against the real daemon.

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "integration/domain_folder_fixture.h"

namespace nexus::integration {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class DomainPoliciesTest : public DomainFolderFixture {
 protected:
  void SetUp() override {
    if (!HasOpa()) return;
    WriteRule("execute", "small_only", "input.command.metadata.size == \"large\"");
    WriteRule("append", "nothing_is_lost", "some event in input.events\n\tevent.type == \"Lost\"");
    Start();
    ASSERT_EQ(Apply(), 0) << output_;
  }

  // The rules that a refusal names; none of what passed.
  static std::vector<std::string> RulesAgainst(const grpc::Status& status) {
    std::vector<std::string> rules;
    if (!status.ok()) {
      EXPECT_EQ(ReasonOf(status), "POLICY_DENIED") << status.error_message();
    }
    const auto failure = DetailOf<google::rpc::PreconditionFailure>(status);
    for (const auto& violation : failure.violations()) {
      rules.push_back(violation.subject());
    }
    return rules;
  }
  std::vector<std::string> RulesAgainstStocking(const std::string& item, const std::string& size) {
    return RulesAgainst(Stock(item, size));
  }
  std::vector<std::string> RulesAgainstLosing(const std::string& stream) {
    return RulesAgainst(Append(OneEvent(stream, "Lost", R"({"item":"x"})")));
  }
  std::string LastRevisionOf(const std::string& stream) {
    const std::vector<v1::Event> events = ReadStream(stream);
    return events.empty() ? "no event" : events.back().admission().policy_revision();
  }
};

TEST_F(DomainPoliciesTest, RefuseCommandsAndAppendsByTheirFullName) {
  EXPECT_THAT(RulesAgainstStocking("nut", "large"), ElementsAre("store/limits/small_only"));
  EXPECT_THAT(RulesAgainstLosing("item-nut"), ElementsAre("store/limits/nothing_is_lost"));
  EXPECT_THAT(ReadStream("item-nut"), IsEmpty());
  EXPECT_EQ(Nexusctl(R"(execute Stock --data '{"item":"nut"}' --meta size=large -o table)"), 5);
  EXPECT_THAT(output_, HasSubstr("  store/limits/small_only: not here"));
}

TEST_F(DomainPoliciesTest, StampWhatTheyLetPassWithTheirVersion) {
  EXPECT_THAT(RulesAgainstStocking("nut", "small"), IsEmpty());
  EXPECT_THAT(LastRevisionOf("item-nut"), EndsWith("+store@1"));
  EXPECT_EQ(LastRevisionOf("item-nut").size(), 64 + std::string("+store@1").size());
}

TEST_F(DomainPoliciesTest, SayNothingOfOtherStreams) {
  EXPECT_THAT(RulesAgainstLosing("shelf-1"), IsEmpty());
  EXPECT_THAT(LastRevisionOf("shelf-1"), Not(HasSubstr("store")));
  // A commit over several streams is asked about by each of them.
  v1::AppendRequest both = OneEvent("shelf-1", "Lost", R"({"item":"x"})");
  *both.add_streams() = OneEvent("item-nut", "Lost", R"({"item":"x"})").streams(0);
  EXPECT_THAT(RulesAgainst(Append(both)), ElementsAre("store/limits/nothing_is_lost"));
  EXPECT_THAT(ReadStream("shelf-1"), SizeIs(1));
}

TEST_F(DomainPoliciesTest, CannotAllowWhatTheServerRefuses) {
  v1::AppendRequest critical = OneEvent("item-nut", "Stocked", R"({"item":"nut"})");
  critical.mutable_streams(0)->mutable_events(0)->mutable_routing()->set_criticality(
      v1::CRITICALITY_HIGH);
  EXPECT_THAT(RulesAgainst(Append(critical)), ElementsAre("critical_event_needs_owner"));
}

TEST_F(DomainPoliciesTest, DecideAnewAsSoonAsTheyAreChangedAndNoMoreOnceTheyAreGone) {
  WriteRule("execute", "large_only", "input.command.metadata.size == \"small\"");
  ASSERT_EQ(Apply(), 0) << output_;
  EXPECT_THAT(RulesAgainstStocking("nut", "small"), ElementsAre("store/limits/large_only"));
  EXPECT_THAT(RulesAgainstStocking("nut", "large"), IsEmpty());
  EXPECT_THAT(LastRevisionOf("item-nut"), EndsWith("+store@2"));

  Remove("Policy-limits.yaml");
  ASSERT_EQ(Apply(), 0) << output_;
  EXPECT_THAT(RulesAgainstStocking("nut", "small"), IsEmpty());
  EXPECT_THAT(RulesAgainstLosing("item-nut"), IsEmpty());
  EXPECT_THAT(LastRevisionOf("item-nut"), Not(HasSubstr("store")));

  ASSERT_EQ(Nexusctl("domain rollback store --to 1"), 0) << output_;
  EXPECT_THAT(RulesAgainstStocking("nut", "large"), ElementsAre("store/limits/small_only"));
  EXPECT_THAT(RulesAgainstStocking("nut", "small"), IsEmpty());
  EXPECT_THAT(LastRevisionOf("item-nut"), EndsWith("+store@4"));
}

TEST_F(DomainPoliciesTest, DecideAfterARestart) {
  Restart();
  EXPECT_THAT(RulesAgainstStocking("nut", "large"), ElementsAre("store/limits/small_only"));
  EXPECT_THAT(RulesAgainstLosing("item-nut"), ElementsAre("store/limits/nothing_is_lost"));
  EXPECT_THAT(RulesAgainstStocking("nut", "small"), IsEmpty());
  EXPECT_THAT(LastRevisionOf("item-nut"), EndsWith("+store@1"));
}

TEST_F(DomainPoliciesTest, AreNotTakenIfTheyDecideMoreThanTheyMay) {
  WriteRule("register_schema", "none", "true");
  EXPECT_NE(Apply(), 0);
  EXPECT_THAT(output_, HasSubstr("register_schema"));
  EXPECT_THAT(ReadStream("$domains"), SizeIs(1));
}

}  // namespace
}  // namespace nexus::integration
