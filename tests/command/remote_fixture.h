#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "command/command_runner.h"
#include "domain/domain_state.h"
#include "engine/engine_fixture.h"
#include "gmock/gmock.h"
#include "nexus/core/system_clock.h"
#include "script/spidermonkey/spidermonkey_engine.h"

namespace nexus::command {

// A worker whose connection is a few lists. Pages "leave" when the test pumps.
class FakeWorker : public WorkerPort {
 public:
  void Send(TaskPage page, Sent sent) override {
    pages.push_back(std::move(page));
    unsent.push_back(std::move(sent));
  }
  void End(const absl::Status& why) override {
    if (!ended.has_value()) ended = why;
  }
  // Whether anything left.
  bool Flush() {
    std::deque<Sent> leaving;
    leaving.swap(unsent);
    for (Sent& sent : leaving) sent(true);
    return !leaving.empty();
  }
  // The oldest page that no test has looked at.
  std::optional<TaskPage> Take() {
    if (pages.empty()) return std::nullopt;
    TaskPage page = std::move(pages.front());
    pages.pop_front();
    return page;
  }

  WorkerId id = 0;
  std::string session;
  std::deque<TaskPage> pages;
  std::deque<Sent> unsent;
  std::optional<absl::Status> ended;
};

using FakeWorkerPtr = std::shared_ptr<FakeWorker>;

// Commands to accounts, which nobody here decides, and to counters, which a script does. All on the
// test's thread; time moves when told.
class RemoteFixture : public engine::EngineFixture {
 protected:
  using Answer = std::shared_ptr<std::optional<absl::StatusOr<CommandReceipt>>>;

  void SetUp() override {
    EngineFixture::SetUp();
    scripts_ = *script::SpiderMonkeyEngine::Create(real_clock_);
    for (const char* command : {"Deposit", "Withdraw", "Count", "Ring"}) {
      ASSERT_TRUE(RegisterSchema(command, R"({"type":"object"})").ok());
    }
    for (const char* event : {"Deposited", "Withdrawn"}) {
      ASSERT_TRUE(RegisterSchema(event, R"({"type":"object","required":["amount"],
          "properties":{"amount":{"type":"number"}}})")
                      .ok());
    }
    Declare(1);
    Start({});
  }
  void TearDown() override {
    // Whatever a test left behind must end.
    if (runner_ != nullptr) runner_->Stop();
    runner_.reset();
  }

  void Declare(uint64_t version) {
    auto package = std::make_shared<domain::DomainPackage>();
    package->name = "bank";
    package->declarations = {{"account.json", R"({
        "apiVersion": "nexus/v1", "kind": "Aggregate", "metadata": {"name": "account"},
        "spec": {"id": "/id", "commands": ["Deposit", "Withdraw"],
                 "events": ["Deposited", "Withdrawn"]}})"},
                             {"bell.json", R"({
        "apiVersion": "nexus/v1", "kind": "Aggregate", "metadata": {"name": "bell"},
        "spec": {"id": "/id", "commands": ["Ring"], "events": ["Deposited"]}})"},
                             {"counter.json", R"({
        "apiVersion": "nexus/v1", "kind": "Aggregate", "metadata": {"name": "counter"},
        "spec": {"id": "/id", "script": "counter.js", "commands": ["Count"],
                 "events": ["Withdrawn"]}})"}};
    package->files = {{"counter.js",
                       "export function evolve(s) { return s; }\n"
                       "export function decide() { return []; }\n"}};
    std::map<std::string, domain::DomainRecord> domains;
    domains["bank"].package = std::move(package);
    domains["bank"].version = version;
    domains_ = *domain::DomainState::Build(std::move(domains), json_);
  }

  // Defaults but for what a test says; nothing waits for long when it stops.
  void Start(RemoteOptions options) {
    options.stop_patience = absl::ZeroDuration();
    runner_.reset();
    runner_ =
        std::make_unique<CommandRunner>(CommandRunnerParts{*engine_, log_, log_, *scripts_, json_,
                                                           ids_, [this] { return domains_; }},
                                        CommandRunnerOptions{1, {}, options});
  }
  RemoteDecider& remote() { return runner_->remote(); }

  static CommandDraft Command(std::string type, std::string account) {
    CommandDraft draft;
    draft.type = std::move(type);
    draft.data = absl::StrCat("{\"id\":\"", account, "\"}");
    return draft;
  }
  Answer Execute(CommandDraft draft, engine::Caller caller = {}) {
    auto answer = std::make_shared<std::optional<absl::StatusOr<CommandReceipt>>>();
    runner_->Execute(std::move(draft), std::move(caller),
                     [answer](auto receipt) { *answer = std::move(receipt); });
    Pump();
    return answer;
  }
  Answer Deposit(const std::string& account) { return Execute(Command("Deposit", account)); }

  FakeWorkerPtr Connect(size_t tasks_max = 10, std::vector<std::string> aggregates = {"account"},
                        std::string name = "w") {
    auto worker = std::make_shared<FakeWorker>();
    WorkerProfile profile;
    profile.name = std::move(name);
    profile.aggregates = std::move(aggregates);
    profile.tasks_max = tasks_max;
    const auto welcome = runner_->Join(std::move(profile), {}, worker);
    EXPECT_TRUE(welcome.ok()) << welcome.status();
    if (!welcome.ok()) return worker;
    worker->id = welcome->id;
    worker->session = welcome->session;
    workers_.push_back(worker);
    remote().Serve(worker->id);
    Pump();
    return worker;
  }
  void Disconnect(FakeWorker& worker) {
    remote().Leave(worker.id);
    Pump();
  }

  static WorkerAnswer Decides(const TaskPage& task, std::string type = "Deposited",
                              std::string data = R"({"amount":1})") {
    WorkerAnswer answer;
    answer.task_id = task.task_id;
    answer.decision.events.push_back({std::move(type), std::move(data)});
    answer.keeps_state = true;
    return answer;
  }
  static WorkerAnswer Rejects(const TaskPage& task, std::string details = "{}") {
    WorkerAnswer answer;
    answer.task_id = task.task_id;
    answer.kind = WorkerAnswer::Kind::kRejection;
    answer.decision.rejection = Rejection{"no", std::move(details)};
    return answer;
  }
  static WorkerAnswer NeedsEvents(const TaskPage& task) {
    WorkerAnswer answer;
    answer.task_id = task.task_id;
    answer.kind = WorkerAnswer::Kind::kNeedsEvents;
    return answer;
  }
  void Give(FakeWorker& worker, WorkerAnswer answer) {
    remote().Answered(worker.id, std::move(answer));
    Pump();
  }
  // The next task, answered as one that stores an event.
  void Serve(FakeWorker& worker) {
    const std::optional<TaskPage> task = worker.Take();
    ASSERT_TRUE(task.has_value());
    Give(worker, Decides(*task));
  }

  // Everything that can happen without time.
  void Pump() {
    for (bool busy = true; busy;) {
      executor_.RunAll();
      busy = false;
      for (const FakeWorkerPtr& worker : workers_) busy = worker->Flush() || busy;
    }
  }
  void Pass(absl::Duration time) {
    for (absl::Duration step = absl::Milliseconds(50); time > absl::ZeroDuration(); time -= step) {
      clock_.Advance(step);
      executor_.Advance(step);
      Pump();
    }
  }

  double Value(const std::string& metric) { return metrics_.Value(metric); }
  size_t EventsOf(const std::string& stream) {
    const auto page = log_.ReadStream(StreamName::Literal(stream), Revision(0), Direction::kForward,
                                      PageLimits());
    return page.ok() ? page->events.size() : 0;
  }

  SystemClock real_clock_;
  std::unique_ptr<script::SpiderMonkeyEngine> scripts_;
  std::shared_ptr<const domain::DomainState> domains_;
  std::vector<FakeWorkerPtr> workers_;
  std::unique_ptr<CommandRunner> runner_;
};

// Of an Answer.
MATCHER(Stored, "") { return arg->has_value() && (*arg)->ok(); }
MATCHER(Pending, "") { return !arg->has_value(); }
MATCHER_P(Fails, reason, "") {
  if (!arg->has_value()) return false;
  *result_listener << (*arg)->status();
  return ReasonOf((*arg)->status()) == reason;
}

}  // namespace nexus::command
