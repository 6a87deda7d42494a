// A domain that is applied, and its commands, against the real daemon.

#include "absl/strings/str_cat.h"
#include "http/raw_connection.h"
#include "integration/daemon_fixture.h"
#include "nexus/admin/v1/domain.grpc.pb.h"
#include "nexus/v1/command.grpc.pb.h"

namespace nexus::integration {
namespace {

constexpr char kScript[] = R"js(
export const initial = { left: 0 };
export function evolve(state, event) {
  const sign = event.type === "Stocked" ? 1 : -1;
  return { left: state.left + sign * event.data.count };
}
export function decide(state, command, { reject }) {
  const { count, item } = command.data;
  if (command.type === "Stock") return { type: "Stocked", data: { item, count } };
  if (count > state.left) return reject("out of stock", { left: state.left });
  return { type: "Taken", data: { item, count } };
}
)js";

std::string Declaration(absl::string_view kind, absl::string_view name, absl::string_view spec) {
  return absl::StrCat(R"({"apiVersion":"nexus/v1","kind":")", kind, R"(","metadata":{"name":")",
                      name, R"("},"spec":)", spec, "}");
}

class DomainsTest : public DaemonFixture {
 protected:
  void SetUp() override { Start(); }
  void Start() {
    StartDaemon();
    domains_ = admin::v1::DomainService::NewStub(daemon_->Channel());
    commands_ = v1::CommandService::NewStub(daemon_->Channel());
  }

  static admin::v1::ApplyDomainRequest Store(const std::string& script = kScript) {
    admin::v1::ApplyDomainRequest request;
    request.set_name("store");
    const auto declare = [&](const char* kind, const char* name, absl::string_view spec) {
      admin::v1::DomainFile& file = *request.add_declarations();
      file.set_path(absl::StrCat(kind, "-", name, ".yaml"));
      file.set_text(Declaration(kind, name, spec));
    };
    constexpr char kSchema[] = R"({"definition":{"type":"object",
        "required":["item","count"],"additionalProperties":false,
        "properties":{"item":{"type":"string"},"count":{"type":"integer","minimum":1}}}})";
    for (const char* type : {"Stock", "Take", "Stocked", "Taken"}) declare("Schema", type, kSchema);
    declare("Aggregate", "item", R"({"script":"item.js","id":"/item",
        "commands":["Stock","Take"],"events":["Stocked","Taken"]})");
    declare("Route", "store-files", R"({"match":{"categories":["item"]},"sink":{"kind":"jsonl"}})");
    admin::v1::DomainFile& code = *request.add_files();
    code.set_path("item.js");
    code.set_text(script);
    return request;
  }
  grpc::Status Apply(const admin::v1::ApplyDomainRequest& request,
                     admin::v1::ApplyDomainResponse* response = nullptr) {
    admin::v1::ApplyDomainResponse ignored;
    return domains_->ApplyDomain(Context().get(), request, response ? response : &ignored);
  }
  grpc::Status Execute(const std::string& type, const std::string& item, int count,
                       v1::ExecuteResponse* response = nullptr, const std::string& id = "") {
    v1::ExecuteRequest request;
    request.mutable_command()->set_type(type);
    request.mutable_command()->set_command_id(id);
    request.mutable_command()->set_data(
        absl::StrCat(R"({"item":")", item, R"(","count":)", count, "}"));
    v1::ExecuteResponse ignored;
    return commands_->Execute(Context().get(), request, response ? response : &ignored);
  }
  std::string Post(const std::string& type, const std::string& headers, const std::string& body) {
    http::RawConnection connection(daemon_->endpoints().http);
    connection.Send(absl::StrCat("POST /api/commands/", type,
                                 " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n",
                                 "Content-Type: application/json\r\n", headers,
                                 "Content-Length: ", body.size(), "\r\n\r\n", body));
    return connection.ReadAll();
  }
  uint64_t Head() {
    v1::ReadRequest request;
    request.set_limit(1);
    request.set_direction(v1::READ_DIRECTION_BACKWARDS);
    const auto context = Context();
    const auto reader = events_->Read(context.get(), request);
    v1::ReadResponse response;
    uint64_t head = 0;
    while (reader->Read(&response)) head = response.head();
    return head;
  }

  std::unique_ptr<admin::v1::DomainService::Stub> domains_;
  std::unique_ptr<v1::CommandService::Stub> commands_;
};

TEST_F(DomainsTest, AreAppliedInOneCommitAndDecideCommands) {
  admin::v1::ApplyDomainResponse applied;
  const grpc::Status status = Apply(Store(), &applied);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(applied.domain().version(), 1u);
  EXPECT_EQ(applied.changes_size(), 6);
  const auto domain_events = ReadStream("$domains");
  const auto schema_events = ReadStream("$schemas");
  const auto route_events = ReadStream("$routes");
  ASSERT_EQ(domain_events.size(), 1u);
  ASSERT_EQ(schema_events.size(), 4u);
  ASSERT_EQ(route_events.size(), 1u);
  EXPECT_EQ(domain_events[0].commit_id(), schema_events[0].commit_id());
  EXPECT_EQ(domain_events[0].commit_id(), route_events[0].commit_id());

  v1::ExecuteResponse receipt;
  ASSERT_TRUE(Execute("Stock", "nut", 5, &receipt).ok());
  EXPECT_EQ(receipt.stream(), "item-nut");
  EXPECT_EQ(receipt.events(0).type(), "Stocked");
  EXPECT_EQ(ReasonOf(Execute("Take", "nut", 6)), "COMMAND_REJECTED");
  EXPECT_TRUE(Execute("Take", "nut", 5).ok());
  EXPECT_EQ(ReasonOf(Execute("Take", "nut", 0)), "SCHEMA_VIOLATION");
  EXPECT_EQ(ReasonOf(Execute("Lose", "nut", 1)), "COMMAND_NOT_DECLARED");
  EXPECT_EQ(ReadStream("item-nut").size(), 2u);
}

TEST_F(DomainsTest, AreThereAgainAfterARestart) {
  ASSERT_TRUE(Apply(Store()).ok());
  constexpr char kId[] = "018f0000-0000-7000-8000-0000000000aa";
  ASSERT_TRUE(Execute("Stock", "nut", 5, nullptr, kId).ok());
  const auto exit = daemon_->Terminate();
  ASSERT_TRUE(exit.ok() && exit->Succeeded());
  Start();
  v1::ExecuteResponse receipt;
  ASSERT_TRUE(Execute("Stock", "nut", 5, &receipt, kId).ok());
  EXPECT_TRUE(receipt.repeated_command());
  EXPECT_EQ(ReasonOf(Execute("Take", "nut", 6)), "COMMAND_REJECTED");
  EXPECT_TRUE(Execute("Take", "nut", 5).ok());
}

TEST_F(DomainsTest, LeaveNothingIfAnyPartIsWrong) {
  const uint64_t before = Head();
  admin::v1::ApplyDomainRequest bad = Store("export const evolve = 1;");
  EXPECT_EQ(ReasonOf(Apply(bad)), "DOMAIN_CODE_FAILED");
  bad = Store();
  bad.mutable_declarations()->RemoveLast();
  bad.mutable_declarations()->DeleteSubrange(0, 1);  // the schema of a command
  EXPECT_EQ(ReasonOf(Apply(bad)), "SCHEMA_NOT_REGISTERED");
  bad = Store();
  bad.mutable_declarations(0)->set_text(Declaration("Schema", "Stock", R"({"definition":5})"));
  bad.mutable_declarations(1)->set_text(
      Declaration("Schema", "Take", R"({"definition":{"type":"objekt"}})"));
  const grpc::Status both = Apply(bad);
  EXPECT_EQ(ReasonOf(both), "SCHEMA_INVALID");
  EXPECT_GE(DetailOf<google::rpc::BadRequest>(both).field_violations_size(), 2)
      << both.error_message();
  bad = Store();
  bad.mutable_declarations(5)->set_text(
      Declaration("Route", "store-files", R"({"sink":{"kind":"pigeon"}})"));
  EXPECT_FALSE(Apply(bad).ok());
  bad = Store();
  bad.add_declarations()->set_text(Declaration("Role", "clerk", "{}"));
  bad.mutable_declarations(6)->set_path("role.yaml");
  EXPECT_EQ(ReasonOf(Apply(bad)), "MALFORMED_REQUEST") << "it names no operation";
  EXPECT_TRUE(ReadStream("$schemas").empty());
  EXPECT_TRUE(ReadStream("$domains").empty());
  EXPECT_GE(Head(), before);
}

TEST_F(DomainsTest, SayWhatTheyWouldChange) {
  admin::v1::ApplyDomainRequest request = Store();
  request.set_validate_only(true);
  admin::v1::ApplyDomainResponse plan;
  ASSERT_TRUE(Apply(request, &plan).ok());
  for (const auto& change : plan.changes()) {
    EXPECT_EQ(change.change(), admin::v1::DOMAIN_CHANGE_KIND_CREATE) << change.name();
  }
  EXPECT_TRUE(ReadStream("$domains").empty());
  ASSERT_TRUE(Apply(Store()).ok());
  const size_t schemas = ReadStream("$schemas").size();

  admin::v1::ApplyDomainResponse again;
  ASSERT_TRUE(Apply(Store(), &again).ok());
  EXPECT_EQ(again.position(), 0u);
  EXPECT_EQ(again.domain().version(), 1u);
  for (const auto& change : again.changes()) {
    EXPECT_EQ(change.change(), admin::v1::DOMAIN_CHANGE_KIND_UNCHANGED) << change.name();
  }

  admin::v1::ApplyDomainRequest other = Store(absl::StrCat("// changed\n", kScript));
  other.mutable_declarations()->RemoveLast();  // the route
  ASSERT_TRUE(Apply(other, &again).ok());
  EXPECT_EQ(again.domain().version(), 2u);
  for (const auto& change : again.changes()) {
    if (change.kind() == "Aggregate") {
      EXPECT_EQ(change.change(), admin::v1::DOMAIN_CHANGE_KIND_UPDATE);
      EXPECT_EQ(change.detail(), "its code changes");
    }
    if (change.kind() == "Route") {
      EXPECT_EQ(change.change(), admin::v1::DOMAIN_CHANGE_KIND_REMOVE);
    }
  }
  EXPECT_EQ(ReadStream("$schemas").size(), schemas);
  EXPECT_EQ(ReadStream("$routes").size(), 2u);
}

TEST_F(DomainsTest, AreRolledBackAndRemoved) {
  ASSERT_TRUE(Apply(Store()).ok());
  std::string closed = kScript;
  closed.replace(closed.find("command.type === \"Stock\""), 24, "command.type === \"Nothing\"");
  ASSERT_TRUE(Apply(Store(closed)).ok());
  EXPECT_EQ(ReasonOf(Execute("Stock", "nut", 5)), "COMMAND_REJECTED");
  admin::v1::RollbackDomainRequest back;
  back.set_name("store");
  back.set_version(1);
  admin::v1::ApplyDomainResponse response;
  ASSERT_TRUE(domains_->RollbackDomain(Context().get(), back, &response).ok());
  EXPECT_EQ(response.domain().version(), 3u);
  EXPECT_EQ(response.domain().rolled_back_to(), 1u);
  EXPECT_TRUE(Execute("Stock", "nut", 5).ok());

  admin::v1::RemoveDomainRequest remove;
  remove.set_name("store");
  admin::v1::Domain gone;
  ASSERT_TRUE(domains_->RemoveDomain(Context().get(), remove, &gone).ok());
  EXPECT_TRUE(gone.removed());
  EXPECT_EQ(ReasonOf(Execute("Stock", "nut", 5)), "COMMAND_NOT_DECLARED");
  EXPECT_EQ(ReasonOf(domains_->RemoveDomain(Context().get(), remove, &gone)), "NOT_FOUND");
  admin::v1::ListDomainVersionsRequest list;
  list.set_name("store");
  admin::v1::ListDomainVersionsResponse versions;
  ASSERT_TRUE(domains_->ListDomainVersions(Context().get(), list, &versions).ok());
  EXPECT_EQ(versions.versions_size(), 4);
}

TEST_F(DomainsTest, TakeCommandsOverHttp) {
  ASSERT_TRUE(Apply(Store()).ok());
  const std::string accepted =
      Post("Stock", "X-Correlation-Id: case-9\r\nIf-None-Match: *\r\nX-Metadata-Channel: app\r\n",
           R"({"item":"nut","count":5})");
  EXPECT_TRUE(accepted.starts_with("HTTP/1.1 202")) << accepted;
  EXPECT_NE(accepted.find("\"version\":0"), std::string::npos) << accepted;
  EXPECT_NE(accepted.find("ETag: \"0\""), std::string::npos) << accepted;
  const auto stored = ReadStream("item-nut");
  ASSERT_EQ(stored.size(), 1u);
  EXPECT_EQ(stored[0].correlation_id(), "case-9");
  EXPECT_EQ(stored[0].metadata().at("channel"), "app");
  EXPECT_TRUE(Post("Take", "", R"({"item":"nut","count":6})").starts_with("HTTP/1.1 422"));
  EXPECT_TRUE(Post("Take", "If-Match: \"4\"\r\n", R"({"item":"nut","count":1})")
                  .starts_with("HTTP/1.1 409"));
  EXPECT_TRUE(
      Post("Take", "If-Match: 4\r\n", R"({"item":"nut","count":1})").starts_with("HTTP/1.1 400"));
  // What the first call said of itself goes back to whoever repeats it, but not into a header.
  constexpr char kId[] = "018f0000-0000-7000-8000-0000000000ab";
  v1::ExecuteRequest odd;
  odd.mutable_command()->set_type("Stock");
  odd.mutable_command()->set_command_id(kId);
  odd.mutable_command()->set_correlation_id("a\r\nX-Injected: 1");
  odd.mutable_command()->set_data(R"({"item":"nut","count":5})");
  v1::ExecuteResponse ignored;
  const grpc::Status first = commands_->Execute(Context().get(), odd, &ignored);
  const std::string again =
      Post("Stock", absl::StrCat("Idempotency-Key: ", kId, "\r\n"), R"({"item":"nut","count":5})");
  EXPECT_EQ(again.find("\r\nX-Injected"), std::string::npos) << first.error_message() << again;
  EXPECT_TRUE(Post("Lose", "", "{}").starts_with("HTTP/1.1 404"));
  EXPECT_TRUE(Post("Take", "", "{").starts_with("HTTP/1.1 400"));
}

}  // namespace
}  // namespace nexus::integration
