// A built-in that fails ends the decision. For OPA's WebAssembly as it is, each of these would be
// undefined, and the rule that should deny would deny nothing.

#include "policy/wasm/strict_builtins.h"

#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "policy/asking.h"
#include "policy/compiled_policies.h"
#include "policy/embedded.h"
#include "policy/real_opa.h"
#include "policy/wasm/wasm_binary.h"

namespace nexus::policy {
namespace {

class StrictBuiltinsTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { RequireOpa(); }
};

TEST_P(StrictBuiltinsTest, FailTheDecisionWithTheirName) {
  Embedded embedded;
  auto bundle = Compile(DenyIf(GetParam()));
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  const absl::Status started = embedded.Start(*std::move(bundle));
  ASSERT_TRUE(started.ok()) << started;
  const absl::Status failed = Ask(embedded.decider(), R"({"s":"text","n":1,"z":0})").status();
  EXPECT_EQ(FailureOf(failed), "engine_error") << failed;
  EXPECT_TRUE(absl::StrContains(failed.message(), "built-in function")) << failed;
}

INSTANTIATE_TEST_SUITE_P(
    All, StrictBuiltinsTest,
    testing::Values("to_number(input.s) > 1", "json.unmarshal(input.s).a == 1",
                    "startswith(input.n, \"a\")", "input.n / input.z > 1", "input.s + 1 > 1",
                    "base64.decode(\"!\") == input.s", "lower(input.n) == \"a\"",
                    "regex.match(\"(\", input.s)", "net.cidr_contains(input.s, \"10.0.0.1\")",
                    "count(input.n) > 1", "object.get(input.s, \"a\", 1) == 1",
                    "semver.compare(input.s, \"1.0.0\") == 0", "sprintf(input.n, []) == \"\"",
                    "concat(input.n, [\"a\"]) == \"a\"", "numbers.range(input.s, 1)[0] == 1"));

TEST(StrictBuiltins, LeaveUndefinedWhatIsRightlyUndefined) {
  RequireOpa();
  Embedded embedded;
  ASSERT_TRUE(embedded.Start(*Compile(DenyIf("max(input.a) > 1"))).ok());
  const absl::StatusOr<PolicyAnswer> answer = Ask(embedded.decider(), R"({"a":[]})");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->allow);
}

TEST(StrictBuiltins, RefuseWhatIsNoModuleOfOpa) {
  for (const std::string& wasm :
       {std::string(), std::string("text"), std::string("\0asm\1\0\0\0", 8),
        std::string("\0asm\1\0\0\0\1\x7f", 10)}) {
    EXPECT_EQ(ReasonOf(MakeBuiltinsStrict(wasm).status()), ErrorReason::kConfigurationInvalid);
  }
}

// A byte of each would become much more.
TEST(StrictBuiltins, RefuseWhatIsAllPartsAndNoModule) {
  const std::string header("\0asm\1\0\0\0", 8);
  std::string sections = header;
  for (int i = 0; i < 1'001; ++i) sections += std::string("\x05\0", 2);
  EXPECT_FALSE(MakeBuiltinsStrict(sections).ok());

  const auto with_section = [&](char id, const std::string& content) {
    std::string module = header + id;
    AppendText(module, content);
    return module;
  };
  std::string bodies;
  AppendNumber(bodies, 50'000'000);
  bodies.append(50'000'000, '\0');
  EXPECT_FALSE(MakeBuiltinsStrict(with_section(10, bodies)).ok());
}

TEST(StrictBuiltins, SurviveAModuleCutOffAnywhere) {
  RequireOpa();
  const std::string wasm = Compile(DenyIf("input.n > 1"))->wasm;
  for (size_t size = 0; size < wasm.size(); size += 37) {
    (void)MakeBuiltinsStrict(wasm.substr(0, size));
  }
  EXPECT_TRUE(MakeBuiltinsStrict(wasm).ok());
}

}  // namespace
}  // namespace nexus::policy
