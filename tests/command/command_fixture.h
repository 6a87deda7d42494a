#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "command/account_domain.h"
#include "command/command_runner.h"
#include "domain/domain_state.h"
#include "engine/engine_fixture.h"
#include "fake/eventually.h"
#include "nexus/core/system_clock.h"
#include "script/spidermonkey/spidermonkey_engine.h"

namespace nexus::command {

class CommandFixture : public engine::EngineFixture {
 protected:
  void SetUp() override {
    EngineFixture::SetUp();
    scripts_ = *script::SpiderMonkeyEngine::Create(real_clock_);
    for (const char* command : {"Deposit", "Withdraw", "Look", "Spin", "Throw", "Stray", "Bad"}) {
      ASSERT_TRUE(RegisterSchema(command, R"({"type":"object","required":["accountId"],
          "properties":{"amount":{"type":"number","minimum":0}}})")
                      .ok());
    }
    for (const char* event : {"Deposited", "Withdrawn"}) {
      ASSERT_TRUE(RegisterSchema(event, R"({"type":"object","required":["amount"],
          "properties":{"amount":{"type":"number"}}})")
                      .ok());
    }
    Declare(kAccountScript);
    Start({});
  }
  void TearDown() override { runner_.reset(); }

  void Start(const CommandWorkerOptions& worker, size_t threads = 1) {
    runner_.reset();
    runner_ = std::make_unique<CommandRunner>(
        CommandRunnerParts{*engine_, Reader(), log_, *scripts_, json_, ids_,
                           [this] {
                             absl::MutexLock lock(&domains_mutex_);
                             return domains_;
                           },
                           Snapshots()},
        CommandRunnerOptions{threads, worker});
  }
  virtual EventReader& Reader() { return log_; }
  virtual SnapshotParts* Snapshots() { return nullptr; }

  void Declare(const std::string& script, const std::string& snapshots = "{}",
               const MoreOfDomain& more = {}) {
    auto state = AccountDomain(json_, script, snapshots, more);
    absl::MutexLock lock(&domains_mutex_);
    domains_ = std::move(state);
  }

  static CommandDraft Command(std::string type, std::string account, std::string more = "") {
    CommandDraft draft;
    draft.type = std::move(type);
    draft.data = absl::StrCat("{\"accountId\":\"", account, "\"", more, "}");
    return draft;
  }
  static std::string Amount(int amount) { return absl::StrCat(",\"amount\":", amount); }

  absl::StatusOr<CommandReceipt> Execute(CommandDraft draft, engine::Caller caller = {}) {
    absl::Notification answered;
    absl::StatusOr<CommandReceipt> answer;
    runner_->Execute(std::move(draft), std::move(caller), [&](auto receipt) {
      answer = std::move(receipt);
      answered.Notify();
    });
    while (!answered.WaitForNotificationWithTimeout(absl::Milliseconds(1))) Work();
    return answer;
  }
  // As Append(), but the log may be answering a command still, and then answers this after it.
  absl::Status AppendBeside(std::string stream, std::string type, std::string data) {
    const Answer answer =
        AppendLater(Draft(std::move(stream), std::move(type), std::move(data)), {});
    fake::Eventually([&] {
      executor_.RunAll();
      return answer->has_value();
    });
    return answer->has_value() ? (*answer)->status() : absl::InternalError("not answered");
  }
  // What waits for the executor, and what waits for a time.
  void Work() {
    executor_.RunAll();
    executor_.Advance(absl::Milliseconds(100));
  }

  SystemClock real_clock_;
  std::unique_ptr<script::SpiderMonkeyEngine> scripts_;
  absl::Mutex domains_mutex_;
  std::shared_ptr<const domain::DomainState> domains_ ABSL_GUARDED_BY(domains_mutex_);
  std::unique_ptr<CommandRunner> runner_;
};

}  // namespace nexus::command
