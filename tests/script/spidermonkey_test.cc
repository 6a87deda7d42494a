#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "nexus/core/system_clock.h"
#include "script/small_module.h"
#include "script/spidermonkey/spidermonkey_engine.h"

namespace nexus::script {
namespace {

constexpr absl::Duration kLong = absl::Seconds(20);

class SpiderMonkeyTest : public testing::Test {
 protected:
  void SetUp() override {
    engine_ = *SpiderMonkeyEngine::Create(clock_);
    auto context = engine_->NewContext({});
    ASSERT_TRUE(context.ok()) << context.status();
    context_ = *std::move(context);
    auto compiled = context_->Compile(SmallModule::Bytes());
    ASSERT_TRUE(compiled.ok()) << compiled.status();
    compiled_ = *compiled;
    instance_ = NewInstance();
  }

  std::unique_ptr<WasmInstance> NewInstance() {
    WasmImports imports;
    imports.memory_bytes_min = 64 << 10;
    imports.memory_bytes_max = 256 << 10;
    imports.functions.push_back(
        {"host", [this](absl::Span<const int32_t> arguments) { return host_(arguments.at(0)); }});
    auto instance = context_->Instantiate(*compiled_, std::move(imports));
    EXPECT_TRUE(instance.ok()) << instance.status();
    return instance.ok() ? *std::move(instance) : nullptr;
  }

  absl::StatusOr<int32_t> Call(absl::string_view name, const std::vector<int32_t>& arguments,
                               absl::Duration time_max = kLong) {
    absl::StatusOr<WasmFunction> function = instance_->Find(name);
    if (!function.ok()) return function.status();
    return instance_->Call(*function, arguments, time_max);
  }

  SystemClock clock_;
  std::unique_ptr<SpiderMonkeyEngine> engine_;
  std::unique_ptr<ScriptContext> context_;
  std::shared_ptr<const CompiledWasm> compiled_;
  std::unique_ptr<WasmInstance> instance_;
  std::function<absl::StatusOr<int32_t>(int32_t)> host_ = [](int32_t x) { return x + 1; };
};

TEST_F(SpiderMonkeyTest, CallsWhatAModuleExports) {
  EXPECT_EQ(Call("add", {40, 2}).value(), 42);
  EXPECT_EQ(Call("add", {2147483647, 1}).value(), -2147483647 - 1);
}

TEST_F(SpiderMonkeyTest, KnowsNoFunctionThatIsNotExported) {
  EXPECT_TRUE(absl::IsNotFound(Call("subtract", {}).status()));
  EXPECT_TRUE(absl::IsNotFound(Call("toString", {}).status()));
}

TEST_F(SpiderMonkeyTest, LetsTheModuleCallTheHost) { EXPECT_EQ(Call("ask", {6}).value(), 7); }

TEST_F(SpiderMonkeyTest, EndsACallWithTheVeryErrorOfTheHost) {
  host_ = [](int32_t) { return absl::AbortedError("not this one"); };
  EXPECT_EQ(Call("ask", {6}).status(), absl::AbortedError("not this one"));
  host_ = [](int32_t x) { return x; };
  EXPECT_EQ(Call("ask", {6}).value(), 6);
}

TEST_F(SpiderMonkeyTest, LetsTheHostCallTheModuleInTurn) {
  host_ = [this](int32_t x) { return Call("add", {x, 100}); };
  EXPECT_EQ(Call("ask", {6}).value(), 106);
}

TEST_F(SpiderMonkeyTest, SharesTheMemory) {
  instance_->memory()[1000] = 77;
  EXPECT_EQ(Call("load", {1000}).value(), 77);
}

TEST_F(SpiderMonkeyTest, TellsAnAccessBeyondTheMemory) {
  EXPECT_TRUE(absl::IsInternal(Call("load", {-1}).status()));
}

TEST_F(SpiderMonkeyTest, GrowsTheMemoryUpToItsMaximum) {
  instance_->memory()[1000] = 77;
  EXPECT_EQ(Call("grow", {1}).value(), 1);
  EXPECT_EQ(instance_->memory().size(), 128u << 10);
  ASSERT_TRUE(instance_->Grow(200 << 10).ok());
  EXPECT_EQ(instance_->memory().size(), 256u << 10);
  EXPECT_EQ(instance_->memory()[1000], 77);
  EXPECT_TRUE(absl::IsResourceExhausted(instance_->Grow(300 << 10)));
  EXPECT_EQ(Call("grow", {1}).value(), -1);
}

TEST_F(SpiderMonkeyTest, InterruptsWhatRunsForTooLong) {
  const absl::Duration before = clock_.Monotonic();
  EXPECT_TRUE(absl::IsDeadlineExceeded(Call("spin", {}, absl::Milliseconds(30)).status()));
  EXPECT_GE(clock_.Monotonic() - before, absl::Milliseconds(30));
}

TEST_F(SpiderMonkeyTest, GoesOnAfterAnInterruption) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(absl::IsDeadlineExceeded(Call("spin", {}, absl::Milliseconds(1)).status()));
    instance_ = NewInstance();
    EXPECT_EQ(Call("add", {1, 2}).value(), 3);
  }
}

TEST_F(SpiderMonkeyTest, BoundsWhatTheHostCallsByTheLimitOfTheOuterCall) {
  host_ = [this](int32_t) { return Call("spin", {}, kLong); };
  EXPECT_TRUE(absl::IsDeadlineExceeded(Call("ask", {1}, absl::Milliseconds(20)).status()));
}

TEST_F(SpiderMonkeyTest, TellsATrap) { EXPECT_TRUE(absl::IsInternal(Call("trap", {}).status())); }

TEST_F(SpiderMonkeyTest, BoundsTheStack) {
  EXPECT_TRUE(absl::IsInternal(Call("dive", {}).status()));
}

TEST_F(SpiderMonkeyTest, RefusesWhatIsNoModule) {
  EXPECT_TRUE(absl::IsInvalidArgument(context_->Compile("no module").status()));
  EXPECT_TRUE(
      absl::IsInvalidArgument(context_->Compile(SmallModule::Bytes().substr(0, 50)).status()));
}

TEST_F(SpiderMonkeyTest, RefusesAModuleThatIsTooLarge) {
  instance_.reset();
  context_.reset();
  ContextLimits limits;
  limits.wasm_bytes_max = 100;
  context_ = *engine_->NewContext(limits);
  EXPECT_TRUE(absl::IsInvalidArgument(context_->Compile(SmallModule::Bytes()).status()));
}

TEST_F(SpiderMonkeyTest, RefusesAModuleThatImportsWhatItIsNotGiven) {
  EXPECT_TRUE(absl::IsInvalidArgument(context_->Instantiate(*compiled_, {}).status()));
}

TEST_F(SpiderMonkeyTest, RunsOneModuleOnManyThreads) {
  std::vector<std::thread> threads;
  std::vector<int32_t> sums(4);
  for (int32_t t = 0; t < 4; ++t) {
    threads.emplace_back([this, t, &sum = sums[static_cast<size_t>(t)]] {
      const std::unique_ptr<ScriptContext> context = *engine_->NewContext({});
      WasmImports imports;
      imports.functions.push_back({"host", [](absl::Span<const int32_t> a) { return a[0]; }});
      const std::unique_ptr<WasmInstance> instance =
          *context->Instantiate(*compiled_, std::move(imports));
      const WasmFunction add = *instance->Find("add");
      for (int32_t i = 0; i < 1000; ++i) sum = *instance->Call(add, {sum, t}, kLong);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sums, (std::vector<int32_t>{0, 1000, 2000, 3000}));
}

}  // namespace
}  // namespace nexus::script
