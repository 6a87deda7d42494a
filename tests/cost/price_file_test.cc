#include "cost/prices/price_file.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cost/made_prices.h"
#include "gmock/gmock.h"
#include "nexus/core/errors.h"

namespace nexus::cost {
namespace {

using ::testing::HasSubstr;

// What is wrong with the prices once `from` is `to` in them.
absl::Status Fault(const std::string& from, const std::string& to) {
  const std::string text = absl::StrReplaceAll(kSmallPrices, {{from, to}});
  EXPECT_NE(text, kSmallPrices) << from;
  return ParsePrices(text).status();
}

void ExpectFault(const std::string& from, const std::string& to, const std::string& pointer,
                 const std::string& message) {
  const absl::Status fault = Fault(from, to);
  ASSERT_FALSE(fault.ok()) << from << " -> " << to;
  EXPECT_EQ(ReasonOf(fault), ErrorReason::kMalformedRequest);
  ASSERT_EQ(DetailsOf(fault).violations.size(), 1u);
  EXPECT_EQ(DetailsOf(fault).violations[0].pointer, pointer);
  EXPECT_THAT(DetailsOf(fault).violations[0].message, HasSubstr(message));
}

TEST(PriceFile, TheShippedOneIsGood) {
  const PriceList prices = ShippedPrices();
  EXPECT_EQ(prices.currency, "USD");
  for (const char* kind : {"kafka", "rabbitmq", "nats", "jsonl", "webhook"}) {
    EXPECT_TRUE(prices.sinks.contains(kind)) << kind;
  }
  // Each price names who says so, and not all are looked up: a report must be able to say it.
  int unchecked = 0;
  for (const auto& [name, service] : prices.services) {
    for (const auto& [field, price] : service.prices) unchecked += price.checked ? 0 : 1;
  }
  EXPECT_GT(unchecked, 0);
}

TEST(PriceFile, GivesWhatIsInIt) {
  const PriceList prices = SmallPrices();
  const PricedService& stream = *prices.Find("stream");
  EXPECT_EQ(stream.price("put_unit").rate.pico, 14'000'000'000u);
  EXPECT_EQ(stream.price("put_unit").rate.per, 1'000'000u);
  EXPECT_EQ(stream.price("put_unit").text, "0.014 per 1,000,000");
  EXPECT_EQ(stream.number("put_unit_bytes"), 25'600u);
  EXPECT_EQ(prices.Find("machines")->number("remote_consumers"), 500'000u);
  EXPECT_FALSE(prices.Find("queue")->price("request").checked);
  EXPECT_EQ(prices.sinks.at("jsonl"), "queue");
}

TEST(PriceFile, WithHolesNamesThem) {
  ExpectFault("    put_unit_bytes: 25600\n", "", "/services/stream/put_unit_bytes", "missing");
  ExpectFault("{price: 0.015, source: a page, checked: true}", "{source: a page, checked: true}",
              "/services/stream/shard_hour/price", "missing");
  ExpectFault("{price: 0.015, source: a page, checked: true}", "{price: 0.015, checked: true}",
              "/services/stream/shard_hour/source", "missing");
  ExpectFault("{price: 0.015, source: a page, checked: true}", "{price: 0.015, source: a page}",
              "/services/stream/shard_hour/checked", "missing");
  ExpectFault("price: 0.015,", "price: ,", "/services/stream/shard_hour/price", "empty");
  ExpectFault("price: 0.015, source: a page", "price: 0.015, source: ''",
              "/services/stream/shard_hour/source", "empty");
  ExpectFault("    shard_hour: {price: 0.015, source: a page, checked: true}\n",
              "    shard_hour:\n", "/services/stream/shard_hour", "empty");
  ExpectFault("region: us-east-1\n", "", "/region", "missing");
  ExpectFault("    why: nobody knows\n", "", "/services/hook/why", "missing");
  ExpectFault("    kind: sns-sqs\n", "", "/services/queue/kind", "missing");
}

TEST(PriceFile, WithWrongPricesNamesThem) {
  ExpectFault("price: 0.015", "price: -0.015", "/services/stream/shard_hour/price", "negative");
  ExpectFault("price: 0.015", "price: cheap", "/services/stream/shard_hour/price", "no price");
  ExpectFault("price: 0.015", "price: [1]", "/services/stream/shard_hour/price", "one value");
  ExpectFault("price: 0.015", "price: .nan", "/services/stream/shard_hour/price", "no price");
  ExpectFault("per: 1000000, source: a page, checked: true}\n    put_unit_bytes",
              "per: 0, source: a page, checked: true}\n    put_unit_bytes",
              "/services/stream/put_unit/per", "from 1");
  ExpectFault("checked: false", "checked: maybe", "/services/queue/request/checked", "true or");
  ExpectFault("remote_consumers: 0.5", "remote_consumers: 1.5",
              "/services/machines/remote_consumers", "0 to 1");
  ExpectFault("nodes_min: 3", "nodes_min: 0", "/services/machines/nodes_min", "from 1");
}

TEST(PriceFile, WithUnknownMembersNamesTheNearest) {
  ExpectFault("shard_hour: {price: 0.015,", "shard_hour: {price: 0.015, currency: EUR,",
              "/services/stream/shard_hour/currency", "no such member");
  ExpectFault("region: us-east-1", "region: us-east-1\nregoin: x", "/regoin",
              "did you mean 'region'");
  ExpectFault("kind: sns-sqs", "kind: sns", "/services/queue/kind", "known are: kinesis");
  ExpectFault("kafka: stream", "kafka: river", "/sinks/kafka", "no service 'river'");
  ExpectFault("region: us-east-1", "region: us-east-1\nregion: x", "/region", "twice");
}

TEST(PriceFile, WithAWrongHeadNamesIt) {
  ExpectFault("currency: USD", "currency: dollars", "/currency", "three capital letters");
  ExpectFault("currency: USD", "currency: usd", "/currency", "three capital letters");
  ExpectFault("as_of: 2026-11-27", "as_of: 2026-13-27", "/as_of", "a date like");
  ExpectFault("as_of: 2026-11-27", "as_of: last week", "/as_of", "a date like");
  ExpectFault("format: 1", "format: 2", "/format", "from 1 to 1");
}

TEST(PriceFile, ThatIsNoneSaysSo) {
  for (const std::string& text : std::vector<std::string>{
           "", "a: [", "- 1\n- 2", "just text", "a: 1\n---\nb: 2", "{}", "services: {}",
           std::string(kPriceFileBytesMax + 1, ' '), std::string(20'000, '['), "? [a]\n: 1",
           "a: &x [*x]", std::string("format: 1\n\0", 11)}) {
    EXPECT_FALSE(ParsePrices(text).ok()) << text.substr(0, 20);
  }
}

TEST(PriceFile, CutAnywhereIsRefusedOrWhole) {
  const std::string text(ShippedPricesText());
  for (size_t size = 0; size + 1 < text.size(); size += 61) {
    const auto prices = ParsePrices(text.substr(0, size));
    if (prices.ok()) {
      EXPECT_FALSE(prices->sinks.empty()) << size;
    }
  }
}

TEST(PriceFile, ThatIsNotThereNamesItsPath) {
  EXPECT_THAT(ReadPriceFile("/no/such/file").status().message(), HasSubstr("/no/such/file"));
  EXPECT_FALSE(ReadPriceFile("/").ok());
}

}  // namespace
}  // namespace nexus::cost
