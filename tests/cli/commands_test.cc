#include <thread>

#include "cli/cli_fixture.h"
#include "gmock/gmock.h"
#include "nexus/core/ids.h"

namespace nexus::cli {
namespace {

using ::nexus::testing::RichError;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

using CommandsTest = CliFixture;

TEST_F(CommandsTest, AppendPrintsTheReceiptOnStandardOutputOnly) {
  const Outcome outcome = Run({"append", "order-1", "placed", "--data", R"({"n":1})"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr(R"("first_position":1)"));
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST_F(CommandsTest, AppendSendsItsOptions) {
  ASSERT_EQ(Run({"append",
                 "order-1",
                 "placed",
                 "--data",
                 "{}",
                 "--expect",
                 "no-stream",
                 "--tag",
                 "a",
                 "--tag",
                 "b",
                 "--meta",
                 "k=v=w",
                 "--criticality",
                 "high",
                 "--business-impact",
                 "0.9",
                 "--requires-ordering",
                 "--max-latency-ms",
                 "50",
                 "--correlation-id",
                 "c",
                 "--commit-id",
                 "01900000-0000-7000-8000-000000000009"})
                .code,
            0);
  const v1::AppendRequest sent = server_.appends().at(0);
  EXPECT_EQ(sent.commit_id(), "01900000-0000-7000-8000-000000000009");
  EXPECT_TRUE(sent.streams(0).expected_revision().has_no_stream());
  const v1::NewEvent& event = sent.streams(0).events(0);
  EXPECT_THAT(event.tags(), ElementsAre("a", "b"));
  EXPECT_EQ(event.metadata().at("k"), "v=w");
  EXPECT_EQ(event.routing().criticality(), v1::CRITICALITY_HIGH);
  EXPECT_DOUBLE_EQ(event.routing().business_impact(), 0.9);
  EXPECT_TRUE(event.routing().requires_ordering());
  EXPECT_EQ(event.routing().max_latency_ms(), 50u);
  EXPECT_EQ(event.correlation_id(), "c");
}

TEST_F(CommandsTest, AppendSendsOneConditionForTypesAndTags) {
  const auto sent = [&](std::vector<std::string> options) {
    std::vector<std::string> arguments = {"append", "a", "t", "--data", "{}"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    EXPECT_EQ(Run(arguments).code, 0);
    return server_.appends().back();
  };
  EXPECT_EQ(sent({}).conditions_size(), 0);
  const v1::AppendRequest full =
      sent({"--fail-if-type", "x", "--fail-if-type", "y", "--fail-if-tag", "g", "--after", "12"});
  ASSERT_EQ(full.conditions_size(), 1);
  EXPECT_EQ(full.conditions(0).after(), 12u);
  ASSERT_EQ(full.conditions(0).fail_if_match().items_size(), 1);
  EXPECT_THAT(full.conditions(0).fail_if_match().items(0).types(), ElementsAre("x", "y"));
  EXPECT_THAT(full.conditions(0).fail_if_match().items(0).tags(), ElementsAre("g"));
  const v1::AppendRequest any = sent({"--after", "0"});
  ASSERT_EQ(any.conditions_size(), 1);
  EXPECT_EQ(any.conditions(0).fail_if_match().items_size(), 0);
  EXPECT_EQ(sent({"--fail-if-tag", "g"}).conditions(0).after(), 0u);
  EXPECT_EQ(Run({"append", "a", "t", "--data", "{}", "--after", "-1"}).code, 2);
}

TEST_F(CommandsTest, AppendTakesDataFromAFileOrStandardInput) {
  const std::string path = WriteFile("data.json", R"({"n":2})");
  ASSERT_EQ(Run({"append", "a", "t", "--data", "@" + path}).code, 0);
  ASSERT_EQ(Run({"append", "a", "t", "--data", "-"}, R"({"n":3})").code, 0);
  EXPECT_EQ(server_.events().at(0).data(), R"({"n":2})");
  EXPECT_EQ(server_.events().at(1).data(), R"({"n":3})");
}

TEST_F(CommandsTest, AppendOfAMissingFileIsNotFound) {
  EXPECT_EQ(Run({"append", "a", "t", "--data", "@" + folder_ + "/none"}).code, 3);
}

TEST_F(CommandsTest, BadValuesOfOptionsAreUsageErrors) {
  const std::vector<std::vector<std::string>> lines = {
      {},
      {"nonsense"},
      {"append", "a", "t"},
      {"append", "a", "t", "--data", "{}", "--expect", "maybe"},
      {"append", "a", "t", "--data", "{}", "--meta", "novalue"},
      {"append", "a", "t", "--data", "{}", "--criticality", "huge"},
      {"append", "a", "t", "--data", "{}", "--max-latency-ms", "-1"},
      {"read", "--from", "x"},
      {"tail", "--after", "1", "--from-beginning"},
      {"read", "-o", "xml"},
      {"read", "--timeout", "soon"},
      {"read", "--context", "none"},
      {"category", "set", "a", "--schema-mode", "never"},
      {"schema", "config", "set", "a", "--mode", "sideways"},
      {"schema", "config", "set", "a", "--policy", "none"},
      {"schema", "config", "set", "a", "--flag", "allow_all=true"},
      {"schema", "compat", "a.json", "b.json", "--flag", "allow_new_fields=maybe"},
      {"import", "-", "--format", "csv"},
      {"import", "-", "--on-error", "panic"},
      {"import", "-", "--batch", "0"},
      {"bench", "append", "--size", "3"},
      {"completion", "cmd"},
      {"context", "set", "x"}};
  for (const auto& line : lines) {
    const Outcome outcome = Run(line);
    EXPECT_EQ(outcome.code, 2) << ::testing::PrintToString(line) << outcome.err;
    EXPECT_THAT(outcome.err, StartsWith("error: USAGE: "));
    EXPECT_THAT(outcome.out, IsEmpty());
  }
}

TEST_F(CommandsTest, ReasonsBecomeExitCodes) {
  const std::tuple<grpc::StatusCode, const char*, int> cases[] = {
      {grpc::StatusCode::FAILED_PRECONDITION, "REVISION_CONFLICT", 4},
      {grpc::StatusCode::ALREADY_EXISTS, "ID_REUSED", 4},
      {grpc::StatusCode::FAILED_PRECONDITION, "APPEND_CONDITION_FAILED", 4},
      {grpc::StatusCode::ALREADY_EXISTS, "EVENT_ID_TAKEN", 4},
      {grpc::StatusCode::PERMISSION_DENIED, "POLICY_DENIED", 5},
      {grpc::StatusCode::INVALID_ARGUMENT, "SCHEMA_VIOLATION", 5},
      {grpc::StatusCode::FAILED_PRECONDITION, "SCHEMA_NOT_REGISTERED", 5},
      {grpc::StatusCode::UNAUTHENTICATED, "UNAUTHENTICATED", 6},
      {grpc::StatusCode::RESOURCE_EXHAUSTED, "OVERLOADED", 7},
      {grpc::StatusCode::DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", 7},
      {grpc::StatusCode::INVALID_ARGUMENT, "MALFORMED_NAME", 1},
      {grpc::StatusCode::INTERNAL, "INTERNAL", 1}};
  for (const auto& [code, reason, exit] : cases) {
    server_.SetAppendGate(
        [code = code, reason = reason](const auto&) { return RichError(code, reason, "why"); });
    const Outcome outcome = Run({"append", "a", "t", "--data", "{}"});
    EXPECT_EQ(outcome.code, exit) << reason;
    EXPECT_THAT(outcome.err, HasSubstr(std::string("error: ") + reason + ": why\n"));
    EXPECT_THAT(outcome.err, HasSubstr("\nnext: "));
  }
}

TEST_F(CommandsTest, AServerThatIsNotThereIsExitCode7) {
  const Outcome outcome = Run({"status", "--server", "127.0.0.1:1"});
  EXPECT_EQ(outcome.code, 7);
  EXPECT_THAT(outcome.err, StartsWith("error: NOT_READY: "));
}

TEST_F(CommandsTest, AnErrorListsEveryDetail) {
  google::rpc::BadRequest request;
  auto& field = *request.add_field_violations();
  field.set_field("commit.events[0].data#/total");
  field.set_description("at \"/total\": minimum: too small; expected >= 0; actual -1");
  server_.SetAppendGate([&](const auto&) {
    return RichError(grpc::StatusCode::INVALID_ARGUMENT, "SCHEMA_VIOLATION", "breaks v1",
                     {&request});
  });
  const Outcome outcome = Run({"append", "a", "t", "--data", "{}"});
  EXPECT_THAT(outcome.err, HasSubstr("  commit.events[0].data at /total: minimum: too small; "
                                     "expected >= 0; actual -1\n"));
}

TEST_F(CommandsTest, DenialsAndFailedExpectationsAreNamed) {
  google::rpc::PreconditionFailure failure;
  auto& denial = *failure.add_violations();
  denial.set_type("POLICY");
  denial.set_subject("append_only");
  denial.set_description("no rewriting");
  auto& late = *failure.add_violations();
  late.set_type("EXPECTED_REVISION");
  late.set_subject("order-1");
  late.set_description("expected=3 actual=no_stream");
  server_.SetAppendGate([&](const auto&) {
    return RichError(grpc::StatusCode::PERMISSION_DENIED, "POLICY_DENIED", "no", {&failure});
  });
  const Outcome outcome = Run({"append", "a", "t", "--data", "{}"});
  EXPECT_THAT(outcome.err, HasSubstr("  append_only: no rewriting\n"));
  EXPECT_THAT(outcome.err, HasSubstr("  stream order-1: expected 3; actual no_stream\n"));
}

TEST_F(CommandsTest, WithJsonTheErrorIsJsonOnStandardError) {
  const Outcome outcome = Run({"stream", "info", "none", "-o", "json"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.err, StartsWith(R"({"error":{"reason":"STREAM_NOT_FOUND",)"));
  EXPECT_THAT(outcome.out, IsEmpty());
}

TEST_F(CommandsTest, ReadPrintsAnEventALineOffATerminal) {
  server_.Store("a", "t", R"({ "n": 1.50 })");
  server_.Store("a", "t", "not json");
  const Outcome outcome = Run({"read", "a"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr(R"("revision":0,"type":"t")"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("data":{"n":1.50})"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("data_base64":"bm90IGpzb24=")"));
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 2);
}

TEST_F(CommandsTest, ReadAsJsonIsOneArray) {
  EXPECT_EQ(Run({"read", "-o", "json"}).out, "[]\n");
  server_.Store("a", "t", "{}");
  server_.Store("a", "t", "{}");
  const std::string out = Run({"read", "-o", "json"}).out;
  EXPECT_THAT(out, StartsWith("[{"));
  EXPECT_THAT(out, ::testing::EndsWith("}]\n"));
}

TEST_F(CommandsTest, ReadOnATerminalIsATable) {
  terminal_ = true;
  server_.Store("a", "t", "{\"text\":\"a\\u0007b\"}");
  const Outcome outcome = Run({"read", "a", "--no-color"});
  EXPECT_THAT(outcome.out, StartsWith("POSITION  TIME"));
  EXPECT_THAT(Run({"read", "a"}).out, StartsWith("\x1b[1m"));
  environment_["NO_COLOR"] = "1";
  EXPECT_THAT(Run({"read", "a"}).out, StartsWith("POSITION"));
}

TEST_F(CommandsTest, ReadBackwardsWithALimit) {
  for (int i = 0; i < 3; ++i) server_.Store("a", "t", "{}");
  const Outcome outcome = Run({"read", "a", "--backwards", "--from", "1", "--limit", "1"});
  EXPECT_THAT(outcome.out, HasSubstr(R"("revision":1)"));
  EXPECT_THAT(outcome.out, Not(HasSubstr(R"("revision":0)")));
}

TEST_F(CommandsTest, ReadOfAMissingStreamIsExitCode3) { EXPECT_EQ(Run({"read", "none"}).code, 3); }

TEST_F(CommandsTest, TailEndsAfterItsCount) {
  for (int i = 0; i < 3; ++i) server_.Store("a", "t", "{}");
  const Outcome outcome = Run({"tail", "--from-beginning", "--count", "2", "-o", "json"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 2);
  EXPECT_THAT(Run({"tail", "--after", "2", "--count", "1"}).out, HasSubstr(R"("position":3)"));
}

TEST_F(CommandsTest, TailStopsInOrderWhenInterrupted) {
  server_.Store("a", "t", "{}");
  stop_.Request();
  const Outcome outcome = Run({"tail", "--from-beginning"});
  EXPECT_EQ(outcome.code, 130);
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST_F(CommandsTest, StreamsAreListedOverAllPages) {
  for (const char* name : {"a-1", "a-2", "a-3", "b-1", "b-2"}) server_.Store(name, "t", "{}");
  const std::string out = Run({"stream", "ls", "-o", "table"}).out;
  EXPECT_THAT(out, StartsWith("STREAM"));
  for (const char* name : {"a-1", "a-3", "b-2"}) EXPECT_THAT(out, HasSubstr(name));
  const std::string limited = Run({"stream", "ls", "--limit", "3"}).out;
  EXPECT_EQ(std::count(limited.begin(), limited.end(), '\n'), 3);
  EXPECT_THAT(Run({"stream", "ls", "--prefix", "b-2"}).out, Not(HasSubstr("b-1")));
}

TEST_F(CommandsTest, StreamInfoCountsItsEvents) {
  server_.Store("a-1", "t", "{}");
  server_.Store("a-1", "t", "{}");
  EXPECT_THAT(Run({"stream", "info", "a-1"}).out, HasSubstr(R"("events":2)"));
}

TEST_F(CommandsTest, SchemasRoundTrip) {
  const std::string path = WriteFile("s.json", "{\"type\": \"object\"}\n");
  EXPECT_EQ(Run({"schema", "register", "placed", path, "--comment", "first"}).code, 0);
  EXPECT_EQ(Run({"schema", "register", "placed", "-"}, "true").code, 0);
  EXPECT_EQ(Run({"schema", "get", "placed", "--version", "1", "-o", "table"}).out,
            "{\"type\": \"object\"}\n");
  EXPECT_THAT(Run({"schema", "get", "placed", "-o", "json"}).out,
              HasSubstr(R"("definition":true)"));
  const std::string latest = Run({"schema", "ls"}).out;
  EXPECT_EQ(std::count(latest.begin(), latest.end(), '\n'), 1);
  const std::string all = Run({"schema", "ls", "--all-versions"}).out;
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 2);
}

TEST_F(CommandsTest, ValidateTellsWhatIsWrong) {
  EXPECT_EQ(Run({"schema", "validate", "placed", "-"}, "{}").code, 0);
  v1::SchemaViolation violation;
  violation.set_pointer("/n");
  violation.set_keyword("type");
  violation.set_message("not a number");
  server_.SetViolations({violation});
  const Outcome outcome = Run({"schema", "validate", "placed", "-"}, "{}");
  EXPECT_EQ(outcome.code, 5);
  EXPECT_THAT(outcome.out, HasSubstr(R"("valid":false)"));
  EXPECT_THAT(outcome.err, HasSubstr("  data at /n: type: not a number\n"));
}

TEST_F(CommandsTest, ACheckWithFindingsIsExitCode100) {
  EXPECT_EQ(Run({"schema", "check", "placed", "-"}, "true").code, 0);
  const Outcome json = Run({"schema", "check", "placed", "-", "-o", "json"}, "{}");
  EXPECT_EQ(json.code, 100);
  EXPECT_THAT(json.out, HasSubstr(R"("compatible":false)"));
  EXPECT_THAT(json.out, HasSubstr(R"("rule":"MINIMUM_ADDED","path":"/minimum")"));
  EXPECT_THAT(json.out, HasSubstr(R"("witness":0)"));
  const Outcome text = Run({"schema", "check", "placed", "-", "-o", "table"}, "{}");
  EXPECT_EQ(text.code, 100);
  EXPECT_THAT(text.out, HasSubstr("MINIMUM_ADDED at \"/minimum\""));
  EXPECT_THAT(text.out, HasSubstr("fix: Leave the limit out."));
}

TEST_F(CommandsTest, FilesAreComparedWithoutAServer) {
  const std::string narrow = WriteFile("narrow.json", R"({"maximum":5})");
  const std::string wide = WriteFile("wide.json", R"({"maximum":9})");
  const auto compare = [&](std::vector<std::string> line) {
    line.insert(line.end(), {"--server", "127.0.0.1:1", "-o", "json"});
    return Run(line);
  };
  EXPECT_EQ(compare({"schema", "compat", narrow, wide}).code, 0);
  EXPECT_EQ(compare({"schema", "compat", narrow, wide, "--mode", "forward"}).code, 100);
  const Outcome outcome = compare({"schema", "compat", "--policy", "strict", wide, narrow});
  EXPECT_EQ(outcome.code, 100);
  EXPECT_THAT(outcome.out, HasSubstr(R"("rule":"MAXIMUM_DECREASED","path":"/maximum")"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("witness":)"));
  EXPECT_EQ(compare({"schema", "compat", wide, "-"}).code, 5);  // empty input is no schema
}

TEST_F(CommandsTest, CompatibilityIsReadAndSet) {
  EXPECT_THAT(Run({"schema", "config", "get"}).out, HasSubstr(R"("mode":"BACKWARD")"));
  EXPECT_EQ(Run({"schema", "config", "set", "placed", "--mode", "full", "--flag",
                 "allow_field_removal=true", "--comment", "why"})
                .code,
            0);
  const std::string now = Run({"schema", "config", "get", "placed"}).out;
  EXPECT_THAT(now, HasSubstr(R"("mode":"FULL")"));
  EXPECT_THAT(now, HasSubstr(R"("allow_field_removal":true)"));
  // What was not named is as it was.
  EXPECT_THAT(now, HasSubstr(R"("require_defaults":true)"));
  EXPECT_THAT(now, HasSubstr(R"("comment":"why")"));
}

TEST_F(CommandsTest, PolicyCheckStoresNothing) {
  EXPECT_EQ(Run({"policy", "check", "a", "t", "--data", "{}"}).code, 0);
  server_.SetCheckGate([](const auto&) {
    return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "no rewriting");
  });
  const Outcome outcome = Run({"policy", "check", "a", "t", "--data", "{}"});
  EXPECT_EQ(outcome.code, 5);
  EXPECT_THAT(outcome.out, HasSubstr(R"("allowed":false)"));
  EXPECT_THAT(outcome.err, HasSubstr("  append_only: no rewriting\n"));
  EXPECT_THAT(server_.events(), IsEmpty());
}

TEST_F(CommandsTest, CategoriesAreReadAndSet) {
  EXPECT_THAT(Run({"category", "get", "a"}).out, HasSubstr("required"));
  EXPECT_EQ(Run({"category", "set", "a", "--schema-mode", "optional"}).code, 0);
  EXPECT_THAT(Run({"category", "get", "a"}).out, HasSubstr("optional"));
}

TEST_F(CommandsTest, StatusIsExitCode7WhileTheServerIsNotReady) {
  EXPECT_EQ(Run({"status"}).code, 0);
  server_.SetReady(false);
  const Outcome outcome = Run({"status", "-o", "table"});
  EXPECT_EQ(outcome.code, 7);
  EXPECT_THAT(outcome.out, HasSubstr("NOT OK: fake"));
}

TEST_F(CommandsTest, ErrorsAreListedAndExplained) {
  EXPECT_THAT(Run({"errors", "ls"}).out, HasSubstr(R"("reason":"POLICY_DENIED")"));
  EXPECT_THAT(Run({"errors", "explain", "policy_denied", "-o", "table"}).out,
              HasSubstr("PERMISSION_DENIED"));
  EXPECT_EQ(Run({"errors", "explain", "NO_SUCH"}).code, 3);
}

TEST_F(CommandsTest, VersionAndHelpNeedNoServer) {
  environment_["NEXUS_SERVER"] = "127.0.0.1:1";
  environment_["NEXUS_CONTEXT"] = "none";
  EXPECT_THAT(Run({"version"}).out, HasSubstr("version"));
  const Outcome help = Run({"append", "--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.out, HasSubstr("--data"));
}

TEST_F(CommandsTest, VerboseSaysWhichServerIsAskedAndNeverTheToken) {
  const Outcome outcome = Run({"status", "-v", "--token", "nxs_secret"});
  EXPECT_THAT(outcome.err, HasSubstr("with a token"));
  EXPECT_THAT(outcome.err, Not(HasSubstr("nxs_secret")));
}

}  // namespace
}  // namespace nexus::cli
