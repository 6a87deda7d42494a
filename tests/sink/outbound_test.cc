// What an event becomes before a transport has it: its address, its message, its secrets.

#include <cstdlib>
#include <fstream>

#include "gmock/gmock.h"
#include "harness/nexusd/temporary_folder.h"
#include "nexus/core/errors.h"
#include "sink/event_maker.h"
#include "sink/outbound/address_pattern.h"
#include "sink/outbound/message.h"
#include "sink/outbound/secret.h"

namespace nexus::sink {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string AddressOf(const std::string& pattern, const OutboundEvent& event) {
  const auto parsed = AddressPattern::Parse(pattern, "x");
  return parsed.ok() ? parsed->For(event) : std::string(parsed.status().message());
}

TEST(AddressPatternTest, FillsItsFields) {
  const OutboundEvent event = MakeEvent("order-7", 3);
  EXPECT_EQ(AddressOf("evt.<category>.<type>.<stream>", event), "evt.order.order-paid.order-7");
  EXPECT_EQ(AddressOf("<type>.v<version>/<path>", event), "order-paid.v2/critical");
  EXPECT_EQ(AddressOf("fixed", event), "fixed");
  EXPECT_EQ(AddressOf("", event), "");
}

TEST(AddressPatternTest, MakesEachValueOneWord) {
  EXPECT_EQ(AddressOf("<stream>", MakeEvent("a.b *#>/\tc", 0)), "a_b______c");
  OutboundEvent standard = MakeEvent("a-1", 0);
  standard.critical = false;
  EXPECT_EQ(AddressOf("<path>", standard), "standard");
}

TEST(AddressPatternTest, RefusesFieldsThatDoNotExist) {
  for (const char* pattern : {"<stram>", "a.<", "<>", "a.<type"}) {
    const auto parsed = AddressPattern::Parse(pattern, "route.key");
    EXPECT_EQ(ReasonOf(parsed.status()), ErrorReason::kConfigurationInvalid) << pattern;
    EXPECT_THAT(std::string(parsed.status().message()), HasSubstr("route.key")) << pattern;
  }
}

TEST(AddressPatternTest, ShowsWhatMatchesAllThatItGives) {
  EXPECT_EQ(AddressPattern::Parse("evt.<category>.<type>", "x")->WithFieldsAs("*"), "evt.*.*");
}

TEST(MessageTest, IsTheDataWithAttributesBesideIt) {
  const OutboundEvent event = MakeEvent("order-7", 3, "data", "text/plain");
  const auto message = Message::For(event, {});
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->body(), "data");
  EXPECT_EQ(message->content_type(), "text/plain");
  EXPECT_EQ(message->attributes()[0].second, "1.0");
}

TEST(MessageTest, IsTheDataAloneOrTheWholeEvent) {
  const OutboundEvent event = MakeEvent("order-7", 3);
  const auto raw = Message::For(event, {.value_format = route::RawValue});
  EXPECT_EQ(raw->body(), "{\"n\":1}");
  EXPECT_TRUE(raw->attributes().empty());
  const auto whole = Message::For(event, {.value_format = route::StructuredValue});
  EXPECT_THAT(std::string(whole->body()), HasSubstr("\"data\":{\"n\":1}"));
  EXPECT_TRUE(whole->attributes().empty());
}

// What a transform adds, wherever the form has a place for it.
TEST(MessageTest, HasTheAttributesThatARouteAdds) {
  const std::vector<std::pair<std::string, std::string>> more = {{"tenant", "eu\""}};
  OutboundEvent event = MakeEvent("order-7", 3);
  event.attributes = more;
  const auto binary = Message::For(event, {});
  EXPECT_EQ(binary->attributes().back().first, "tenant");
  EXPECT_EQ(binary->attributes().back().second, "eu\"");
  const auto whole = Message::For(event, {.value_format = route::StructuredValue});
  EXPECT_THAT(std::string(whole->body()), HasSubstr(R"({"n":1},"tenant":"eu\""})"));
  EXPECT_TRUE(Message::For(event, {.value_format = route::RawValue})->attributes().empty());
}

TEST(MessageTest, TakesTheFormatThatItIsGiven) {
  const OutboundEvent event = MakeEvent("order-7", 3, "data");
  MessageFormat format;
  format.value_format = [](const RecordedEvent&) -> absl::StatusOr<route::ValueFrame> {
    return route::ValueFrame{">", "text/framed", {{"extra", "\x01"}}};
  };
  const auto message = Message::For(event, format);
  EXPECT_EQ(message->body(), ">data");
  EXPECT_EQ(message->content_type(), "text/framed");
  EXPECT_EQ(message->headers()[0].second, "\x01");
  format.value_format = [](const RecordedEvent&) -> absl::StatusOr<route::ValueFrame> {
    return MakeError(ErrorReason::kSchemaNotRegistered, "none");
  };
  EXPECT_EQ(ReasonOf(Message::For(event, format).status()), ErrorReason::kSchemaNotRegistered);
}

TEST(SecretTest, IsReadAnewEachTime) {
  const harness::TemporaryFolder folder;
  const SecretPlace place{.file = folder / "secret"};
  EXPECT_TRUE(absl::IsUnavailable(ReadSecret(place).status()));
  std::ofstream(folder / "secret") << "one\n";
  EXPECT_EQ(*ReadSecret(place), "one");
  std::ofstream(folder / "secret") << " two ";
  EXPECT_EQ(*ReadSecret(place), "two");
  std::ofstream(folder / "secret") << "\n";
  EXPECT_THAT(std::string(ReadSecret(place).status().message()), HasSubstr("empty"));
}

TEST(SecretTest, MayStandInTheEnvironmentOrNotBeNeeded) {
  ::setenv("NEXUS_TEST_SECRET", "sesame", 1);
  EXPECT_EQ(*ReadSecret({.environment = "NEXUS_TEST_SECRET"}), "sesame");
  ::unsetenv("NEXUS_TEST_SECRET");
  const absl::Status missing = ReadSecret({.environment = "NEXUS_TEST_SECRET"}).status();
  EXPECT_THAT(std::string(missing.message()), HasSubstr("NEXUS_TEST_SECRET"));
  EXPECT_EQ(*ReadSecret({}), "");
  EXPECT_EQ(ReasonOf(CheckSecretPlace({"a", "b"}, "x")), ErrorReason::kConfigurationInvalid);
}

TEST(SecretTest, OneThatIsTooLargeIsNotShown) {
  const harness::TemporaryFolder folder;
  std::ofstream(folder / "secret") << std::string((64 << 10) + 1, 's');
  const absl::Status status = ReadSecret({.file = folder / "secret"}).status();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("ssss")));
}

}  // namespace
}  // namespace nexus::sink
