// What the sink has written, read back from a real server.

#include "sink/nats/nats_broker_reader.h"

#include "gmock/gmock.h"
#include "schema/json/simd_json_reader.h"
#include "sink/read_back.h"
#include "sink/with_nats.h"

namespace nexus::sink {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class NatsBrokerReaderTest : public WithNats {
 protected:
  void Deliver(const NatsOptions& options, uint64_t count) {
    auto sink = OpenWell(options);
    Answers answers;
    for (uint64_t i = 0; i < count; ++i) {
      sink->Deliver(MakeEvent("order-1", i), answers.Next());
    }
    ASSERT_TRUE(answers.WaitFor(count));
    ASSERT_EQ(answers.good(), count);
  }
  std::unique_ptr<NatsBrokerReader> OpenReader(const NatsOptions& options,
                                               bool structured = false) {
    auto reader = NatsBrokerReader::Open(options, structured, json_);
    EXPECT_TRUE(reader.ok()) << reader.status();
    return *std::move(reader);
  }
  schema::SimdJsonReader json_;
};

TEST_F(NatsBrokerReaderTest, GivesWhatWasDelivered) {
  AddStream();
  Deliver(Options(), 3);
  auto reader = OpenReader(Options());
  const std::vector<BrokerPart> parts = PartsOf(*reader);
  EXPECT_EQ(parts, (std::vector<BrokerPart>{{-1, 1, 4}}));
  EXPECT_EQ(reader->Place(), "nexus");
  EXPECT_THAT(ReadBack(*reader, parts),
              ElementsAre("-1/1 order-1@0 1 nil", "-1/2 order-1@1 2 01", "-1/3 order-1@2 3 02"));
  // It took nothing away.
  EXPECT_THAT(Read(3), SizeIs(3));
}

TEST_F(NatsBrokerReaderTest, ReadsEventsThatAreWholeMessages) {
  AddStream();
  NatsOptions options = Options();
  options.format.value_format = route::ValueFormat(route::StructuredValue);
  Deliver(options, 1);
  auto reader = OpenReader(options, true);
  EXPECT_THAT(ReadBack(*reader, PartsOf(*reader)), ElementsAre("-1/1 order-1@0 1 nil"));
}

TEST_F(NatsBrokerReaderTest, ReadsMoreThanTheServerGivesAtOnce) {
  AddStream();
  NatsOptions options = Options();
  options.per_stream_max = 0;
  Deliver(options, 1'280);
  auto reader = OpenReader(Options());
  EXPECT_THAT(ReadBack(*reader, PartsOf(*reader)), SizeIs(1'280));
  auto middle = OpenReader(Options());
  EXPECT_THAT(ReadBack(*middle, {{-1, 101, 103}}),
              ElementsAre(HasSubstr("-1/101 order-1@100 "), HasSubstr("-1/102 ")));
}

TEST_F(NatsBrokerReaderTest, PassesOverWhatTheServerHasRemoved) {
  AddStream();
  Deliver(Options(), 3);
  ASSERT_TRUE(Reader()->PurgeStream("nexus").ok());
  auto reader = OpenReader(Options());
  EXPECT_EQ(PartsOf(*reader), (std::vector<BrokerPart>{{-1, 4, 4}}));
  EXPECT_THAT(ReadBack(*reader, PartsOf(*reader)), IsEmpty());
}

TEST_F(NatsBrokerReaderTest, TellsAStreamThatIsNotThere) {
  const absl::Status status = OpenReader(Options())->Parts(absl::Seconds(30)).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("the stream nexus"));
}

}  // namespace
}  // namespace nexus::sink
