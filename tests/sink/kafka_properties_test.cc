#include "sink/kafka/kafka_properties.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "sink/kafka/kafka_producer.h"

namespace nexus::sink {
namespace {

using ::testing::Contains;
using ::testing::Pair;

KafkaOptions Options() {
  KafkaOptions options;
  options.brokers = "127.0.0.1:1";
  return options;
}

TEST(KafkaPropertiesTest, KeepsOrderAndAcknowledgementByDefault) {
  const KafkaProperties properties = *KafkaPropertiesFor(Options());
  EXPECT_THAT(properties, Contains(Pair("enable.idempotence", "true")));
  EXPECT_THAT(properties, Contains(Pair("message.timeout.ms", "0")));
  EXPECT_THAT(properties, Contains(Pair("partitioner", "murmur2_random")));
}

TEST(KafkaPropertiesTest, AreAllKnownToTheLibrary) {
  EXPECT_TRUE(KafkaProducer::Create(*KafkaPropertiesFor(Options()), "t").ok());
}

TEST(KafkaPropertiesTest, LetsTheUserSayHowABrokerIsReached) {
  KafkaOptions options = Options();
  options.properties = {{"security.protocol", "plaintext"},
                        {"sasl.mechanism", "PLAIN"},
                        {"compression.codec", "none"}};
  EXPECT_EQ(KafkaPropertiesFor(options)->back(),
            std::make_pair(std::string("compression.codec"), std::string("none")));
}

TEST(KafkaPropertiesTest, RefusesWhatWouldBreakAPromise) {
  for (const char* name : {"enable.idempotence", "acks", "request.required.acks", "retries",
                           "message.timeout.ms", "partitioner", "max.in.flight", "dr_cb",
                           "transactional.id", "bootstrap.servers", "", "plugin.library.paths"}) {
    KafkaOptions options = Options();
    options.properties = {{name, "1"}};
    EXPECT_EQ(ReasonOf(KafkaPropertiesFor(options).status()), ErrorReason::kConfigurationInvalid)
        << name;
  }
}

TEST(KafkaPropertiesTest, NeedsABrokerAndATopic) {
  EXPECT_FALSE(KafkaPropertiesFor(KafkaOptions()).ok());
  KafkaOptions options = Options();
  options.topic = "";
  EXPECT_FALSE(KafkaPropertiesFor(options).ok());
}

TEST(KafkaPropertiesTest, TheLibraryRefusesAValueThatItDoesNotKnow) {
  KafkaOptions options = Options();
  options.properties = {{"compression.codec", "zip"}};
  EXPECT_EQ(ReasonOf(KafkaProducer::Create(*KafkaPropertiesFor(options), "t").status()),
            ErrorReason::kConfigurationInvalid);
}

}  // namespace
}  // namespace nexus::sink
