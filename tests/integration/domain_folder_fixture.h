#pragma once

// A domain's folder that a test writes, and nexusctl to apply it to the real daemon.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "fake/requirement.h"
#include "harness/nexusd/child_process.h"
#include "integration/daemon_fixture.h"
#include "nexus/v1/command.grpc.pb.h"
#include "policy/opa/opa_program.h"

namespace nexus::integration {

// The domain "store": items that are stocked and taken. Its policy "limits" is in policies/.
class DomainFolderFixture : public DaemonFixture {
 protected:
  DomainFolderFixture() {
    Write("domain.yaml", "apiVersion: nexus/v1\nkind: Domain\nmetadata: {name: store}\n");
    for (const char* type : {"Stock", "Stocked", "Lost"}) {
      Declare("Schema", type, "{definition: {type: object, required: [item]}}");
    }
    Declare("Aggregate", "item",
            "{script: item.js, id: /item, commands: [Stock], events: [Stocked]}");
    Write("item.js",
          "export const initial = {};\n"
          "export const evolve = (state) => state;\n"
          "export const decide = (state, { data }) => ({ type: \"Stocked\", data });\n");
    DeclarePolicy();
  }

  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path whole = std::filesystem::path(Store()) / path;
    std::filesystem::create_directories(whole.parent_path());
    std::ofstream(whole, std::ios::binary) << text;
  }
  void Remove(const std::string& path) {
    std::filesystem::remove_all(std::filesystem::path(Store()) / path);
  }
  void Declare(const std::string& kind, const std::string& name, const std::string& spec) {
    Write(absl::StrCat(kind, "-", name, ".yaml"),
          absl::StrCat("apiVersion: nexus/v1\nkind: ", kind, "\nmetadata: {name: ", name,
                       "}\nspec: ", spec, "\n"));
  }
  void DeclarePolicy(const std::string& spec = "{}") { Declare("Policy", "limits", spec); }
  // A module of the policy, that denies by `rule` where `condition` holds.
  void WriteRule(const std::string& operation, const std::string& rule,
                 const std::string& condition) {
    Write(absl::StrCat("policies/", operation, ".rego"), RuleOf(operation, rule, condition));
  }
  static std::string RuleOf(const std::string& operation, const std::string& rule,
                            const std::string& condition) {
    return absl::StrCat("package nexus.", operation,
                        "\n\ndecision := {\"allow\": true, \"deny\": [d | some d in deny]}\n\n"
                        "deny contains {\"rule\": \"",
                        rule, "\", \"message\": \"not here\"} if {\n\t", condition, "\n}\n");
  }
  std::string Store() { return folder_ / "store"; }

  void Start(std::vector<std::string> arguments = {}) {
    StartDaemon(std::move(arguments));
    if (daemon_ == nullptr) return;
    commands_ = v1::CommandService::NewStub(daemon_->Channel());
  }
  void Restart() {
    const auto exit = daemon_->Terminate();
    ASSERT_TRUE(exit.ok() && exit->Succeeded()) << daemon_->Output();
    Start();
  }

  // Its exit code; what it said is in output_ afterwards.
  int Nexusctl(const std::string& arguments, const std::string& token = "") {
    const char* const programs = std::getenv("NEXUS_BIN_DIR");
    harness::ChildOptions options;
    options.command = {"/bin/bash", "-c",
                       absl::StrCat(programs == nullptr ? "." : programs, "/nexusctl ", arguments)};
    options.environment = {{"NEXUS_SERVER", daemon_->endpoints().grpc}, {"NEXUS_TOKEN", token}};
    auto child = harness::ChildProcess::Start(options);
    EXPECT_TRUE(child.ok()) << child.status();
    if (!child.ok()) return -1;
    const auto exit = (*child)->WaitForExit(absl::Minutes(2));
    EXPECT_TRUE(exit.ok()) << exit.status();
    output_ = (*child)->Output();
    return exit.ok() ? exit->code.value_or(-1) : -1;
  }
  int Apply(const std::string& token = "") {
    return Nexusctl("apply -o table -f " + Store(), token);
  }
  static bool HasOpa() {
    return fake::Require(policy::FindOpa("").ok(), "opa is missing: scripts/install test");
  }

  // Stocks one item; `size` is metadata of the command.
  grpc::Status Stock(const std::string& item, const std::string& size) {
    v1::ExecuteRequest request;
    request.mutable_command()->set_type("Stock");
    request.mutable_command()->set_data(absl::StrCat(R"({"item":")", item, R"("})"));
    (*request.mutable_command()->mutable_metadata())["size"] = size;
    v1::ExecuteResponse ignored;
    return commands_->Execute(Context().get(), request, &ignored);
  }

  std::string output_;
  std::unique_ptr<v1::CommandService::Stub> commands_;
};

}  // namespace nexus::integration
