#include "route/transform/transforming_sink.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "route/cloud_event.h"
#include "route/value_format.h"
#include "schema/json/json_schema_validator.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::route {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Keeps what it is given, as a broker's client does.
class KeepingSink : public Sink {
 public:
  explicit KeepingSink(std::vector<OutboundEvent>& kept) : kept_(kept) {}

  absl::string_view Name() const override { return "keeping"; }
  void Deliver(OutboundEvent event, Delivered done) override {
    kept_.push_back(std::move(event));
    done(Coordinate{.place = "here"});
  }
  absl::Status Flush(absl::Duration) override { return absl::OkStatus(); }
  absl::Status Health() override { return absl::CancelledError("its own"); }

 private:
  std::vector<OutboundEvent>& kept_;
};

class TransformingSinkTest : public ::testing::Test {
 protected:
  void Make(TransformDeclaration declaration,
            std::shared_ptr<const CompiledSchema> schema = nullptr) {
    auto transform =
        Transform::Create(std::move(declaration), "0123456789abcdef", std::move(schema));
    ASSERT_TRUE(transform.ok()) << transform.status();
    sink_ = std::make_unique<TransformingSink>(std::make_unique<KeepingSink>(kept_), *transform);
  }

  // Everything that the event borrows from is gone afterwards, but for what the sink holds.
  absl::Status Deliver(const std::string& data, const std::string& content_type) {
    struct Backing {
      std::string data;
      std::string content_type;
    };
    auto backing = std::make_shared<Backing>(Backing{data, content_type});
    auto batch = std::make_shared<EventBatch>();
    RecordedEvent& event = batch->events.emplace_back();
    event.stream = "order-1";
    event.type = "order.paid";
    event.schema_version = 3;
    event.data = backing->data;
    event.content_type = backing->content_type;
    batch->backing.push_back(std::move(backing));
    OutboundEvent outbound;
    outbound.event = &event;
    outbound.batch = std::move(batch);
    outbound.key = event.stream;
    std::optional<absl::Status> status;
    sink_->Deliver(std::move(outbound), [&](const absl::StatusOr<Coordinate>& coordinate) {
      status = coordinate.status();
    });
    return status.value_or(absl::UnknownError("not answered"));
  }

  std::vector<OutboundEvent> kept_;
  std::unique_ptr<TransformingSink> sink_;
};

TEST_F(TransformingSinkTest, HandsOverWhatIsLeftAndSaysSo) {
  Make({.drop = {"/email"}, .attributes = {{"tenant", "eu"}}});
  ASSERT_TRUE(Deliver(R"({"email": "a@example.com", "total": 1.50})", "application/json").ok());
  ASSERT_EQ(kept_.size(), 1u);
  EXPECT_EQ(kept_[0].event->data, R"({"total":1.50})");
  EXPECT_EQ(kept_[0].key, "order-1");
  const std::string json = ToCloudJson(*kept_[0].event, "/x", kept_[0].attributes);
  EXPECT_THAT(json, HasSubstr(R"("type":"order.paid",)")) << "it is of no schema now";
  const std::string digest =
      TransformDigest({.drop = {"/email"}, .attributes = {{"tenant", "eu"}}});
  EXPECT_THAT(json, HasSubstr(R"("tenant":"eu","nexustransform":")" + digest));
  EXPECT_THAT(json, Not(HasSubstr("example.com")));
  const auto frame = FrameFor(StructuredValue, kept_[0]);
  ASSERT_TRUE(frame.ok());
  EXPECT_THAT(frame->prefix, HasSubstr("\"data\":{\"total\":1.50},\"tenant\":\"eu\",\"nexustr"));
  schema::SimdJsonReader reader;
  EXPECT_EQ(*reader.Canonical(frame->prefix),
            *reader.Canonical(ToCloudJson(*kept_[0].event, kDefaultSource, kept_[0].attributes)));
}

TEST_F(TransformingSinkTest, NamesTheSchemaThatIsDeclared) {
  Make({.drop = {"/email"}, .schema_type = "order-public", .schema_version = 2});
  ASSERT_TRUE(Deliver("{}", "application/vnd.order+json; charset=utf-8").ok());
  EXPECT_EQ(kept_[0].event->type, "order-public");
  EXPECT_EQ(kept_[0].event->schema_version, 2u);
}

TEST_F(TransformingSinkTest, NeverHandsOverWhatItCannotTransform) {
  Make({.require = {"/id"}, .mask = {{"/card/number", "*"}}});
  for (const char* data : {"", "{", "{}", "[]", "7", R"({"id":1,"card":"4111"})"}) {
    const absl::Status status = Deliver(data, "application/json");
    EXPECT_EQ(ReasonOf(status), ErrorReason::kSchemaViolation) << data;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("4111")));
  }
  EXPECT_THAT(std::string(Deliver(R"({"id":1})", "avro/binary").message()),
              HasSubstr("the data is avro/binary, not JSON"));
  EXPECT_TRUE(kept_.empty());
  EXPECT_TRUE(Deliver(R"({"id":1})", "application/json").ok());
}

TEST_F(TransformingSinkTest, NeverHandsOverWhatDoesNotConformToTheSchemaThatItNames) {
  schema::JsonSchemaValidator validator;
  auto schema = validator.Compile(R"({"type": "object", "required": ["total"], "properties":
      {"total": {"type": "number"}}, "additionalProperties": false})");
  ASSERT_TRUE(schema.ok()) << schema.status();
  Make({.drop = {"/email"}, .schema_type = "order-public", .schema_version = 2}, *schema);
  // By what is left, not by what is stored.
  EXPECT_TRUE(Deliver(R"({"total":1,"email":"a@example.com"})", "application/json").ok());
  for (const char* data : {"{}", R"({"total":"4111"})", R"({"total":1,"4111":2})"}) {
    const absl::Status status = Deliver(data, "application/json");
    EXPECT_EQ(ReasonOf(status), ErrorReason::kSchemaViolation) << data;
    EXPECT_THAT(std::string(status.message()), HasSubstr("order-public version 2"));
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("4111")));
  }
  EXPECT_EQ(kept_.size(), 1u);
}

TEST_F(TransformingSinkTest, IsTheSinkBehindItInAllElse) {
  Make({.drop = {"/a"}});
  EXPECT_EQ(sink_->Name(), "keeping");
  EXPECT_EQ(sink_->Health(), absl::CancelledError("its own"));
  EXPECT_TRUE(sink_->Flush(absl::ZeroDuration()).ok());
}

TEST_F(TransformingSinkTest, RefusesASecretThatCanBeGuessed) {
  const TransformDeclaration hash = {.hash = {"/a"}, .secret = "s"};
  const auto weak = Transform::Create(hash, "short");
  ASSERT_FALSE(weak.ok());
  EXPECT_EQ(DetailsOf(weak.status()).violations.at(0).pointer, "/transform/hash/secret");
  EXPECT_FALSE(Transform::Create(hash, "").ok());
  RecordedEvent event;
  event.content_type = "application/json";
  event.data = R"({"a":"x"})";
  EXPECT_EQ(*Transform::Preview(hash)->DataOf(event), "{\"a\":\"(pseudonym by s)\"}");
}

}  // namespace
}  // namespace nexus::route
