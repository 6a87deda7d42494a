#include "domain/upcast/upcaster_code.h"

#include "domain/upcast/upcaster_domain.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "nexus/core/system_clock.h"
#include "schema/json/simd_json_reader.h"
#include "script/spidermonkey/spidermonkey_engine.h"

namespace nexus::domain {
namespace {

using ::testing::HasSubstr;

class UpcasterCodeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    scripts_ = *script::SpiderMonkeyEngine::Create(clock_);
    context_ = *scripts_->NewContext({.heap_bytes_max = 128 << 20});
  }

  absl::StatusOr<std::string> Run(const std::string& script, const std::string& data = "{}") {
    state_ = DomainOf(json_, {{.name = "next", .script = script, .to_type = "Done"}});
    const UpcasterRecord& record = state_->upcasters().front();
    code_.reset();
    auto code = UpcasterCode::Load(*context_, record, limits_);
    if (!code.ok()) return code.status();
    code_ = *std::move(code);
    RecordedEvent event;
    event.type = "Made";
    event.data = data;
    event.revision = Revision(3);
    event.position = Position(8);
    event.metadata = {{"$command", "hidden"}, {"owner", "ann"}};
    return code_->Run(record.declaration, UpcastView(event, record.declaration.from));
  }
  std::string FaultOf(const std::string& script) {
    const absl::StatusOr<std::string> data = Run(script);
    EXPECT_EQ(ReasonOf(data.status()), ErrorReason::kDomainCodeFailed) << script;
    return std::string(data.status().message());
  }

  SystemClock clock_;
  schema::SimdJsonReader json_;
  std::unique_ptr<script::SpiderMonkeyEngine> scripts_;
  std::unique_ptr<script::ScriptContext> context_;
  std::shared_ptr<const DomainState> state_;
  std::unique_ptr<UpcasterCode> code_;
  script::CallLimits limits_;
};

TEST_F(UpcasterCodeTest, GivesTheDataOfTheEventThatItIsGiven) {
  EXPECT_EQ(*Run("export const upcast = ({ data }) => ({ data: { a: data.b } });", R"({"b":[1]})"),
            R"({"a":[1]})");
  // The event itself may be changed, and what it is called may be told or not.
  EXPECT_EQ(*Run("export function upcast(e) { e.data.c = 2; return e; }", R"({"b":1})"),
            R"({"b":1,"c":2})");
  EXPECT_EQ(*Run("export const upcast = (e) => ({ type: 'Done', data: 1 });"), "1");
}

TEST_F(UpcasterCodeTest, SeesTheEvent) {
  EXPECT_EQ(*Run("export const upcast = ({ data, ...rest }) => ({ data: rest });"),
            R"({"type":"Made","version":1,"metadata":{"owner":"ann"},)"
            R"("id":"00000000-0000-0000-0000-000000000000","revision":3,"position":8,)"
            R"("recorded":"1970-01-01T00:00:00.000000Z"})");
}

TEST_F(UpcasterCodeTest, IsRefusedWithoutTheFunction) {
  EXPECT_THAT(FaultOf("export const upcaste = 1;"), HasSubstr("exports no function upcast"));
  EXPECT_THAT(FaultOf("export const upcast = 1;"), HasSubstr("exports no function upcast"));
  EXPECT_THAT(FaultOf("export function upcast("), HasSubstr("next.js:1"));
}

TEST_F(UpcasterCodeTest, NamesWhatItThrows) {
  const absl::StatusOr<std::string> data =
      Run("export function upcast(event) {\n  throw new Error('broken on purpose');\n}");
  EXPECT_THAT(std::string(data.status().message()),
              HasSubstr("the code of the upcaster next (one/next.js) fails: next.js:2"));
  EXPECT_THAT(std::string(data.status().message()), HasSubstr("broken on purpose"));
  EXPECT_FALSE(code_->broken());
  bool has_digest = false;
  for (const auto& [key, value] : DetailsOf(data.status()).metadata) {
    has_digest = has_digest || (key == "input_digest" && value.size() == 64);
  }
  EXPECT_TRUE(has_digest);
}

TEST_F(UpcasterCodeTest, EndsALoop) {
  EXPECT_THAT(FaultOf("export function upcast() { for (;;) {} }"), HasSubstr("too long"));
  EXPECT_TRUE(code_->broken());
  EXPECT_THAT(FaultOf("for (;;) {}\nexport const upcast = (e) => e;"), HasSubstr("too long"));
}

TEST_F(UpcasterCodeTest, EndsWhatTakesTooMuchMemory) {
  limits_.bytes_max = 8 << 20;
  EXPECT_THAT(FaultOf("export function upcast() {\n"
                      "  const all = [];\n  for (;;) all.push('x'.repeat(1000) + all.length);\n}"),
              HasSubstr("more memory"));
  EXPECT_TRUE(code_->broken());
  // A small value whose text is large.
  limits_.time_max = absl::Seconds(20);
  EXPECT_THAT(FaultOf("export function upcast() {\n"
                      "  let all = ['x'.repeat(1000)];\n"
                      "  for (let i = 0; i < 20; i++) all = [all, all];\n"
                      "  return { data: all };\n}"),
              HasSubstr("bytes"));
}

TEST_F(UpcasterCodeTest, RefusesWhatIsNoEvent) {
  for (const char* answer : {"undefined", "null", "7", "'text'", "() => 1"}) {
    EXPECT_THAT(FaultOf(std::string("export const upcast = () => (") + answer + ");"),
                HasSubstr("upcast gives no event"));
  }
  EXPECT_THAT(FaultOf("export const upcast = () => ({});"), HasSubstr("without data"));
  EXPECT_THAT(FaultOf("export const upcast = () => [1];"), HasSubstr("without data"));
  EXPECT_THAT(FaultOf("export const upcast = async (e) => e;"), HasSubstr("promise"));
  EXPECT_THAT(FaultOf("export const upcast = () => ({ type: 'Other', data: 1 });"),
              HasSubstr("of the type Other, not of Done"));
}

TEST_F(UpcasterCodeTest, RefusesDataThatAreNoJson) {
  for (const char* data : {"() => 1", "NaN", "1n", "Symbol('a')", "[undefined]"}) {
    FaultOf(std::string("export const upcast = () => ({ data: ") + data + " });");
    EXPECT_FALSE(code_->broken()) << data;
  }
  FaultOf("export function upcast() { const a = {}; a.a = a; return { data: a }; }");
}

TEST_F(UpcasterCodeTest, CannotReachWhatOthersUse) {
  EXPECT_THAT(FaultOf("export function upcast(e) { Object.prototype.data = 1; return e; }"),
              HasSubstr("not extensible"));
  EXPECT_THAT(FaultOf("Array.prototype.map = null;\nexport const upcast = (e) => e;"),
              HasSubstr("next.js:1"));
  // Members that only look like something else are members.
  EXPECT_EQ(*Run("export const upcast = (e) => e;", R"({"__proto__":{"data":1},"toJSON":2})"),
            R"({"__proto__":{"data":1},"toJSON":2})");
  EXPECT_EQ(*Run("export const upcast = () => ({ __proto__: { data: 1 } });"), "1");
  FaultOf("export const upcast = () => new Proxy({}, { get() { throw new Error('trap'); } });");
  FaultOf("export const upcast = () => ({ get data() { for (;;) {} } });");
  FaultOf("export const upcast = () => ({ data: { toJSON() { return 1; } } });");
}

TEST_F(UpcasterCodeTest, HasNoClockAndNoChance) {
  FaultOf("export const upcast = () => ({ data: Date.now() });");
  FaultOf("export const upcast = () => ({ data: Math.random() });");
}

}  // namespace
}  // namespace nexus::domain
