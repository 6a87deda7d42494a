#include "schema/schema_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "concurrency/worker_pool.h"
#include "digest/sha256.h"
#include "fake/manual_clock.h"
#include "fake/manual_executor.h"
#include "nexus/core/errors.h"
#include "nexus/core/system_clock.h"
#include "schema/faulty_log.h"
#include "schema/json/compat/json_schema_comparer.h"
#include "schema/json/json_schema_validator.h"
#include "schema/json/simd_json_reader.h"
#include "schema/registry_server.h"
#include "schema/schema_events.h"

namespace nexus::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kOrder[] = R"({"type":"object","required":["id"]})";

TEST(SchemaRegistry, GivesVersionsFromOneWithinASubject) {
  fake::FaultyLog log;
  Server server(log);
  EXPECT_EQ((*server.Register("a", kOrder))->version, 1u);
  EXPECT_EQ((*server.Register("a", R"({"type":"object"})"))->version, 2u);
  EXPECT_EQ((*server.Register("b", kOrder))->version, 1u);
  EXPECT_EQ(server.registry.GovernanceEpoch(), 3u);
}

TEST(SchemaRegistry, RemembersWhoWhenAndWhy) {
  fake::FaultyLog log;
  Server server(log);
  server.clock.SetNow(Timestamp{1234});
  const SchemaRecordPtr record = *server.Register("a", kOrder, "first \"try\"\n");
  EXPECT_EQ(record->registered_by, "alice");
  EXPECT_EQ(record->registered, Timestamp{1234});
  EXPECT_EQ(record->comment, "first \"try\"\n");
  EXPECT_EQ(record->definition, kOrder);
  EXPECT_EQ(record->digest, Sha256Hex(R"({"required":["id"],"type":"object"})"));
}

TEST(SchemaRegistry, FindsTheLatestAndEachVersion) {
  fake::FaultyLog log;
  Server server(log);
  const SchemaRecordPtr first = *server.Register("a", kOrder);
  const SchemaRecordPtr second = *server.Register("a", R"({"type":"object"})");
  EXPECT_EQ(server.registry.Find("a", 0), second);
  EXPECT_EQ(server.registry.Find("a", 1), first);
  EXPECT_EQ(server.registry.Find("a", 2), second);
  EXPECT_EQ(server.registry.Find("a", 3), nullptr);
  EXPECT_EQ(server.registry.Find("nobody", 0), nullptr);
}

TEST(SchemaRegistry, TheRecordValidates) {
  fake::FaultyLog log;
  Server server(log);
  const SchemaRecordPtr record = *server.Register("a", kOrder);
  EXPECT_TRUE(record->compiled->Validate(R"({"id":1})", 10)->empty());
  EXPECT_EQ(record->compiled->Validate("{}", 10)->size(), 1u);
}

TEST(SchemaRegistry, TheSameContentIsTheVersionThatHasIt) {
  fake::FaultyLog log;
  Server server(log);
  const SchemaRecordPtr first = *server.Register("a", R"({"type":"object","minProperties":1})");
  server.Register("a", R"({"type":"object"})").IgnoreError();
  EXPECT_EQ(*server.Register("a", "{ \"minProperties\": 1.0,\n \"type\": \"object\" }"), first);
  EXPECT_EQ(log.accepted().size(), 2u);
}

TEST(SchemaRegistry, WritesEventsAsDocumented) {
  fake::FaultyLog log;
  Server server(log);
  server.Register("a", "{\"title\":\"x\"}", "why").IgnoreError();
  server.Update("order", SchemaMode::kOptional).IgnoreError();
  const std::vector<Commit> commits = log.accepted();
  ASSERT_EQ(commits.size(), 2u);
  EXPECT_EQ(commits[0].streams[0].expected, ExpectedRevision::NoStream());
  EXPECT_EQ(commits[1].streams[0].expected, ExpectedRevision::Exactly(0));
  EXPECT_EQ(commits[0].stamp.decision_id, "d-1");
  const Event& event = commits[0].events[0].event;
  EXPECT_EQ(event.type, "$schema-registered");
  EXPECT_EQ(event.content_type, "application/json");
  EXPECT_EQ(event.schema_version, 0u);
  EXPECT_EQ(event.data,
            absl::StrCat(R"({"subject":"a","version":1,"id":1,"format":"JSON_SCHEMA","digest":")",
                         Sha256Hex("{\"title\":\"x\"}"),
                         R"(","comment":"why","definition":"{\"title\":\"x\"}"})"));
  EXPECT_EQ(commits[1].events[0].event.data, R"({"category":"order","schema_mode":"OPTIONAL"})");
}

TEST(SchemaRegistry, IsTheSameAfterARestart) {
  fake::FaultyLog log;
  Server before(log);
  for (int i = 0; i < 7; ++i) {
    before.Register("a", absl::StrCat(R"({"maximum":)", i, "}"), "c").IgnoreError();
  }
  before.Update("order", SchemaMode::kOptional).IgnoreError();
  Server after(log);
  ASSERT_TRUE(after.registry.Load().ok());
  const SchemaRecordPtr record = after.registry.Find("a", 5);
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->definition, R"({"maximum":4})");
  EXPECT_EQ(record->digest, before.registry.Find("a", 5)->digest);
  EXPECT_EQ(record->registered_by, "alice");
  EXPECT_EQ(record->comment, "c");
  EXPECT_EQ(record->compiled->Validate("5", 10)->size(), 1u);
  EXPECT_FALSE(after.registry.SchemaRequired("order"));
  EXPECT_EQ(after.registry.GovernanceEpoch(), 8u);
  EXPECT_EQ((*after.Register("a", R"({"maximum":3})"))->version, 4u);
}

TEST(SchemaRegistry, AnEmptyLogIsAnEmptyRegistry) {
  fake::FaultyLog log;
  Server server(log);
  EXPECT_TRUE(server.registry.Load().ok());
  EXPECT_EQ(server.registry.GovernanceEpoch(), 0u);
  EXPECT_TRUE(server.registry.catalog().List({}).end);
}

TEST(SchemaRegistry, AWriterThatIsLateReadsAndDecidesAgain) {
  fake::FaultyLog log;
  Server one(log);
  Server two(log);
  const SchemaRecordPtr first = *one.Register("a", kOrder);
  EXPECT_EQ((*two.Register("a", R"({"type":"object"})"))->version, 2u);
  EXPECT_EQ(log.conflicts(), 1u);
  EXPECT_EQ(two.registry.Find("a", 1)->digest, first->digest);
  // What the other one wrote in the meantime is not written twice.
  EXPECT_EQ((*one.Register("a", R"({"type":"object"})"))->version, 2u);
  EXPECT_EQ(log.accepted().size(), 2u);
}

TEST(SchemaRegistry, GivesUpAgainstAWriterThatIsAlwaysFirst) {
  fake::FaultyLog log;
  SchemaRegistryOptions options;
  options.stream.attempts_max = 1;
  Server server(log, options);
  log.AnswerNext(MakeError(ErrorReason::kRevisionConflict, "late"), false);
  EXPECT_EQ(ReasonFor(server, "a", kOrder), ErrorReason::kOverloaded);
  EXPECT_TRUE(server.Register("a", kOrder).ok());
}

TEST(SchemaRegistry, AfterAnUnknownOutcomeItLooksBeforeItWritesAgain) {
  fake::FaultyLog log;
  Server server(log);
  log.AnswerNext(MakeError(ErrorReason::kOutcomeUnknown, "the disk went away"), true);
  EXPECT_EQ(ReasonFor(server, "a", kOrder), ErrorReason::kOutcomeUnknown);
  EXPECT_EQ((*server.Register("a", kOrder))->version, 1u);
  EXPECT_EQ(log.accepted().size(), 1u);
}

TEST(SchemaRegistry, AnErrorOfTheLogIsTheAnswer) {
  fake::FaultyLog log;
  Server server(log);
  log.AnswerNext(MakeError(ErrorReason::kDiskFull, "no room"), false);
  EXPECT_EQ(ReasonFor(server, "a", kOrder), ErrorReason::kDiskFull);
  EXPECT_EQ(server.registry.Find("a", 0), nullptr);
  EXPECT_EQ(server.registry.GovernanceEpoch(), 0u);
}

TEST(SchemaRegistry, AFailedReadDuringARetryIsTheAnswerAndNothingIsLost) {
  fake::FaultyLog log;
  Server one(log);
  Server two(log);
  one.Register("a", kOrder).IgnoreError();
  log.FailNextRead(MakeError(ErrorReason::kDataLoss, "unreadable"));
  EXPECT_EQ(ReasonFor(two, "a", kOrder), ErrorReason::kDataLoss);
  EXPECT_EQ((*two.Register("a", kOrder))->version, 1u);
}

TEST(SchemaRegistry, RefusesWhatIsNoSubject) {
  fake::FaultyLog log;
  Server server(log);
  EXPECT_EQ(ReasonFor(server, "", kOrder), ErrorReason::kMalformedName);
  EXPECT_EQ(ReasonFor(server, std::string(256, 'a'), kOrder), ErrorReason::kMalformedName);
  EXPECT_EQ(ReasonFor(server, "a\tb", kOrder), ErrorReason::kMalformedName);
  EXPECT_EQ(ReasonFor(server, std::string("a\0b", 3), kOrder), ErrorReason::kMalformedName);
  EXPECT_EQ(ReasonFor(server, "a\xff", kOrder), ErrorReason::kInvalidUtf8);
  EXPECT_EQ(ReasonFor(server, "$mine", kOrder), ErrorReason::kReservedName);
  EXPECT_TRUE(server.Register(std::string(255, 'a'), kOrder).ok());
}

TEST(SchemaRegistry, RefusesWhatIsNoSchema) {
  fake::FaultyLog log;
  Server server(log);
  EXPECT_EQ(ReasonFor(server, "a", ""), ErrorReason::kSchemaInvalid);
  EXPECT_EQ(ReasonFor(server, "a", "{"), ErrorReason::kSchemaInvalid);
  EXPECT_EQ(ReasonFor(server, "a", R"({"type":12})"), ErrorReason::kSchemaInvalid);
  EXPECT_TRUE(log.accepted().empty());
}

TEST(SchemaRegistry, RefusesWhatIsTooLarge) {
  fake::FaultyLog log;
  Limits limits;
  limits.schema_bytes_max = 100;
  Server server(log, {}, limits);
  const std::string filler(100, ' ');
  EXPECT_EQ(ReasonFor(server, "a", "true" + filler), ErrorReason::kLimitExceeded);
  EXPECT_TRUE(server.Register("a", "true" + filler.substr(4)).ok());
  EXPECT_EQ(ReasonOf(server.Register("b", "true", std::string(4'097, 'x')).status()),
            ErrorReason::kLimitExceeded);
  EXPECT_EQ(ReasonOf(server.Register("b", "true", "\xc0").status()), ErrorReason::kInvalidUtf8);
}

TEST(SchemaRegistry, RefusesMoreThanMayWait) {
  fake::FaultyLog log;
  SchemaRegistryOptions options;
  options.stream.changes_max = 2;
  Server server(log, options);
  int overloaded = 0;
  for (int i = 0; i < 5; ++i) {
    server.registry.UpdateCategory({absl::StrCat("c", i), SchemaMode::kOptional}, {},
                                   [&](absl::StatusOr<CategorySettings> answer) {
                                     overloaded +=
                                         ReasonOf(answer.status()) == ErrorReason::kOverloaded;
                                   });
  }
  server.executor.RunAll();
  EXPECT_EQ(overloaded, 3);
  EXPECT_EQ(server.registry.GovernanceEpoch(), 2u);
}

TEST(SchemaRegistry, ListsBySubjectThenVersionInPages) {
  fake::FaultyLog log;
  Server server(log);
  for (const char* subject : {"b", "a", "c"}) {
    for (int i = 0; i < 3; ++i) {
      server.Register(subject, absl::StrCat(R"({"maximum":)", i, "}")).IgnoreError();
    }
  }
  std::vector<std::string> seen;
  SchemaQuery query;
  query.limit = 2;
  SchemaPage page;
  do {
    page = server.registry.catalog().List(query);
    for (const SchemaRecordPtr& record : page.records) {
      seen.push_back(absl::StrCat(record->subject, record->version));
    }
    query.after_subject = page.records.back()->subject;
    query.after_version = page.records.back()->version;
  } while (!page.end);
  EXPECT_THAT(seen, ElementsAre("a1", "a2", "a3", "b1", "b2", "b3", "c1", "c2", "c3"));
}

TEST(SchemaRegistry, ListsTheLatestOrOneSubject) {
  fake::FaultyLog log;
  Server server(log);
  for (const char* definition : {R"({"maximum":1})", R"({"maximum":2})"}) {
    for (const char* subject : {"a", "b", "c"}) server.Register(subject, definition).IgnoreError();
  }
  SchemaQuery latest;
  latest.latest_only = true;
  latest.after_subject = "a";
  latest.after_version = 2;
  const SchemaPage after_a = server.registry.catalog().List(latest);
  ASSERT_EQ(after_a.records.size(), 2u);
  EXPECT_EQ(after_a.records[0]->subject, "b");
  EXPECT_EQ(after_a.records[0]->version, 2u);
  SchemaQuery one;
  one.subject = "b";
  EXPECT_EQ(server.registry.catalog().List(one).records.size(), 2u);
  one.subject = "bb";
  EXPECT_TRUE(server.registry.catalog().List(one).records.empty());
}

TEST(CategorySettings, ACategoryNeedsSchemasUntilToldOtherwise) {
  fake::FaultyLog log;
  Server server(log);
  EXPECT_TRUE(server.registry.SchemaRequired("order"));
  EXPECT_EQ(server.registry.catalog().GetCategory("order").schema_mode, SchemaMode::kRequired);
  ASSERT_TRUE(server.Update("order", SchemaMode::kOptional).ok());
  EXPECT_FALSE(server.registry.SchemaRequired("order"));
  EXPECT_TRUE(server.registry.SchemaRequired("payment"));
  ASSERT_TRUE(server.Update("order", SchemaMode::kRequired).ok());
  EXPECT_TRUE(server.registry.SchemaRequired("order"));
}

TEST(CategorySettings, TheSameSettingsAgainWriteNothing) {
  fake::FaultyLog log;
  Server server(log);
  server.Update("order", SchemaMode::kRequired).IgnoreError();
  EXPECT_TRUE(log.accepted().empty());
}

TEST(CategorySettings, TheDefaultModeIsAnOption) {
  fake::FaultyLog log;
  SchemaRegistryOptions options;
  options.default_mode = SchemaMode::kOptional;
  Server server(log, options);
  EXPECT_FALSE(server.registry.SchemaRequired("order"));
}

TEST(CategorySettings, RefusesWhatIsNoCategory) {
  fake::FaultyLog log;
  Server server(log);
  const auto reason = [&](const std::string& name) {
    return ReasonOf(server.Update(name, SchemaMode::kOptional).status());
  };
  EXPECT_EQ(reason(""), ErrorReason::kMalformedName);
  EXPECT_EQ(reason("order-1"), ErrorReason::kMalformedName);
  EXPECT_EQ(reason("$schemas"), ErrorReason::kReservedName);
}

struct DamagedCase {
  const char* name;
  std::string type;
  std::string data;
  ErrorReason reason;
  const char* message;
};
void PrintTo(const DamagedCase& c, std::ostream* os) { *os << c.name; }

class DamagedStream : public ::testing::TestWithParam<DamagedCase> {};

TEST_P(DamagedStream, IsAnErrorThatNamesIt) {
  fake::FaultyLog log;
  log.Store(GetParam().type, GetParam().data);
  Server server(log);
  const absl::Status status = server.registry.Load();
  EXPECT_EQ(ReasonOf(status), GetParam().reason) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    SchemaRegistry, DamagedStream,
    ::testing::Values(
        DamagedCase{
            "NoLongerCompiles", kSchemaRegisteredType,
            EncodeSchemaRegistered(StoredSchema("order", 1, R"({"type":12})", Sha256Hex("?"))),
            ErrorReason::kSchemaInvalid,
            "the stored schema order version 1 ($schemas revision 0) no longer compiles"},
        DamagedCase{"WrongDigest", kSchemaRegisteredType,
                    EncodeSchemaRegistered(StoredSchema("order", 1, "true", Sha256Hex("false"))),
                    ErrorReason::kDataLoss,
                    "order version 1 ($schemas revision 0) does not match its digest"},
        DamagedCase{"VersionGap", kSchemaRegisteredType,
                    EncodeSchemaRegistered(StoredSchema("order", 2, "true", Sha256Hex("true"))),
                    ErrorReason::kDataLoss, "does not follow"},
        DamagedCase{"UnknownType", "$schema-retired", "{}", ErrorReason::kUnsupportedFormat,
                    "$schema-retired"},
        DamagedCase{"NoDigest", kSchemaRegisteredType,
                    EncodeSchemaRegistered(StoredSchema("order", 1, "true", "b5be")),
                    ErrorReason::kDataLoss, "has a digest that is none"},
        DamagedCase{"NotJson", kSchemaRegisteredType, "{", ErrorReason::kDataLoss, "unreadable"},
        DamagedCase{"NotAnObject", kSchemaRegisteredType, "[]", ErrorReason::kDataLoss,
                    "unreadable"},
        DamagedCase{"NoSubject", kSchemaRegisteredType, "{}", ErrorReason::kDataLoss,
                    "has no subject"},
        DamagedCase{"NoVersion", kSchemaRegisteredType,
                    R"({"subject":"a","digest":")" + Sha256Hex("true") +
                        R"(","comment":"","definition":"true",)"
                        R"("format":"JSON_SCHEMA","version":"1"})",
                    ErrorReason::kDataLoss, "has no version"},
        DamagedCase{"UnknownFormat", kSchemaRegisteredType,
                    R"({"subject":"a","digest":")" + Sha256Hex("true") +
                        R"(","comment":"","definition":"true",)"
                        R"("format":"XSD","version":1})",
                    ErrorReason::kUnsupportedFormat, "XSD"},
        DamagedCase{"UnknownMode", kCategoryUpdatedType,
                    R"({"category":"a","schema_mode":"SOMETIMES"})",
                    ErrorReason::kUnsupportedFormat, "SOMETIMES"},
        DamagedCase{"UnknownCompatibility", kCompatibilityUpdatedType,
                    R"({"subject":"","comment":"","mode":"SIDEWAYS","policy":"NEXUS"})",
                    ErrorReason::kUnsupportedFormat, "SIDEWAYS"}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(SchemaRegistry, PassesOverMembersOfANewerServer) {
  fake::FaultyLog log;
  log.Store(kCategoryUpdatedType, R"({"category":"a","schema_mode":"OPTIONAL","new":[1]})");
  Server server(log);
  ASSERT_TRUE(server.registry.Load().ok());
  EXPECT_FALSE(server.registry.SchemaRequired("a"));
}

// Two servers on one log, several clients each, all at once.
class ConcurrentRegistration : public ::testing::Test {
 protected:
  struct Node {
    explicit Node(fake::FaultyLog& log)
        : pool({"test", 2, 4'096}, clock),
          registry({log, log, languages, json, pool, clock, log.ids()}, Limits{}) {}
    ~Node() { pool.Stop(); }

    SystemClock clock;
    JsonSchemaValidator validator;
    JsonSchemaComparer comparer;
    const SchemaLanguages languages =
        SchemaLanguages().Add(SchemaFormat::kJsonSchema, validator, comparer);
    SimdJsonReader json;
    concurrency::WorkerPool pool;
    SchemaRegistry registry;
  };

  // `definition` makes the i-th text. Gives the versions that came back.
  template <typename Definition>
  std::vector<uint32_t> RegisterAtOnce(int count, Definition definition) {
    std::vector<uint32_t> versions(static_cast<size_t>(count));
    absl::BlockingCounter left(count);
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) {
      threads.emplace_back([&, i] {
        Node& node = i % 2 == 0 ? one_ : two_;
        node.registry.Register({"order", definition(i), "", {}},
                               [&, i](absl::StatusOr<SchemaRecordPtr> answer) {
                                 if (answer.ok()) versions[i] = (*answer)->version;
                                 left.DecrementCount();
                               });
      });
    }
    for (std::thread& thread : threads) thread.join();
    left.Wait();
    return versions;
  }

  fake::FaultyLog log_;
  Node one_{log_};
  Node two_{log_};
};

TEST_F(ConcurrentRegistration, TheSameContentGetsOneVersion) {
  const auto versions = RegisterAtOnce(32, [](int) { return std::string(kOrder); });
  EXPECT_THAT(versions, ::testing::Each(1u));
  EXPECT_EQ(log_.accepted().size(), 1u);
}

TEST_F(ConcurrentRegistration, DifferentContentGetsDenseVersions) {
  auto versions = RegisterAtOnce(32, [](int i) { return absl::StrCat(R"({"title":")", i, "\"}"); });
  std::sort(versions.begin(), versions.end());
  for (uint32_t i = 0; i < 32; ++i) EXPECT_EQ(versions[i], i + 1);
  EXPECT_EQ(log_.accepted().size(), 32u);
}

}  // namespace
}  // namespace nexus::schema
