// Policy engines that are absent, slow, flapping, talking nonsense, or change their minds while
// commits are on their way: nothing is stored that was not admitted. Each test ends with a look at
// all that was stored, judged again.

#include <signal.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "fake/eventually.h"
#include "gmock/gmock.h"
#include "integration/daemon_fixture.h"
#include "policy/bundle/wasm_bundle.h"
#include "policy/opa/bundle_build.h"
#include "policy/real_opa.h"
#include "policy/scripted_server.h"

namespace nexus::integration {
namespace {

using policy::Http;
using policy::ScriptedReply;
using policy::ScriptedServer;

constexpr char kCondition[] = "color";

// An order of a colour: what the policies of these tests look at.
v1::AppendRequest Colored(const std::string& stream, const std::string& color) {
  v1::AppendRequest request = OneEvent(stream, "order.placed", R"({"total": 1})");
  v1::NewEvent& event = *request.mutable_streams(0)->mutable_events(0);
  (*event.mutable_metadata())[kCondition] = color;
  return request;
}

// The inputs of a batch, as far as these tests look at them.
std::vector<std::string> ItemsOf(const std::string& body) {
  std::vector<std::string> items = absl::StrSplit(body, "{\"operation\":\"");
  std::vector<std::string> inputs;
  for (size_t i = 2; i < items.size(); i += 2) inputs.push_back(items[i]);
  return inputs;
}

// Denies what is red, whatever is asked.
std::string Honest(const std::string& body) {
  const std::vector<std::string> items = ItemsOf(body);
  std::string answers;
  for (size_t i = 0; i < items.size(); ++i) {
    const bool red = absl::StrContains(items[i], R"("color":"red")");
    absl::StrAppend(&answers, i == 0 ? "" : ",", "\"", i, "\":",
                    red ? R"({"allow":true,"deny":[{"rule":"red","message":"no"}]})"
                        : R"({"allow":true,"deny":[]})");
  }
  return Http(200, absl::StrCat(R"({"provenance":{"bundles":{"b":{"revision":"r1"}}},"result":{)",
                                answers, "}}"));
}

// What a broken engine says; -1 and beyond the list: it is well.
ScriptedReply Broken(int fault, const std::string& body) {
  const std::string good = Honest(body);
  switch (fault) {
    case 0:
      return {""};  // it never answers
    case 1:
      return {"\x16\x03\x01 nonsense", true};
    case 2:
      return {Http(500, "down"), true};
    case 3:
      return {good.substr(0, good.size() / 2), true};
    case 4:
      return {Http(200, R"({"result":{}})")};
    case 5:
      return {Http(200, R"({"result":{"0":true}})")};
    case 6:
      return {Http(200, R"({"result":{"0":{"allow":true}}})")};
    case 7:
      return {Http(200, R"({"result":{"7000":{"allow":true,"deny":[]}}})")};
    default:
      return {good};
  }
}
constexpr int kFaults = 8;

class PolicyFaultsTest : public DaemonFixture {
 protected:
  void ServeOpa() {
    server_ = std::make_unique<ScriptedServer>(
        Socket(), [this](const std::string&, const std::string& body) {
          const bool probe = ItemsOf(body).empty();
          const int fault = fault_.load();
          if (probe || fault < 0) return Broken(-1, body);
          // Flapping: each answer is another fault, and some are none.
          if (fault >= kFaults) return Broken(turn_.fetch_add(1) % (kFaults + 3), body);
          return Broken(fault, body);
        });
  }
  std::string Socket() { return folder_ / "opa.sock"; }
  void StartWithOpa() {
    StartDaemon({"--set", "policy.engine=opa", "--set",
                 absl::StrCat("policy.opa.address=unix:", Socket()), "--set",
                 "policy.timeout_ms=300"});
  }
  // Appends of both colours by several writers. How many were acknowledged.
  int AppendBoth(int each) {
    std::atomic<int> stored = 0;
    std::vector<std::thread> writers;
    for (int w = 0; w < 4; ++w) {
      writers.emplace_back([&, w] {
        for (int i = 0; i < each; ++i) {
          const grpc::Status status =
              Append(Colored(absl::StrCat("order-", w), (i + w) % 2 == 0 ? "red" : "green"));
          if (status.ok()) ++stored;
        }
      });
    }
    for (std::thread& writer : writers) writer.join();
    return stored.load();
  }
  // All events that were stored, the server's own left out.
  std::vector<v1::Event> Stored() {
    v1::ReadRequest request;
    request.set_exclude_system(true);
    std::vector<v1::Event> events;
    const grpc::Status status = Read(request, &events);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return events;
  }
  // The policy of this moment, about an event as it was stored.
  bool WouldBeAdmitted(const v1::Event& event) {
    v1::CheckRequest check;
    *check.mutable_append() = OneEvent(event.stream(), event.type(), event.data());
    v1::NewEvent& again = *check.mutable_append()->mutable_streams(0)->mutable_events(0);
    *again.mutable_metadata() = event.metadata();
    *again.mutable_routing() = event.routing();
    v1::CheckResponse decision;
    const grpc::Status status = policy_->Check(Context().get(), check, &decision);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return status.ok() && decision.allowed();
  }
  bool EventuallyRegisters() {
    return fake::Eventually([&] { return RegisterSchema("order.placed", "true").ok(); });
  }
  bool EventuallyAppends() {
    return fake::Eventually([&] { return Append(Colored("order-last", "green")).ok(); });
  }

  std::atomic<int> fault_ = -1;
  std::atomic<int> turn_ = 0;
  std::unique_ptr<ScriptedServer> server_;
};

TEST_F(PolicyFaultsTest, StoresNothingWhileTheEngineIsAbsent) {
  StartWithOpa();
  EXPECT_EQ(ReasonOf(Append(Colored("order-1", "green"))), "SCHEMA_NOT_REGISTERED");
  EXPECT_EQ(ReasonOf(RegisterSchema("order.placed", "true")), "POLICY_UNAVAILABLE");
  ServeOpa();
  ASSERT_TRUE(EventuallyRegisters());
  EXPECT_TRUE(Append(Colored("order-1", "green")).ok());
  server_.reset();
  EXPECT_EQ(AppendBoth(3), 0);
  EXPECT_EQ(ReasonOf(Append(Colored("order-1", "green"))), "POLICY_UNAVAILABLE");
  EXPECT_EQ(Stored().size(), 1u);
}

TEST_F(PolicyFaultsTest, StoresNothingUncheckedWhateverAnEngineSays) {
  ServeOpa();
  StartWithOpa();
  RegisterOrders();
  for (int fault = 0; fault < kFaults; ++fault) {
    ASSERT_TRUE(EventuallyAppends());
    const size_t before = Stored().size();
    fault_ = fault;
    EXPECT_EQ(ReasonOf(Append(Colored("order-1", "green"))), "POLICY_UNAVAILABLE") << fault;
    fault_ = -1;
    EXPECT_EQ(Stored().size(), before) << fault;
  }
}

TEST_F(PolicyFaultsTest, StoresOnlyWhatWasAdmittedByAnEngineThatFlaps) {
  ServeOpa();
  StartWithOpa();
  RegisterOrders();
  fault_ = kFaults;
  const int stored = AppendBoth(40);
  fault_ = -1;
  ASSERT_TRUE(EventuallyAppends());
  const std::vector<v1::Event> events = Stored();
  // Whose answer was lost on its way is not among the acknowledged: at least those are there.
  EXPECT_GE(events.size(), static_cast<size_t>(stored) + 1);
  for (const v1::Event& event : events) {
    EXPECT_EQ(event.metadata().at(kCondition), "green");
    EXPECT_FALSE(event.admission().decision_id().empty());
    EXPECT_EQ(event.admission().policy_revision(), "r1");
    EXPECT_TRUE(WouldBeAdmitted(event));
  }
}

TEST_F(PolicyFaultsTest, StoresOnlyWhatWasAdmittedWhileTheRealOpaIsKilled) {
  policy::RequireOpa();
  if (IsSkipped() || HasFatalFailure()) return;
  StartDaemon({"--set", "policy.engine=opa", "--set", "policy.timeout_ms=500"});
  RegisterOrders();
  // One of the daemon's threads has the child.
  std::atomic<bool> done = false;
  std::atomic<int> killed = 0;
  std::thread killer([&] {
    while (!done) {
      for (const auto& thread :
           std::filesystem::directory_iterator(absl::StrCat("/proc/", daemon_->pid(), "/task"))) {
        std::ifstream in(thread.path() / "children");
        for (pid_t child = 0; in >> child;) killed += ::kill(child, SIGKILL) == 0 ? 1 : 0;
      }
      std::this_thread::yield();
    }
  });
  const auto critical = [&](int i) {
    v1::AppendRequest request = OneEvent("order-1", "order.placed", R"({"total": 1})");
    v1::NewEvent& event = *request.mutable_streams(0)->mutable_events(0);
    event.mutable_routing()->set_criticality(v1::CRITICALITY_HIGH);
    if (i % 2 == 0) (*event.mutable_metadata())["owner"] = "team";
    return request;
  };
  for (int i = 0; i < 60 || killed < 3; ++i) Append(critical(i));
  done = true;
  killer.join();
  EXPECT_TRUE(fake::Eventually([&] { return Append(critical(0)).ok(); })) << daemon_->Output();
  const std::vector<v1::Event> events = Stored();
  EXPECT_FALSE(events.empty());
  for (const v1::Event& event : events) {
    EXPECT_EQ(event.metadata().count("owner"), 1u);
    EXPECT_TRUE(WouldBeAdmitted(event));
  }
}

// A bundle that denies one colour.
std::string Denying(const harness::TemporaryFolder& folder, const std::string& color,
                    std::string* revision) {
  const std::string sources = folder / ("deny-" + color);
  std::filesystem::create_directory(sources);
  std::ofstream(sources + "/append.rego") << absl::StrCat(
      "package nexus.append\n\ndecision := {\"allow\": true, \"deny\": [d | some d in deny]}\n\n"
      "deny contains {\"rule\": \"color\", \"message\": \"no\"} if {\n"
      "\tsome event in input.events\n\tevent.metadata.color == \"",
      color, "\"\n}\n");
  std::ofstream(sources + "/register_schema.rego")
      << "package nexus.register_schema\n\ndecision := {\"allow\": true, \"deny\": []}\n";
  const auto archive = policy::BuildBundle(sources, *policy::FindOpa(""));
  EXPECT_TRUE(archive.ok()) << archive.status();
  if (!archive.ok()) return "";
  *revision = policy::ParseWasmBundle(*archive)->revision;
  const std::string path = sources + ".tar.gz";
  std::ofstream(path, std::ios::binary) << *archive;
  return path;
}

// Puts a copy of `from` in the place of `to`, at once.
void PutInPlace(const std::string& from, const std::string& to) {
  std::filesystem::copy_file(from, to + ".new", std::filesystem::copy_options::overwrite_existing);
  std::filesystem::rename(to + ".new", to);
}

TEST_F(PolicyFaultsTest, StampsEachEventWithThePoliciesThatAdmittedItWhileTheyAreReplaced) {
  policy::RequireOpa();
  if (IsSkipped() || HasFatalFailure()) return;
  std::string no_red;
  std::string no_green;
  const std::string first = Denying(folder_, "red", &no_red);
  const std::string second = Denying(folder_, "green", &no_green);
  const std::string bundle = folder_ / "bundle.tar.gz";
  PutInPlace(first, bundle);
  StartDaemon({"--set", absl::StrCat("policy.embedded.bundle=", bundle), "--set",
               "policy.embedded.reload_ms=10"});
  RegisterOrders();
  std::atomic<bool> done = false;
  std::thread replacer([&] {
    for (bool red = false; !done; red = !red) {
      PutInPlace(red ? first : second, bundle);
      // The daemon looks twice before it believes; what it decides by is not waited for.
      fake::Eventually([&] { return done.load(); }, absl::Milliseconds(60));
    }
  });
  const absl::Time deadline = absl::Now() + kPatience;
  std::map<std::string, int> by_revision;
  while (absl::Now() < deadline && (by_revision[no_red] < 20 || by_revision[no_green] < 20)) {
    AppendBoth(10);
    by_revision.clear();
    for (const v1::Event& event : Stored()) ++by_revision[event.admission().policy_revision()];
  }
  done = true;
  replacer.join();
  EXPECT_GE(by_revision[no_red], 20);
  EXPECT_GE(by_revision[no_green], 20);
  for (const v1::Event& event : Stored()) {
    const std::string& revision = event.admission().policy_revision();
    ASSERT_TRUE(revision == no_red || revision == no_green) << revision;
    EXPECT_EQ(event.metadata().at(kCondition), revision == no_red ? "green" : "red");
  }
}

}  // namespace
}  // namespace nexus::integration
