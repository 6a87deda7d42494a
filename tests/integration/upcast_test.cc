// Upcasters of an applied domain, against the real daemon: who reads what, and what is refused.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "integration/daemon_fixture.h"
#include "nexus/admin/v1/domain.grpc.pb.h"
#include "nexus/v1/command.grpc.pb.h"

namespace nexus::integration {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kStoreCode[] = R"js(
export const initial = { left: 0, seen: [] };
export function evolve(state, event) {
  return { left: state.left + event.data.count, seen: [...state.seen, event.type] };
}
export function decide(state, command, ctx) {
  const { item, count } = command.data;
  if (count > 100) return ctx.reject("told", state);
  return { type: "Stocked", data: { item, count } };
}
)js";

constexpr char kDoubling[] =
    "export const upcast = ({ data }) => ({ data: { item: data.what, count: data.pairs * 2 } });";

class UpcastTest : public DaemonFixture {
 protected:
  void SetUp() override { Start(); }
  void Start() {
    StartDaemon();
    domains_ = admin::v1::DomainService::NewStub(daemon_->Channel());
    commands_ = v1::CommandService::NewStub(daemon_->Channel());
  }

  static void Declare(const std::string& kind, const std::string& name, const std::string& spec,
                      admin::v1::ApplyDomainRequest& request) {
    admin::v1::DomainFile& file = *request.add_declarations();
    file.set_path(absl::StrCat(kind, "-", name, ".yaml"));
    file.set_text(absl::StrCat(R"({"apiVersion":"nexus/v1","kind":")", kind,
                               R"(","metadata":{"name":")", name, R"("},"spec":)", spec, "}"));
  }
  static void AddFile(const std::string& path, const std::string& text,
                      admin::v1::ApplyDomainRequest& request) {
    admin::v1::DomainFile& file = *request.add_files();
    file.set_path(path);
    file.set_text(text);
  }
  // An aggregate that stocks items, and Paired, as it was written down before.
  static admin::v1::ApplyDomainRequest Store(const std::string& upcaster = "") {
    admin::v1::ApplyDomainRequest request;
    request.set_name("store");
    const std::string schema = R"({"definition":{"type":"object","required":["item","count"],
        "properties":{"item":{"type":"string"},"count":{"type":"integer"}}}})";
    Declare("Schema", "Stock", schema, request);
    Declare("Schema", "Stocked", schema, request);
    Declare("Schema", "Paired", R"({"definition":{"type":"object"}})", request);
    Declare("Aggregate", "item",
            R"({"script":"item.js","id":"/item","commands":["Stock"],"events":["Stocked"]})",
            request);
    AddFile("item.js", kStoreCode, request);
    if (upcaster.empty()) return request;
    Declare("Upcaster", "paired",
            R"({"script":"paired.js","type":"Paired","from":1,"to_type":"Stocked"})", request);
    AddFile("paired.js", upcaster, request);
    return request;
  }
  grpc::Status Apply(const admin::v1::ApplyDomainRequest& request,
                     admin::v1::ApplyDomainResponse* response = nullptr) {
    admin::v1::ApplyDomainResponse ignored;
    return domains_->ApplyDomain(Context().get(), request, response ? response : &ignored);
  }
  void MustApply(const admin::v1::ApplyDomainRequest& request) {
    const grpc::Status applied = Apply(request);
    ASSERT_TRUE(applied.ok()) << applied.error_message();
  }
  void MustPair(const std::string& item, const std::string& pairs) {
    const grpc::Status stored = Append(OneEvent(
        "item-" + item, "Paired", absl::StrCat(R"({"what":")", item, R"(","pairs":)", pairs, "}")));
    ASSERT_TRUE(stored.ok()) << stored.error_message();
  }
  grpc::Status Stock(const std::string& item, int count) {
    v1::ExecuteRequest request;
    request.mutable_command()->set_type("Stock");
    request.mutable_command()->set_data(
        absl::StrCat(R"({"item":")", item, R"(","count":)", count, "}"));
    v1::ExecuteResponse ignored;
    return commands_->Execute(Context().get(), request, &ignored);
  }
  // The state of the aggregate, as its code tells it in a rejection.
  std::string StateOf(const std::string& item) {
    const grpc::Status told = Stock(item, 101);
    const auto info = DetailOf<google::rpc::ErrorInfo>(told);
    const auto found = info.metadata().find("details");
    return found == info.metadata().end() ? told.error_message() : found->second;
  }
  std::vector<v1::Event> ReadLatest(const std::string& stream) {
    v1::ReadRequest request;
    request.set_stream(stream);
    request.mutable_as_version()->set_latest(true);
    std::vector<v1::Event> events;
    Read(request, &events);
    return events;
  }

  std::unique_ptr<admin::v1::DomainService::Stub> domains_;
  std::unique_ptr<v1::CommandService::Stub> commands_;
};

TEST_F(UpcastTest, ReadersOfTheLatestGetTheSuccessor) {
  MustApply(Store());
  MustPair("a", "2");
  EXPECT_EQ(ReadLatest("item-a")[0].type(), "Paired");
  MustApply(Store(kDoubling));

  const std::vector<v1::Event> events = ReadLatest("item-a");
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].type(), "Stocked");
  EXPECT_EQ(events[0].data(), R"({"item":"a","count":4})");
  EXPECT_EQ(events[0].data_version(), 1u);
  EXPECT_EQ(events[0].schema_version(), 1u);
  EXPECT_EQ(events[0].metadata().at("$stored_type"), "Paired");
  // What is stored has not changed, for who asks for it.
  const std::vector<v1::Event> stored = ReadStream("item-a");
  EXPECT_EQ(stored[0].type(), "Paired");
  EXPECT_EQ(stored[0].metadata().count("$stored_type"), 0u);

  v1::SubscribeRequest request;
  request.set_stream("item-a");
  request.set_to(0);
  request.mutable_as_version()->set_latest(true);
  const auto context = Context();
  const auto reader = events_->Subscribe(context.get(), request);
  std::vector<std::string> types;
  for (v1::SubscribeResponse message; reader->Read(&message);) {
    for (const v1::Event& event : message.batch().events()) types.push_back(event.type());
  }
  EXPECT_THAT(types, ElementsAre("Stocked"));
}

TEST_F(UpcastTest, AnAggregateFoldsTheSuccessor) {
  MustApply(Store());
  MustPair("a", "2");
  MustApply(Store(kDoubling));
  ASSERT_TRUE(Stock("a", 3).ok());
  EXPECT_EQ(StateOf("a"), R"({"left":7,"seen":["Stocked","Stocked"]})");
  // A state in memory is made again with other upcasters, and after a start.
  MustApply(Store(
      "export const upcast = ({ data }) => ({ data: { item: data.what, count: data.pairs } });"));
  EXPECT_EQ(StateOf("a"), R"({"left":5,"seen":["Stocked","Stocked"]})");
  const auto exit = daemon_->Terminate();
  ASSERT_TRUE(exit.ok() && exit->Succeeded()) << daemon_->Output();
  Start();
  EXPECT_EQ(StateOf("a"), R"({"left":5,"seen":["Stocked","Stocked"]})");
  EXPECT_EQ(ReadLatest("item-a")[0].data(), R"({"item":"a","count":2})");
}

TEST_F(UpcastTest, WhatIsStoredMustComeOutValid) {
  MustApply(Store());
  MustPair("a", "2");
  MustPair("b", "0.25");
  MustPair("c", "1");
  for (const bool validate_only : {true, false}) {
    admin::v1::ApplyDomainRequest request = Store(kDoubling);
    request.set_validate_only(validate_only);
    const grpc::Status refused = Apply(request);
    EXPECT_EQ(ReasonOf(refused), "DOMAIN_CODE_FAILED");
    EXPECT_THAT(refused.error_message(), HasSubstr("1 of 3 events of the type Paired"));
    const auto fields = DetailOf<google::rpc::BadRequest>(refused);
    ASSERT_EQ(fields.field_violations_size(), 1);
    EXPECT_EQ(fields.field_violations(0).field(), "Upcaster-paired.yaml");
    EXPECT_THAT(fields.field_violations(0).description(), HasSubstr("revision 0 of item-b"));
    EXPECT_THAT(fields.field_violations(0).description(), HasSubstr("/count"));
  }
  EXPECT_THAT(ReadStream("$domains"), SizeIs(1));
  // A sample of two is the oldest and the newest.
  admin::v1::ApplyDomainRequest sampled = Store(kDoubling);
  sampled.set_upcaster_sample(2);
  admin::v1::ApplyDomainResponse response;
  sampled.set_validate_only(true);
  ASSERT_TRUE(Apply(sampled, &response).ok());
  const auto change = std::find_if(response.changes().begin(), response.changes().end(),
                                   [](const auto& one) { return one.kind() == "Upcaster"; });
  ASSERT_NE(change, response.changes().end());
  EXPECT_EQ(change->detail(), "2 stored events come out valid");
  sampled.set_upcaster_sample_all(true);
  EXPECT_EQ(ReasonOf(Apply(sampled)), "DOMAIN_CODE_FAILED");
}

TEST_F(UpcastTest, AFailureIsAGapForReadersAndAnErrorForCommands) {
  MustApply(Store(kDoubling));
  MustPair("a", "1");
  MustPair("a", R"("many")");
  MustPair("a", "2");
  const std::vector<v1::Event> events = ReadLatest("item-a");
  ASSERT_THAT(events, SizeIs(3));
  EXPECT_EQ(events[0].type(), "Stocked");
  EXPECT_EQ(events[1].type(), "Paired");
  EXPECT_EQ(events[1].data(), R"({"what":"a","pairs":"many"})");
  EXPECT_EQ(events[1].evolution_gap().wanted_version(), 1u);
  EXPECT_THAT(events[1].evolution_gap().reason(), HasSubstr("the upcaster paired"));
  EXPECT_EQ(events[2].type(), "Stocked");
  const grpc::Status refused = Stock("a", 1);
  EXPECT_EQ(ReasonOf(refused), "DOMAIN_CODE_FAILED");
  EXPECT_THAT(refused.error_message(), HasSubstr("revision 1 of item-a"));
  EXPECT_TRUE(Stock("b", 1).ok());
  // Mended, it is decided.
  MustApply(
      Store("export const upcast = ({ data }) =>\n"
            "  ({ data: { item: data.what, count: 2 * (Number(data.pairs) || 0) } });"));
  EXPECT_TRUE(Stock("a", 1).ok());
  EXPECT_EQ(StateOf("a"), R"({"left":7,"seen":["Stocked","Stocked","Stocked","Stocked"]})");
}

TEST_F(UpcastTest, CodeThatLoopsStopsNobody) {
  MustApply(Store("export function upcast() { for (;;) {} }"));
  for (int i = 0; i < 20; ++i) MustPair("a", "1");
  const std::vector<v1::Event> events = ReadLatest("item-a");
  ASSERT_THAT(events, SizeIs(20));
  for (const v1::Event& event : events) {
    EXPECT_EQ(event.type(), "Paired");
    EXPECT_NE(event.evolution_gap().reason(), "");
  }
  EXPECT_EQ(ReasonOf(Stock("a", 1)), "DOMAIN_CODE_FAILED");
  EXPECT_TRUE(Stock("b", 1).ok());
  // With events stored it would not have been taken.
  admin::v1::ApplyDomainRequest again = Store("export function upcast() { for (;;) { } }");
  EXPECT_EQ(ReasonOf(Apply(again)), "DOMAIN_CODE_FAILED");
}

TEST_F(UpcastTest, StepsThatLeadNowhereAreRefused) {
  MustApply(Store());
  admin::v1::ApplyDomainRequest missing = Store(kDoubling);
  Declare("Upcaster", "next", R"({"script":"paired.js","type":"Stocked","from":1})", missing);
  EXPECT_EQ(ReasonOf(Apply(missing)), "SCHEMA_NOT_REGISTERED");
  admin::v1::ApplyDomainRequest circle = Store(kDoubling);
  Declare("Schema", "Over", R"({"definition":{}})", circle);
  Declare("Upcaster", "a", R"({"script":"paired.js","type":"Stocked","from":1,"to_type":"Over"})",
          circle);
  // The aggregate decides upon Stocked.
  EXPECT_THAT(Apply(circle).error_message(), HasSubstr("Stocked has the successor Over"));
  Declare("Upcaster", "b", R"({"script":"paired.js","type":"Over","from":1,"to_type":"Paired"})",
          circle);
  EXPECT_THAT(Apply(circle).error_message(), HasSubstr("go in a circle"));
  admin::v1::ApplyDomainRequest twice = Store(kDoubling);
  Declare("Upcaster", "other", R"({"script":"paired.js","type":"Paired","from":1})", twice);
  EXPECT_THAT(Apply(twice).error_message(), HasSubstr("the step from version 1 of Paired"));
  admin::v1::ApplyDomainRequest broken = Store("export const upcaste = 1;");
  EXPECT_THAT(Apply(broken).error_message(), HasSubstr("exports no function upcast"));
  EXPECT_THAT(ReadStream("$domains"), SizeIs(1));
}

TEST_F(UpcastTest, AStepBetweenVersionsComesWithTheVersionsThatItNeeds) {
  admin::v1::ApplyDomainRequest request;
  request.set_name("notes");
  Declare("Schema", "Noted", R"({"file":"noted.json","earlier":["noted.1.json","noted.2.json"]})",
          request);
  AddFile("noted.1.json", R"({"type":"object","properties":{"text":{"type":"string"}}})", request);
  AddFile("noted.2.json",
          R"({"type":"object","properties":{"text":{"type":"string"},"kind":{"default":"note"}}})",
          request);
  AddFile("noted.json",
          R"({"type":"object","properties":{"text":{"type":"string"},"kind":{"default":"note"},)"
          R"("words":{"type":"integer","default":0}}})",
          request);
  Declare("Upcaster", "words", R"({"script":"words.js","type":"Noted","from":2})", request);
  AddFile("words.js",
          "export const upcast = ({ data, version }) =>\n"
          "  ({ data: { ...data, words: data.text.split(' ').length * version } });",
          request);
  MustApply(request);
  EXPECT_THAT(ReadStream("$schemas"), SizeIs(3));

  v1::AppendRequest old = OneEvent("note-1", "Noted", R"({"text":"one two three"})");
  old.mutable_streams(0)->mutable_events(0)->set_schema_version(1);
  ASSERT_TRUE(Append(old).ok());
  const std::vector<v1::Event> events = ReadLatest("note-1");
  EXPECT_EQ(events[0].data(), R"({"text":"one two three","kind":"note","words":6})");
  EXPECT_EQ(events[0].data_version(), 3u);
  EXPECT_EQ(events[0].metadata().count("$stored_type"), 0u);
  // The same again changes nothing; other versions of before are refused.
  admin::v1::ApplyDomainResponse response;
  ASSERT_TRUE(Apply(request, &response).ok());
  EXPECT_EQ(response.position(), 0u);
  request.mutable_files(0)->set_text(R"({"type":"object"})");
  EXPECT_THAT(Apply(request).error_message(),
              HasSubstr("version 1 of Noted is registered with another definition"));
}

TEST_F(UpcastTest, ARollbackTakesTheStepBack) {
  MustApply(Store());
  MustPair("a", "2");
  MustApply(Store(kDoubling));
  ASSERT_EQ(ReadLatest("item-a")[0].type(), "Stocked");
  admin::v1::RollbackDomainRequest back;
  back.set_name("store");
  back.set_version(1);
  admin::v1::ApplyDomainResponse ignored;
  ASSERT_TRUE(domains_->RollbackDomain(Context().get(), back, &ignored).ok());
  EXPECT_EQ(ReadLatest("item-a")[0].type(), "Paired");
}

}  // namespace
}  // namespace nexus::integration
