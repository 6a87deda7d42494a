// A candidate over stored events, and stored events against their schemas, by the real daemon.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "integration/daemon_fixture.h"

namespace nexus::integration {
namespace {

using ::testing::ElementsAre;

std::string ReadingWith(const std::string& fields) {
  return absl::StrCat(
      R"({"type":"record","name":"Reading","fields":[{"name":"value","type":"long"})", fields,
      "]}");
}

class SchemaAuditTest : public DaemonFixture {
 protected:
  // The last message; `status` is that of the call.
  v1::ObserveSchemaResponse Observe(const v1::ObserveSchemaRequest& request,
                                    grpc::Status* status = nullptr) {
    const auto context = Context();
    const auto reader = schemas_->ObserveSchema(context.get(), request);
    v1::ObserveSchemaResponse last;
    for (v1::ObserveSchemaResponse next; reader->Read(&next);) last = next;
    const grpc::Status ended = reader->Finish();
    if (status != nullptr) {
      *status = ended;
    } else {
      EXPECT_TRUE(ended.ok() && last.done()) << ended.error_message();
    }
    return last;
  }
  static v1::ObserveSchemaRequest Candidate(const std::string& subject,
                                            const std::string& definition) {
    v1::ObserveSchemaRequest request;
    request.set_subject(subject);
    request.set_definition(definition);
    return request;
  }
  static v1::ObserveSchemaRequest OrdersAtLeast(int total) {
    return Candidate("order.placed",
                     absl::StrCat(R"({"properties":{"total":{"minimum":)", total, "}}}"));
  }
  admin::v1::VerifySchemasResponse Verify() {
    const auto context = Context();
    const auto reader = admin_->VerifySchemas(context.get(), {});
    admin::v1::VerifySchemasResponse last;
    for (admin::v1::VerifySchemasResponse next; reader->Read(&next);) last = next;
    const grpc::Status ended = reader->Finish();
    EXPECT_TRUE(ended.ok() && last.done()) << ended.error_message();
    return last;
  }
};

TEST_F(SchemaAuditTest, ACandidateMeetsTheEventsThatAreStored) {
  ASSERT_NO_FATAL_FAILURE(StartDaemon());
  RegisterOrders();
  for (int total = 1; total <= 6; ++total) {
    ASSERT_TRUE(AppendOrder("order-1", absl::StrCat(R"({"total":)", total, "}")).ok());
  }
  const v1::ObserveSchemaResponse fits = Observe(OrdersAtLeast(1));
  EXPECT_EQ(fits.events(), 6u);
  EXPECT_EQ(fits.valid_events(), 6u);
  EXPECT_TRUE(fits.complete());

  const v1::ObserveSchemaResponse breaks = Observe(OrdersAtLeast(3));
  EXPECT_EQ(breaks.valid_events(), 4u);
  EXPECT_EQ(breaks.breaking_events(), 2u);
  ASSERT_EQ(breaks.findings_size(), 2);
  EXPECT_EQ(breaks.findings(1).stream(), "order-1");
  EXPECT_EQ(breaks.findings(1).revision(), 1u);
  EXPECT_EQ(breaks.findings(1).schema_version(), 1u);
  EXPECT_EQ(breaks.findings(1).violations(0).pointer(), "/total");

  v1::ObserveSchemaRequest newest = OrdersAtLeast(3);
  newest.set_limit(4);
  newest.set_newest_first(true);
  const v1::ObserveSchemaResponse sample = Observe(newest);
  EXPECT_EQ(sample.events(), 4u);
  EXPECT_EQ(sample.breaking_events(), 0u);
  EXPECT_FALSE(sample.complete());

  const admin::v1::VerifySchemasResponse verified = Verify();
  EXPECT_EQ(verified.events(), 9u);
  EXPECT_EQ(verified.events_without_schema(), 3u);  // policies, registration, who registered
  EXPECT_EQ(verified.failures(), 0u);
  EXPECT_EQ(verified.position(), verified.head());
}

TEST_F(SchemaAuditTest, AvroEventsAreReadWithTheVersionThatWroteThem) {
  ASSERT_NO_FATAL_FAILURE(StartDaemon());
  v1::RegisterSchemaRequest registration;
  registration.set_subject("reading.taken");
  registration.set_format(v1::SCHEMA_FORMAT_AVRO);
  registration.set_definition(ReadingWith(""));
  v1::Schema schema;
  ASSERT_TRUE(schemas_->RegisterSchema(Context().get(), registration, &schema).ok());
  ASSERT_TRUE(Append(OneEvent("reading-1", "reading.taken", "\x0e")).ok());

  v1::ObserveSchemaRequest request =
      Candidate("reading.taken", ReadingWith(R"(,{"name":"unit","type":"string","default":"K"})"));
  request.set_format(v1::SCHEMA_FORMAT_AVRO);
  EXPECT_EQ(Observe(request).valid_events(), 1u);
  request.set_definition(ReadingWith(R"(,{"name":"unit","type":"string"})"));
  EXPECT_EQ(Observe(request).breaking_events(), 1u);
  // JSON Schema says nothing about data in another encoding.
  EXPECT_EQ(Observe(Candidate("reading.taken", "true")).skipped_events(), 1u);
}

TEST_F(SchemaAuditTest, RefusesACandidateThatIsNoSchema) {
  ASSERT_NO_FATAL_FAILURE(StartDaemon());
  grpc::Status status;
  Observe(Candidate("order.placed", R"({"type":5})"), &status);
  EXPECT_EQ(ReasonOf(status), "SCHEMA_INVALID");
  Observe(Candidate("$schemas", "true"), &status);
  EXPECT_EQ(ReasonOf(status), "RESERVED_NAME");
}

}  // namespace
}  // namespace nexus::integration
