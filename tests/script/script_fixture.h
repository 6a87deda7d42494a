#pragma once

// An engine with a context, and modules of one file in it.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "nexus/core/system_clock.h"
#include "script/spidermonkey/spidermonkey_engine.h"

namespace nexus::script {

class ScriptFixture : public testing::Test {
 protected:
  void SetUp() override {
    auto engine = SpiderMonkeyEngine::Create(clock_);
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
    context_ = NewContext();
  }

  void TearDown() override {
    module_.reset();
    context_.reset();
  }

  std::unique_ptr<ScriptContext> NewContext() {
    ContextLimits limits;
    limits.heap_bytes_max = 256 << 20;
    auto context = engine_->NewContext(limits);
    EXPECT_TRUE(context.ok()) << context.status();
    return *std::move(context);
  }

  // Sanitizers and busy machines are slow: what does not test a bound has plenty.
  static CallLimits Plenty() {
    CallLimits limits;
    limits.time_max = absl::Seconds(30);
    limits.bytes_max = 128 << 20;
    return limits;
  }

  absl::StatusOr<std::unique_ptr<ScriptModule>> LoadFiles(const std::vector<ModuleFile>& files) {
    return context_->Load(files, files.at(0).name, Plenty());
  }

  absl::Status Load(std::string text) {
    module_.reset();
    auto loaded = LoadFiles({{"order.js", std::move(text)}});
    if (!loaded.ok()) return loaded.status();
    module_ = *std::move(loaded);
    return absl::OkStatus();
  }

  // Of the module loaded last.
  absl::StatusOr<std::string> Call(absl::string_view name,
                                   const std::vector<absl::string_view>& arguments = {},
                                   const CallLimits& limits = Plenty()) {
    const absl::StatusOr<ScriptFunction> function = module_->Find(name);
    if (!function.ok()) return function.status();
    const std::vector<ScriptArgument> values(arguments.begin(), arguments.end());
    return module_->CallForJson(*function, values, limits);
  }

  // What the expression is, as JSON, in a module of its own.
  absl::StatusOr<std::string> Evaluate(absl::string_view expression,
                                       const CallLimits& limits = Plenty()) {
    const absl::Status loaded =
        Load("export const f = () => { return (" + std::string(expression) + "); };");
    if (!loaded.ok()) return loaded;
    return Call("f", {}, limits);
  }

  SystemClock clock_;
  std::unique_ptr<SpiderMonkeyEngine> engine_;
  std::unique_ptr<ScriptContext> context_;
  std::unique_ptr<ScriptModule> module_;
};

}  // namespace nexus::script
