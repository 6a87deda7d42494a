// Events whose data are Avro and Protobuf, through the real daemon: checked at the door, stored
// with the version that they passed, given back byte for byte; and the registry after a restart.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "integration/daemon_fixture.h"

namespace nexus::integration {
namespace {

constexpr char kAvro[] =
    R"({"type":"record","name":"Reading","fields":[{"name":"sensor","type":"string"},)"
    R"({"name":"value","type":"long"}]})";
constexpr char kProto[] =
    "syntax = \"proto3\"; message Reading { string sensor = 1; int64 value = 2; }";

class SchemaFormats : public DaemonFixture {
 protected:
  grpc::Status Register(const std::string& subject, v1::SchemaFormat format,
                        const std::string& definition, v1::Schema* schema) {
    v1::RegisterSchemaRequest request;
    request.set_subject(subject);
    request.set_format(format);
    request.set_definition(definition);
    return schemas_->RegisterSchema(Context().get(), request, schema);
  }
  // "" or the reason. On a busy machine the policy may not answer in time; that says to try again.
  std::string AppendReason(const v1::AppendRequest& request) {
    const absl::Time patience = absl::Now() + kPatience;
    while (true) {
      std::string reason = ReasonOf(Append(request));
      if (reason != "POLICY_UNAVAILABLE" || absl::Now() > patience) return reason;
    }
  }

  // The only event of a stream.
  v1::Event Stored(const std::string& stream) {
    v1::ReadRequest request;
    request.set_stream(stream);
    std::vector<v1::Event> events;
    const grpc::Status status = Read(request, &events);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(events.size(), 1u);
    return events.empty() ? v1::Event() : events[0];
  }
};

TEST_F(SchemaFormats, BinaryEventsAreCheckedAndKeptAsTheyAre) {
  ASSERT_NO_FATAL_FAILURE(StartDaemon());
  v1::Schema avro;
  ASSERT_TRUE(Register("reading.avro", v1::SCHEMA_FORMAT_AVRO, kAvro, &avro).ok());
  v1::Schema proto;
  ASSERT_TRUE(Register("reading.proto", v1::SCHEMA_FORMAT_PROTOBUF, kProto, &proto).ok());
  EXPECT_EQ(avro.id(), 1u);
  EXPECT_EQ(proto.id(), 2u);

  const std::string avro_data = "\x04s1\x0e";           // "s1", 7
  const std::string proto_data = "\x0a\x02s1\x10\x07";  // the same
  ASSERT_EQ(AppendReason(OneEvent("avro-1", "reading.avro", avro_data)), "");
  ASSERT_EQ(AppendReason(OneEvent("proto-1", "reading.proto", proto_data)), "");
  EXPECT_EQ(Stored("avro-1").data(), avro_data);
  EXPECT_EQ(Stored("avro-1").content_type(), "application/avro");
  EXPECT_EQ(Stored("avro-1").schema_version(), 1u);
  EXPECT_EQ(Stored("proto-1").data(), proto_data);
  EXPECT_EQ(Stored("proto-1").content_type(), "application/protobuf");

  // Cut short, and a field that nobody declared.
  EXPECT_EQ(AppendReason(OneEvent("avro-2", "reading.avro", "\x04s")), "SCHEMA_VIOLATION");
  EXPECT_EQ(AppendReason(OneEvent("proto-2", "reading.proto", "\x18\x01")), "UNDECLARED_FIELD");
  v1::AppendRequest json = OneEvent("avro-3", "reading.avro", R"({"sensor":"s1","value":7})");
  json.mutable_streams(0)->mutable_events(0)->set_content_type("application/json");
  EXPECT_EQ(AppendReason(json), "MALFORMED_REQUEST");

  // A field without a default, and a tag that is used for something else.
  v1::Schema next;
  EXPECT_EQ(ReasonOf(Register("reading.avro", v1::SCHEMA_FORMAT_AVRO,
                              R"({"type":"record","name":"Reading","fields":[)"
                              R"({"name":"sensor","type":"string"},{"name":"value","type":"long"},)"
                              R"({"name":"unit","type":"string"}]})",
                              &next)),
            "SCHEMA_INCOMPATIBLE");
  EXPECT_EQ(ReasonOf(Register("reading.proto", v1::SCHEMA_FORMAT_PROTOBUF,
                              "syntax = \"proto3\"; message Reading { string sensor = 1; string "
                              "unit = 2; }",
                              &next)),
            "SCHEMA_INCOMPATIBLE");
  EXPECT_EQ(ReasonOf(Register("reading.proto", v1::SCHEMA_FORMAT_AVRO, kAvro, &next)),
            "SCHEMA_INCOMPATIBLE");

  ASSERT_TRUE(daemon_->Terminate().ok());
  ASSERT_NO_FATAL_FAILURE(StartDaemon());
  EXPECT_EQ(AppendReason(OneEvent("avro-4", "reading.avro", avro_data)), "");
  EXPECT_EQ(AppendReason(OneEvent("proto-4", "reading.proto", proto_data)), "");
}

TEST_F(SchemaFormats, TheClassesOfDataAreToldOfEveryFormat) {
  ASSERT_NO_FATAL_FAILURE(StartDaemon());
  v1::Schema json;
  ASSERT_TRUE(Register("person.json", v1::SCHEMA_FORMAT_JSON_SCHEMA,
                       R"({"properties":{"id":{"x-nexus-subject-key":true},)"
                       R"("mail":{"type":"string","x-nexus-class":"pii.email"}}})",
                       &json)
                  .ok());
  ASSERT_EQ(json.classified_fields_size(), 2);
  EXPECT_EQ(json.classified_fields(0).path(), "/id");
  EXPECT_TRUE(json.classified_fields(0).subject_key());
  EXPECT_EQ(json.classified_fields(1).data_class(), "pii.email");
  v1::Schema avro;
  ASSERT_TRUE(Register("person.avro", v1::SCHEMA_FORMAT_AVRO,
                       R"({"type":"record","name":"P","fields":[{"name":"mail",)"
                       R"("type":"string","x-nexus-class":"pii.email"}]})",
                       &avro)
                  .ok());
  v1::Schema proto;
  ASSERT_TRUE(Register("person.proto", v1::SCHEMA_FORMAT_PROTOBUF,
                       "syntax = \"proto3\"; import \"nexus/schema/v1/annotations.proto\"; "
                       "message P { string mail = 1 [(nexus.schema.v1.class) = \"pii.email\"]; }",
                       &proto)
                  .ok());
  v1::Schema next;
  EXPECT_EQ(ReasonOf(Register("person.other", v1::SCHEMA_FORMAT_JSON_SCHEMA,
                              R"({"properties":{"mail":{"x-nexus-class":"E-Mail"}}})", &next)),
            "SCHEMA_INVALID");

  // Of a server that has read the log again.
  ASSERT_TRUE(daemon_->Terminate().ok());
  ASSERT_NO_FATAL_FAILURE(StartDaemon());
  for (const char* subject : {"person.avro", "person.proto"}) {
    v1::GetSchemaRequest request;
    request.set_subject(subject);
    v1::Schema schema;
    ASSERT_TRUE(schemas_->GetSchema(Context().get(), request, &schema).ok());
    ASSERT_EQ(schema.classified_fields_size(), 1) << subject;
    EXPECT_EQ(schema.classified_fields(0).path(), "/mail");
    EXPECT_EQ(schema.classified_fields(0).data_class(), "pii.email");
    EXPECT_FALSE(schema.classified_fields_truncated());
  }
}

TEST_F(SchemaFormats, ReadersGetEveryEventInTheVersionThatTheyAskFor) {
  ASSERT_NO_FATAL_FAILURE(StartDaemon());
  ASSERT_NO_FATAL_FAILURE(RegisterOrders());
  ASSERT_EQ(AppendReason(OneEvent("order-1", "order.placed", R"({"total":1})")), "");
  const grpc::Status second = RegisterSchema("order.placed", R"({
      "type": "object",
      "properties": {"total": {"type": "number", "minimum": 0},
                     "currency": {"type": "string", "default": "EUR"}},
      "required": ["total"]})");
  ASSERT_TRUE(second.ok()) << second.error_message();
  ASSERT_EQ(AppendReason(OneEvent("order-1", "order.placed", R"({"total":2,"currency":"CHF"})")),
            "");

  v1::ReadRequest request;
  request.set_stream("order-1");
  request.mutable_as_version()->set_latest(true);
  std::vector<v1::Event> events;
  ASSERT_TRUE(Read(request, &events).ok());
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].data(), R"({"total":1,"currency":"EUR"})");
  EXPECT_EQ(events[0].data_version(), 2u);
  EXPECT_EQ(events[0].schema_version(), 1u);
  EXPECT_EQ(events[1].data(), R"({"total":2,"currency":"CHF"})");

  v1::SubscribeRequest subscription;
  subscription.set_stream("order-1");
  (*subscription.mutable_as_version()->mutable_versions())["order.placed"] = 1;
  subscription.set_to(1);
  const auto context = Context();
  const auto reader = events_->Subscribe(context.get(), subscription);
  std::vector<std::string> given;
  v1::SubscribeResponse message;
  while (reader->Read(&message)) {
    for (const v1::Event& event : message.batch().events()) given.push_back(event.data());
  }
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(given, (std::vector<std::string>{R"({"total":1})", R"({"total":2})"}));

  request.mutable_as_version()->set_version(7);
  EXPECT_EQ(ReasonOf(Read(request, &events)), "MALFORMED_REQUEST");
  request.mutable_as_version()->set_latest(false);
  events.clear();
  ASSERT_TRUE(Read(request, &events).ok());
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].data(), R"({"total":1})");
  EXPECT_EQ(events[0].evolution_gap().wanted_version(), 7u);
  EXPECT_NE(events[0].evolution_gap().reason(), "");
}

TEST_F(SchemaFormats, ADeletedVersionTakesNoNewEvents) {
  ASSERT_NO_FATAL_FAILURE(StartDaemon());
  ASSERT_NO_FATAL_FAILURE(RegisterOrders());
  ASSERT_EQ(AppendReason(OneEvent("order-1", "order.placed", R"({"total":1})")), "");
  v1::DeleteSchemaRequest request;
  request.set_subject("order.placed");
  v1::DeleteSchemaResponse response;
  const grpc::Status deleted = schemas_->DeleteSchema(Context().get(), request, &response);
  ASSERT_TRUE(deleted.ok()) << deleted.error_message();
  ASSERT_EQ(response.versions_size(), 1);
  EXPECT_EQ(ReasonOf(AppendOrder("order-1", R"({"total":1})")), "SCHEMA_NOT_REGISTERED");
  EXPECT_EQ(Stored("order-1").schema_version(), 1u);
  v1::GetSchemaRequest by_id;
  by_id.set_id(1);
  v1::Schema schema;
  ASSERT_TRUE(schemas_->GetSchema(Context().get(), by_id, &schema).ok());
  EXPECT_EQ(schema.state(), v1::SCHEMA_STATE_DELETED);
}

}  // namespace
}  // namespace nexus::integration
