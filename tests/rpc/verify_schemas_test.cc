// AdminService/VerifySchemas over gRPC, its steps run one by one by the test.

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/engine_fixture.h"
#include "fake/eventually.h"
#include "identity/token_table.h"
#include "nexus/admin/v1/admin.grpc.pb.h"
#include "rpc/admin_service.h"
#include "rpc/call_metrics.h"
#include "rpc/transport/served_methods.h"

namespace nexus::rpc {
namespace {

using admin::v1::VerifySchemasResponse;
using Reader = std::unique_ptr<grpc::ClientReader<VerifySchemasResponse>>;

constexpr int kPages = 3;  // and a little more: each step looks at one

class VerifySchemasTest : public engine::EngineFixture {
 protected:
  void SetUp() override {
    EngineFixture::SetUp();
    ASSERT_NO_FATAL_FAILURE(SetCategory("note", false));
    const size_t events = kPages * engine::AuditOptions().page.events_max;
    while (log_.Head().value < events) ASSERT_NO_FATAL_FAILURE(AppendNotes(5'000));
    service_ = std::make_unique<AdminService>(
        ServiceParts{*engine_, authenticator_, calls_}, [] { return ServerReport(); },
        IndexControl(), [] { return nullptr; });
    service_->AddTo(served_.methods());
    served_.Start();
    stub_ = admin::v1::AdminService::NewStub(served_.channel());
  }
  void TearDown() override {
    served_.Shutdown();
    executor_.RunAll();
  }

  void AppendNotes(int count) {
    engine::CommitDraft draft = Draft("note-1", "noted", "{}");
    auto& events = draft.streams[0].events;
    events.resize(static_cast<size_t>(count), events[0]);
    ASSERT_TRUE(AppendDraft(std::move(draft)).ok());
  }
  // The step that waits, or comes soon.
  bool Step() {
    return fake::Eventually([this] { return executor_.Waiting() > 0; }) && executor_.RunOne();
  }
  double Cancelled() {
    return metrics_.Value(
        "nexus_grpc_server_handled_total{service=nexus.admin.v1.AdminService,"
        "method=VerifySchemas,code=CANCELLED}");
  }

  identity::TokenTable tokens_{{}};
  identity::Authenticator authenticator_{identity::AuthenticatorParts{tokens_}};
  CallMetrics calls_{metrics_, clock_};
  std::unique_ptr<AdminService> service_;
  ServedMethods served_;
  std::unique_ptr<admin::v1::AdminService::Stub> stub_;
  grpc::ClientContext context_;
};

TEST_F(VerifySchemasTest, TellsItsProgressAtEachStep) {
  const Reader reader = stub_->VerifySchemas(&context_, {});
  VerifySchemasResponse last;
  int steps = 0;
  while (!last.done()) {
    ASSERT_TRUE(Step());
    const uint64_t before = last.events();
    ASSERT_TRUE(reader->Read(&last));
    EXPECT_GT(last.events(), before);
    ++steps;
  }
  EXPECT_GT(steps, kPages);
  EXPECT_EQ(last.events(), log_.Head().value);
  EXPECT_FALSE(reader->Read(&last));
  EXPECT_TRUE(reader->Finish().ok());
}

TEST_F(VerifySchemasTest, StopsInTheMiddleWhenItsClientHasGone) {
  const Reader reader = stub_->VerifySchemas(&context_, {});
  ASSERT_TRUE(Step());
  VerifySchemasResponse seen;
  ASSERT_TRUE(reader->Read(&seen));
  EXPECT_FALSE(seen.done());
  ASSERT_TRUE(fake::Eventually([this] { return executor_.Waiting() == 1; }));
  context_.TryCancel();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  ASSERT_TRUE(fake::Eventually([this] { return Cancelled() == 1; }));
  // The step that waited is the last.
  EXPECT_TRUE(executor_.RunOne());
  EXPECT_EQ(executor_.Waiting(), 0u);
}

}  // namespace
}  // namespace nexus::rpc
