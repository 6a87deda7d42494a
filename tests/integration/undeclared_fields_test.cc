// Fields that no schema declares, through the real daemon and its default policies: the setting,
// its effect on appends, and that it survives a restart.

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "integration/daemon_fixture.h"

namespace nexus::integration {
namespace {

using ::testing::HasSubstr;

constexpr char kSlip[] = R"({"total":1,"totl":2})";

class UndeclaredFieldsTest : public DaemonFixture {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(StartDaemon());
    ASSERT_NO_FATAL_FAILURE(RegisterOrders());
  }
  // On a busy machine the policy may not answer in time; that says to try again.
  template <typename Call>
  grpc::Status Patiently(Call call) {
    const absl::Time patience = absl::Now() + kPatience;
    while (true) {
      grpc::Status status = call();
      if (ReasonOf(status) != "POLICY_UNAVAILABLE" || absl::Now() > patience) return status;
    }
  }
  grpc::Status Set(const std::string& subject, v1::UndeclaredFields undeclared) {
    v1::UpdateValidationRequest request;
    request.mutable_settings()->set_subject(subject);
    request.mutable_settings()->set_undeclared_fields(undeclared);
    v1::ValidationSettings now;
    return Patiently([&] { return schemas_->UpdateValidation(Context().get(), request, &now); });
  }
  v1::ValidationSettings Get(const std::string& subject) {
    v1::GetValidationRequest request;
    request.set_subject(subject);
    v1::ValidationSettings now;
    const grpc::Status status = schemas_->GetValidation(Context().get(), request, &now);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return now;
  }
  grpc::Status AppendSlip(v1::AppendResponse* response) {
    return Patiently([&] { return Append(OneEvent("order-1", "order.placed", kSlip), response); });
  }
};

TEST_F(UndeclaredFieldsTest, AreAllowedThenWarnedOfThenRejectedAsTheSubjectSays) {
  v1::AppendResponse allowed;
  ASSERT_TRUE(AppendSlip(&allowed).ok());
  EXPECT_EQ(allowed.warnings_size(), 0);
  EXPECT_EQ(Get("order.placed").undeclared_fields(), v1::UNDECLARED_FIELDS_UNSPECIFIED);

  ASSERT_TRUE(Set("order.placed", v1::UNDECLARED_FIELDS_WARN).ok());
  v1::AppendResponse warned;
  ASSERT_TRUE(AppendSlip(&warned).ok());
  ASSERT_EQ(warned.warnings_size(), 1);
  EXPECT_EQ(warned.warnings(0).field(), "streams[0].events[0].data");
  EXPECT_EQ(warned.warnings(0).pointer(), "/totl");
  EXPECT_THAT(warned.warnings(0).message(), HasSubstr("\"total\" meant?"));

  ASSERT_TRUE(Set("order.placed", v1::UNDECLARED_FIELDS_REJECT).ok());
  v1::AppendResponse none;
  const grpc::Status refused = AppendSlip(&none);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(refused), "UNDECLARED_FIELD");
  const auto request = DetailOf<google::rpc::BadRequest>(refused);
  ASSERT_EQ(request.field_violations_size(), 1);
  EXPECT_EQ(request.field_violations(0).field(), "streams[0].events[0].data#/totl");
  EXPECT_EQ(ReadStream("order-1").size(), 2u);
}

TEST_F(UndeclaredFieldsTest, TheSettingIsKeptOverARestartAndCleared) {
  ASSERT_TRUE(Set("", v1::UNDECLARED_FIELDS_REJECT).ok());
  ASSERT_TRUE(daemon_->Terminate().ok());
  ASSERT_NO_FATAL_FAILURE(StartDaemon());
  EXPECT_EQ(Get("order.placed").undeclared_fields(), v1::UNDECLARED_FIELDS_REJECT);
  EXPECT_TRUE(Get("order.placed").inherited());
  v1::AppendResponse response;
  EXPECT_EQ(ReasonOf(AppendSlip(&response)), "UNDECLARED_FIELD");
  v1::UpdateValidationRequest clear;
  clear.set_clear(true);
  v1::ValidationSettings now;
  ASSERT_TRUE(
      Patiently([&] { return schemas_->UpdateValidation(Context().get(), clear, &now); }).ok());
  EXPECT_EQ(now.undeclared_fields(), v1::UNDECLARED_FIELDS_UNSPECIFIED);
  EXPECT_TRUE(AppendSlip(&response).ok());
}

TEST_F(UndeclaredFieldsTest, ValidateDataAnswersAsAnAppendWould) {
  v1::ValidateDataRequest request;
  request.set_subject("order.placed");
  request.set_data(kSlip);
  const auto validate = [&] {
    v1::ValidateDataResponse response;
    EXPECT_TRUE(schemas_->ValidateData(Context().get(), request, &response).ok());
    return response;
  };
  EXPECT_TRUE(validate().valid());
  EXPECT_EQ(validate().warnings_size(), 0);
  ASSERT_TRUE(Set("order.placed", v1::UNDECLARED_FIELDS_WARN).ok());
  EXPECT_TRUE(validate().valid());
  ASSERT_EQ(validate().warnings_size(), 1);
  ASSERT_TRUE(Set("order.placed", v1::UNDECLARED_FIELDS_REJECT).ok());
  EXPECT_FALSE(validate().valid());
  EXPECT_EQ(validate().violations(0).keyword(), "undeclared");
}

TEST_F(UndeclaredFieldsTest, AWordThatIsNoneAndASubjectOfTheServerAreRefused) {
  EXPECT_EQ(ReasonOf(Set("order.placed", v1::UNDECLARED_FIELDS_UNSPECIFIED)), "MALFORMED_REQUEST");
  EXPECT_EQ(ReasonOf(Set("order.placed", static_cast<v1::UndeclaredFields>(9))),
            "MALFORMED_REQUEST");
  EXPECT_EQ(ReasonOf(Set("$schemas", v1::UNDECLARED_FIELDS_WARN)), "POLICY_DENIED");
}

TEST_F(UndeclaredFieldsTest, AProtobufSubjectMayAllowThem) {
  v1::RegisterSchemaRequest request;
  request.set_subject("reading");
  request.set_format(v1::SCHEMA_FORMAT_PROTOBUF);
  request.set_definition("syntax = \"proto3\"; message Reading { int64 value = 1; }");
  v1::Schema schema;
  ASSERT_TRUE(
      Patiently([&] { return schemas_->RegisterSchema(Context().get(), request, &schema); }).ok());
  const std::string unknown = "\x18\x01";
  const auto append = [&](v1::AppendResponse* response) {
    return ReasonOf(
        Patiently([&] { return Append(OneEvent("reading-1", "reading", unknown), response); }));
  };
  v1::AppendResponse response;
  EXPECT_EQ(append(&response), "UNDECLARED_FIELD");
  ASSERT_TRUE(Set("reading", v1::UNDECLARED_FIELDS_WARN).ok());
  EXPECT_EQ(append(&response), "");
  ASSERT_EQ(response.warnings_size(), 1);
  EXPECT_THAT(response.warnings(0).message(), HasSubstr("field 3"));
  EXPECT_EQ(ReadStream("reading-1").at(0).data(), unknown);
  // What is stored passes its schema whatever the setting says now.
  ASSERT_TRUE(Set("reading", v1::UNDECLARED_FIELDS_REJECT).ok());
  const auto context = Context();
  const auto reader = admin_->VerifySchemas(context.get(), {});
  admin::v1::VerifySchemasResponse last;
  for (admin::v1::VerifySchemasResponse next; reader->Read(&next);) last = next;
  ASSERT_TRUE(reader->Finish().ok());
  EXPECT_TRUE(last.done());
  EXPECT_EQ(last.failures(), 0u);
}

}  // namespace
}  // namespace nexus::integration
