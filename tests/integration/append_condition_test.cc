// What a client sees of append conditions and event ids, through the real daemon.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "integration/daemon_fixture.h"

namespace nexus::integration {
namespace {

using ::testing::HasSubstr;

class AppendConditionTest : public DaemonFixture {
 protected:
  void SetUp() override {
    StartDaemon();
    RegisterOrders();
  }

  static v1::AppendRequest Booking(const std::string& stream, const std::string& seat) {
    v1::AppendRequest request = OneEvent(stream, "order.placed", R"({"total": 5})");
    request.mutable_streams(0)->mutable_events(0)->add_tags(seat);
    return request;
  }
  static void FailIfTagged(v1::AppendRequest& request, const std::string& tag, uint64_t after) {
    v1::AppendCondition& condition = *request.add_conditions();
    condition.mutable_fail_if_match()->add_items()->add_tags(tag);
    condition.set_after(after);
  }
};

TEST_F(AppendConditionTest, NamesEveryFailureWithWhatWasFound) {
  v1::AppendResponse first;
  ASSERT_TRUE(Append(Booking("order-1", "seat:1"), &first).ok());
  v1::AppendRequest request = Booking("order-2", "seat:1");
  request.mutable_streams(0)->mutable_expected_revision()->set_exact(3);
  FailIfTagged(request, "seat:2", 0);
  FailIfTagged(request, "seat:1", 0);
  grpc::Status status = Append(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(status), "REVISION_CONFLICT");
  auto failure = DetailOf<google::rpc::PreconditionFailure>(status);
  ASSERT_EQ(failure.violations_size(), 2);
  EXPECT_EQ(failure.violations(0).type(), "EXPECTED_REVISION");
  EXPECT_EQ(failure.violations(1).type(), "APPEND_CONDITION");
  EXPECT_EQ(failure.violations(1).subject(), "conditions[1]");
  EXPECT_EQ(failure.violations(1).description(), absl::StrCat("position=", first.first_position()));

  request.mutable_streams(0)->mutable_expected_revision()->mutable_any();
  status = Append(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(status), "APPEND_CONDITION_FAILED");
  request.mutable_conditions(1)->set_after(first.last_position());
  EXPECT_TRUE(Append(request).ok());
}

TEST_F(AppendConditionTest, FindsWhatWasStoredBeforeARestart) {
  v1::AppendResponse first;
  ASSERT_TRUE(Append(Booking("order-1", "seat:1"), &first).ok());
  ASSERT_TRUE(daemon_->Terminate()->Succeeded());
  StartDaemon();
  v1::AppendRequest request = Booking("order-2", "seat:1");
  FailIfTagged(request, "seat:1", 0);
  EXPECT_EQ(ReasonOf(Append(request)), "APPEND_CONDITION_FAILED");
  request = Booking("order-2", "seat:3");
  FailIfTagged(request, "seat:3", 0);
  EXPECT_TRUE(Append(request).ok());
}

TEST_F(AppendConditionTest, RefusesWhatCannotBeAnswered) {
  v1::AppendRequest beyond = Booking("order-1", "seat:1");
  FailIfTagged(beyond, "seat:1", 1'000'000);
  EXPECT_EQ(ReasonOf(Append(beyond)), "POSITION_BEYOND_HEAD");
  v1::AppendRequest prefix = Booking("order-1", "seat:1");
  prefix.add_conditions()->mutable_fail_if_match()->add_items()->add_stream_prefixes("order-");
  const grpc::Status status = Append(prefix);
  EXPECT_EQ(ReasonOf(status), "MALFORMED_REQUEST");
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(status).field_violations(0).field(),
            "conditions[0].fail_if_match.items[0]");
}

TEST_F(AppendConditionTest, GivesASeatToOneOfManyClients) {
  constexpr int kClients = 6;
  constexpr int kSeats = 15;
  v1::AppendResponse anything;
  ASSERT_TRUE(Append(Booking("order-0", "seat:none"), &anything).ok());
  const uint64_t seen = anything.last_position();
  std::vector<std::atomic<int>> booked(kSeats);
  std::vector<std::thread> clients;
  for (int c = 0; c < kClients; ++c) {
    clients.emplace_back([&, c] {
      for (int seat = 0; seat < kSeats; ++seat) {
        const std::string tag = absl::StrCat("seat:", seat);
        v1::AppendRequest request = Booking(absl::StrCat("order-", c + 1), tag);
        FailIfTagged(request, tag, seen);
        const grpc::Status status = Append(request);
        if (status.ok()) ++booked[static_cast<size_t>(seat)];
        EXPECT_TRUE(status.ok() || ReasonOf(status) == "APPEND_CONDITION_FAILED")
            << status.error_message();
      }
    });
  }
  for (std::thread& client : clients) client.join();
  for (const std::atomic<int>& count : booked) EXPECT_EQ(count.load(), 1);
}

TEST_F(AppendConditionTest, AnswersARetryByItsEventIdsAndExplainsATakenOne) {
  v1::AppendRequest request = Booking("order-1", "seat:1");
  const std::string id = "0190aaaa-0000-4000-8000-000000000001";
  request.mutable_streams(0)->mutable_events(0)->set_event_id(id);
  v1::AppendResponse first;
  v1::AppendResponse again;
  ASSERT_TRUE(Append(request, &first).ok());
  ASSERT_TRUE(Append(request, &again).ok());
  EXPECT_TRUE(again.repeated_commit());
  EXPECT_EQ(again.commit_id(), first.commit_id());
  EXPECT_EQ(again.first_position(), first.first_position());

  request.mutable_streams(0)->mutable_events(0)->set_data(R"({"total": 6})");
  const grpc::Status status = Append(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(ReasonOf(status), "EVENT_ID_TAKEN");
  EXPECT_THAT(status.error_message(), HasSubstr("needs a new id"));
  const auto failure = DetailOf<google::rpc::PreconditionFailure>(status);
  ASSERT_EQ(failure.violations_size(), 1);
  EXPECT_EQ(failure.violations(0).type(), "EVENT_ID");
  EXPECT_EQ(failure.violations(0).subject(), "order-1");
  EXPECT_EQ(failure.violations(0).description(), absl::StrCat("event_id=", id, " revision=0"));
}

}  // namespace
}  // namespace nexus::integration
