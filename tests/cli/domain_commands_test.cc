#include <filesystem>
#include <fstream>

#include "cli/cli_fixture.h"
#include "fake/requirement.h"
#include "fake/source_folder.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "nexus/admin/v1/domain.grpc.pb.h"
#include "policy/opa/opa_program.h"

namespace nexus::cli {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// Remembers what it is asked, and answers what a test gives it.
class FakeDomains final : public admin::v1::DomainService::Service {
 public:
  grpc::Status ApplyDomain(grpc::ServerContext*, const admin::v1::ApplyDomainRequest* request,
                           admin::v1::ApplyDomainResponse* response) override {
    applied = *request;
    *response = answer;
    return refusal;
  }
  grpc::Status RollbackDomain(grpc::ServerContext*, const admin::v1::RollbackDomainRequest* request,
                              admin::v1::ApplyDomainResponse* response) override {
    rolled_back = *request;
    *response = answer;
    return refusal;
  }
  grpc::Status RemoveDomain(grpc::ServerContext*, const admin::v1::RemoveDomainRequest* request,
                            admin::v1::Domain* response) override {
    removed = *request;
    *response = answer.domain();
    return refusal;
  }
  grpc::Status GetDomain(grpc::ServerContext*, const admin::v1::GetDomainRequest* request,
                         admin::v1::Domain* response) override {
    got = *request;
    *response = answer.domain();
    return refusal;
  }
  grpc::Status ListDomains(grpc::ServerContext*, const admin::v1::ListDomainsRequest*,
                           admin::v1::ListDomainsResponse* response) override {
    *response->add_domains() = answer.domain();
    return refusal;
  }
  grpc::Status ListDomainVersions(grpc::ServerContext*,
                                  const admin::v1::ListDomainVersionsRequest* request,
                                  admin::v1::ListDomainVersionsResponse* response) override {
    versions_of = request->name();
    *response->add_versions() = answer.domain();
    return refusal;
  }

  admin::v1::ApplyDomainResponse answer;
  grpc::Status refusal = grpc::Status::OK;
  admin::v1::ApplyDomainRequest applied;
  admin::v1::RollbackDomainRequest rolled_back;
  admin::v1::RemoveDomainRequest removed;
  admin::v1::GetDomainRequest got;
  std::string versions_of;
};

class DomainCommandsTest : public CliFixture {
 protected:
  DomainCommandsTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&domains_);
    grpc_server_ = builder.BuildAndStart();
    environment_["NEXUS_SERVER"] = "127.0.0.1:" + std::to_string(port);
    admin::v1::Domain& domain = *domains_.answer.mutable_domain();
    domain.set_name("library");
    domain.set_version(3);
    domain.set_digest("0123456789abcdef");
    domain.set_applied_by("ann");
    domain.mutable_apply_time()->set_seconds(1'700'000'000);
    domain.add_aggregates("book");
    domain.add_commands("LendBook");
    std::filesystem::create_directories(folder_ + "/library/aggregates");
    WriteFile("library/domain.yaml",
              "apiVersion: nexus/v1\nkind: Domain\nmetadata: {name: library}\n");
    WriteFile("library/book.yaml",
              "apiVersion: nexus/v1\nkind: Aggregate\nmetadata: {name: book}\n"
              "spec:\n  script: aggregates/book.js\n  id: /id\n");
    WriteFile("library/aggregates/book.js", "export const initial = 1;\n");
  }
  ~DomainCommandsTest() override { grpc_server_->Shutdown(); }

  admin::v1::DomainChange& AddChange(admin::v1::DomainChangeKind how, const std::string& kind,
                                     const std::string& name, const std::string& detail = "") {
    admin::v1::DomainChange& change = *domains_.answer.add_changes();
    change.set_change(how);
    change.set_kind(kind);
    change.set_name(name);
    change.set_detail(detail);
    return change;
  }

  // One that decides about commands.
  void DeclareAPolicy() {
    WriteFile("library/policy.yaml",
              "apiVersion: nexus/v1\nkind: Policy\nmetadata: {name: rules}\nspec: {}\n");
    std::filesystem::create_directories(folder_ + "/library/policies");
    WriteFile("library/policies/rules.rego",
              "package nexus.execute\n\ndecision := {\"allow\": true, \"deny\": []}\n");
  }
  // False, after the right words, where the program `opa` is missing.
  static bool HasOpa() {
    return fake::Require(policy::FindOpa("").ok(), "opa is missing: scripts/install test");
  }

  const std::string library_ = folder_ + "/library";
  FakeDomains domains_;
  std::unique_ptr<grpc::Server> grpc_server_;
};

TEST_F(DomainCommandsTest, ApplySendsTheFolder) {
  domains_.answer.set_position(12);
  const Outcome outcome = Run({"apply", "-f", library_, "--comment", "first"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(domains_.applied.name(), "library");
  EXPECT_EQ(domains_.applied.comment(), "first");
  EXPECT_FALSE(domains_.applied.validate_only());
  ASSERT_THAT(domains_.applied.declarations(), SizeIs(1));
  EXPECT_EQ(domains_.applied.declarations(0).path(), "book.yaml");
  EXPECT_EQ(domains_.applied.declarations(0).text(),
            R"({"apiVersion":"nexus/v1","kind":"Aggregate","metadata":{"name":"book"},)"
            R"("spec":{"script":"aggregates/book.js","id":"/id"}})");
  ASSERT_THAT(domains_.applied.files(), SizeIs(1));
  EXPECT_EQ(domains_.applied.files(0).path(), "aggregates/book.js");
  EXPECT_EQ(domains_.applied.files(0).text(), "export const initial = 1;\n");
  EXPECT_THAT(outcome.out, HasSubstr(R"({"changed":false,"position":12,"changes":[],)"
                                     R"("domain":{"name":"library","version":3,)"));
  EXPECT_EQ(Run({"apply", "-f", library_, "-o", "table"}).out,
            "library version 3 is applied, at position 12\n");
}

TEST_F(DomainCommandsTest, PlanShowsADifferenceByKindAndChangesNothing) {
  AddChange(admin::v1::DOMAIN_CHANGE_KIND_CREATE, "Schema", "BookLent", "version 1");
  auto& code =
      AddChange(admin::v1::DOMAIN_CHANGE_KIND_UPDATE, "Aggregate", "book", "its code changes");
  code.set_before("a\nb\nc\n");
  code.set_after("a\nB\nc\n");
  auto& declaration = AddChange(admin::v1::DOMAIN_CHANGE_KIND_UPDATE, "Route", "books", "");
  declaration.set_before(R"({"list":[1,2],"none":{},"text":"a, \"b\": {"})");
  declaration.set_after(R"({"list":[1,3],"none":{},"text":"a, \"b\": {"})");
  AddChange(admin::v1::DOMAIN_CHANGE_KIND_UNCHANGED, "Schema", "LendBook");
  AddChange(admin::v1::DOMAIN_CHANGE_KIND_REMOVE, "Route", "old");
  const Outcome outcome = Run({"plan", "-f", library_, "-o", "table"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(domains_.applied.validate_only());
  EXPECT_EQ(outcome.out,
            "+ Schema BookLent (version 1)\n"
            "~ Aggregate book: its code changes\n"
            "    @@ -1,3 +1,3 @@\n     a\n    -b\n    +B\n     c\n"
            "~ Route books\n"
            "    @@ -1,7 +1,7 @@\n     {\n       \"list\": [\n         1,\n    -    2\n"
            "    +    3\n       ],\n       \"none\": {},\n       \"text\": \"a, \\\"b\\\": {\"\n"
            "- Route old\n"
            "  1 stays as it is\n"
            "library would be applied; nothing was changed\n");
  EXPECT_EQ(Run({"plan", "-f", library_, "--exit-code"}).code, 100);
  EXPECT_TRUE(Run({"apply", "-f", library_, "--dry-run"}).code == 0 &&
              domains_.applied.validate_only());
}

TEST_F(DomainCommandsTest, PlanOfWhatIsSoAlreadyEndsWithZero) {
  AddChange(admin::v1::DOMAIN_CHANGE_KIND_UNCHANGED, "Schema", "LendBook");
  const Outcome outcome = Run({"plan", "-f", library_, "--exit-code", "-o", "table"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "  1 stays as it is\nnothing would change: library is so already\n");
}

TEST_F(DomainCommandsTest, AFaultOfTheFolderIsToldBeforeAServerIsAsked) {
  WriteFile("library/book.yaml", "apiVersion: nexus/v1\nkind: Agregate\n");
  const Outcome outcome = Run({"apply", "-f", library_, "-o", "table"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("  book.yaml:2: kind 'Agregate' is not known"));
  EXPECT_THAT(domains_.applied.name(), IsEmpty());
  EXPECT_EQ(Run({"apply", "-f", folder_ + "/none"}).code, 3);
  EXPECT_EQ(Run({"apply"}).code, 2);
}

TEST_F(DomainCommandsTest, WhatTheServerRefusesHasItsLine) {
  google::rpc::BadRequest bad;
  auto& violation = *bad.add_field_violations();
  violation.set_field("book.yaml#/spec/id");
  violation.set_description("at \"/spec/id\": it is no pointer");
  domains_.refusal = ::nexus::testing::RichError(grpc::StatusCode::INVALID_ARGUMENT,
                                                 "MALFORMED_REQUEST", "it is wrong", {&bad});
  const Outcome outcome = Run({"apply", "-f", library_, "-o", "table"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("  book.yaml:6 at /spec/id"));
}

TEST_F(DomainCommandsTest, DomainsAreListedShownRolledBackAndRemoved) {
  EXPECT_THAT(Run({"domain", "ls"}).out,
              HasSubstr(R"("aggregates":["book"],"commands":["LendBook"])"));
  EXPECT_THAT(Run({"domain", "ls", "-o", "table"}).out, HasSubstr("library"));

  auto& file = *domains_.answer.mutable_domain()->add_files();
  file.set_path("aggregates/book.js");
  file.set_text("12345");
  EXPECT_THAT(Run({"domain", "show", "library", "--version", "2"}).out,
              HasSubstr(R"("files":[{"path":"aggregates/book.js","text":"12345"}])"));
  EXPECT_EQ(domains_.got.version(), 2u);
  EXPECT_THAT(Run({"domain", "show", "library", "-o", "table"}).out,
              HasSubstr("aggregates/book.js (5 bytes)"));
  EXPECT_EQ(domains_.got.version(), 0u);

  domains_.answer.mutable_domain()->set_rolled_back_to(1);
  EXPECT_THAT(Run({"domain", "history", "library", "-o", "table"}).out,
              HasSubstr("rolled back to 1"));
  EXPECT_EQ(domains_.versions_of, "library");

  AddChange(admin::v1::DOMAIN_CHANGE_KIND_REMOVE, "Route", "old");
  const Outcome back =
      Run({"domain", "rollback", "library", "--to", "1", "--comment", "worse", "-o", "table"});
  EXPECT_EQ(back.out, "- Route old\nlibrary version 1 is applied again, as version 3\n");
  EXPECT_EQ(domains_.rolled_back.version(), 1u);
  EXPECT_EQ(domains_.rolled_back.comment(), "worse");
  EXPECT_FALSE(domains_.rolled_back.validate_only());
  EXPECT_EQ(Run({"domain", "rollback", "library", "--to", "1", "--dry-run"}).code, 0);
  EXPECT_TRUE(domains_.rolled_back.validate_only());
  EXPECT_EQ(Run({"domain", "rollback", "library"}).code, 2);

  EXPECT_EQ(Run({"domain", "rm", "library", "--comment", "gone"}).code, 0);
  EXPECT_EQ(domains_.removed.name(), "library");
  EXPECT_EQ(domains_.removed.comment(), "gone");
}

TEST_F(DomainCommandsTest, ApplyAndPlanCompilePolicies) {
  if (!HasOpa()) return;
  DeclareAPolicy();
  for (const char* command : {"plan", "apply"}) {
    domains_.applied.Clear();
    const Outcome outcome = Run({command, "-f", library_});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    ASSERT_THAT(domains_.applied.files(), SizeIs(3));
    EXPECT_EQ(domains_.applied.files(1).path(), "policies/policy.bundle");
    EXPECT_EQ(domains_.applied.files(2).path(), "policies/rules.rego");
  }
  WriteFile("library/policies/rules.rego", "package nexus.execute\n\nx = = 1\n");
  domains_.applied.Clear();
  const Outcome wrong = Run({"plan", "-f", library_, "-o", "table"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.err, HasSubstr("the policy rules does not compile"));
  EXPECT_THAT(wrong.err, HasSubstr("  policies/rules.rego:3: rego_parse_error"));
  EXPECT_THAT(domains_.applied.name(), IsEmpty());
}

TEST_F(DomainCommandsTest, ADomainWithPoliciesIsNotAppliedWithoutOpa) {
  DeclareAPolicy();
  const Outcome outcome = Run({"apply", "-f", library_, "--opa", "/nowhere/opa", "-o", "table"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("--opa: /nowhere/opa cannot be executed"));
  EXPECT_THAT(domains_.applied.name(), IsEmpty());
  const Outcome none = Run({"apply", "-f", library_, "--opa", "no-such-opa", "-o", "table"});
  EXPECT_EQ(none.code, 1);
  EXPECT_THAT(none.err, HasSubstr("--opa: no-such-opa cannot be executed"));
}

TEST_F(DomainCommandsTest, CompiledPoliciesAreNotPrinted) {
  if (!HasOpa()) return;
  DeclareAPolicy();
  ASSERT_EQ(Run({"apply", "-f", library_}).code, 0);
  for (const admin::v1::DomainFile& file : domains_.applied.files()) {
    *domains_.answer.mutable_domain()->add_files() = file;
  }
  const std::string bundle = domains_.applied.files(1).text();
  const std::string size = std::to_string(bundle.size());
  const Outcome table = Run({"domain", "show", "library", "-o", "table"});
  EXPECT_THAT(table.out, ContainsRegex("policies/policy.bundle \\(" + size +
                                       " bytes, policy revision [0-9a-f]{64}\\)"));
  const Outcome json = Run({"domain", "show", "library"});
  EXPECT_THAT(json.out, ContainsRegex(R"(\{"path":"policies/policy.bundle","bytes":)" + size +
                                      R"(,"policy_revision":"[0-9a-f]{64}"\})"));
  for (const Outcome& outcome : {table, json, Run({"apply", "-f", library_})}) {
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, Not(HasSubstr(bundle.substr(0, 60))));
  }
}

TEST_F(DomainCommandsTest, NewWritesAFolderThatCanBeApplied) {
  const std::string folder = folder_ + "/fresh";
  const Outcome outcome = Run({"new", "domain", "my-shop", "--dir", folder});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr(R"("domain":"my-shop")"));
  ASSERT_EQ(Run({"apply", "-f", folder}).code, 0);
  EXPECT_EQ(domains_.applied.name(), "my-shop");
  EXPECT_THAT(domains_.applied.declarations(), SizeIs(5));
  EXPECT_THAT(domains_.applied.files(), SizeIs(5));
  EXPECT_THAT(domains_.applied.DebugString(), Not(HasSubstr("@")));
  EXPECT_THAT(ReadFile(folder + "/schemas/MyShopOpened.json"), HasSubstr("\"openedAt\""));
  EXPECT_THAT(ReadFile(folder + "/my-shop.yaml"), HasSubstr("category: my_shop\n"));
  // It does not write over anything.
  EXPECT_EQ(Run({"new", "domain", "my-shop", "--dir", folder}).code, 2);
  EXPECT_EQ(Run({"new", "domain", "My Shop", "--dir", folder_ + "/other"}).code, 2);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/other"));
}

TEST_F(DomainCommandsTest, TheExamplesAreFoldersThatCanBeRead) {
  const char* source = fake::SourceFolder();
  if (source == nullptr || !HasOpa()) return;
  // Of both the code and schemas, of one the rules, too.
  for (const auto& [name, files] :
       {std::pair<std::string, size_t>("orders", 12), std::pair<std::string, size_t>("iot", 9)}) {
    const Outcome outcome = Run({"plan", "-f", source + ("/examples/" + name)});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(domains_.applied.name(), name);
    EXPECT_THAT(domains_.applied.files(), SizeIs(files));
  }
}

}  // namespace
}  // namespace nexus::cli
