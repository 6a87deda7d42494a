// What hostile code reaches before its limits end it: one line of JSON for each attempt.
//
//   script_bombs [MILLISECONDS [NAME]]
//
// Each runs once in a process of its own, under the default limits of a call or for so long.
// `peak_mib` is the most that the process was resident with, `more_mib` what that is above one
// whose call does nothing; `ms` how long the call took, `cpu_ms` what the process did in all;
// `then` whether the context serves another module.

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "nexus/core/system_clock.h"
#include "script/spidermonkey/spidermonkey_engine.h"

namespace nexus::script {
namespace {

struct Bomb {
  const char* name;
  const char* body;  // of a function
};

constexpr std::array kBombs = {
    Bomb{"nothing", "return 0;"},
    Bomb{"objects", "const a = []; for (;;) a.push({x: 1});"},
    Bomb{"numbers", "const a = []; for (;;) a.push(1.5);"},
    Bomb{"properties", "const o = {}; for (let i = 0;; ++i) o['k' + i] = i;"},
    Bomb{"map", "const m = new Map(); for (let i = 0;; ++i) m.set(i, i);"},
    Bomb{"closures", "const a = []; for (let i = 0;; ++i) a.push(() => i);"},
    Bomb{"symbols", "const a = []; for (let i = 0;; ++i) a.push(Symbol('s' + i));"},
    Bomb{"texts", "const a = []; for (let i = 0;; ++i) a.push('x'.repeat(1 << 20) + i);"},
    Bomb{"large_texts", "const a = []; for (let i = 0;; ++i) a.push('x'.repeat(1 << 24));"},
    Bomb{"doubled_text",
         "let s = 'ab'; for (let i = 0; i < 28; ++i) s += s; return s.charCodeAt(1);"},
    Bomb{"doubled_wide_text",
         "let s = '\\u4e2d'; for (let i = 0; i < 29; ++i) s += s; return s.indexOf('x');"},
    Bomb{"doubled_upper",
         "let s = 'ab'; for (let i = 0; i < 28; ++i) s += s; return s.toUpperCase().length;"},
    Bomb{"longest_text",
         "let s = '\\u4e2d\\u4e2d', all = '';"
         "for (let i = 1; i < 30; ++i) { all += s; if (i < 29) s += s; }"
         "return all.toUpperCase().length;"},
    Bomb{"replaced_text",
         "return 'a'.repeat(1 << 14).replaceAll('a', 'b'.repeat(1 << 15)).length;"},
    Bomb{"joined_text", "return Array(1 << 24).join('x'.repeat(60)).length;"},
    Bomb{"escaped_text", "return encodeURIComponent('\\u4e2d'.repeat(1 << 24)).length;"},
    Bomb{"split_text", "return 'ab'.repeat(1 << 22).split('').length;"},
    Bomb{"spread_text", "return [...'ab'.repeat(1 << 22)].length;"},
    Bomb{"stringified",
         "let a = ['x'.repeat(1000)]; for (let i = 0; i < 30; ++i) a = [a, a];"
         "return JSON.stringify(a).length;"},
    Bomb{"parsed", "return JSON.parse('[' + '{},'.repeat(1 << 22) + '0]').length;"},
    Bomb{"filled_array", "return Array(1 << 27).fill(0).length;"},
    Bomb{"array_from", "return Array.from({length: 1 << 28}).length;"},
    Bomb{"sparse_array", "return Array(2 ** 32 - 1).indexOf(1);"},
    Bomb{"sparse_reverse", "return Array(2 ** 32 - 1).reverse().length;"},
    Bomb{"array_like", "return Array.prototype.lastIndexOf.call({length: 2 ** 53 - 1}, 1);"},
    Bomb{"concat", "let a = [1, 2]; for (;;) a = a.concat(a);"},
    Bomb{"sorted",
         "const a = []; for (let i = 0; i < 1e6; ++i) a.push((i * 7919) % 1e6);"
         "return a.sort().length;"},
    Bomb{"big_integer", "let n = 3n; for (;;) n *= n;"},
    Bomb{"big_integer_text", "return (3n ** 600000n).toString().length;"},
    Bomb{"backtracking", "return /^(a+)+$/.test('a'.repeat(60) + 'b');"},
    Bomb{"backtracking_twice", "return /(x+x+)+y/.test('x'.repeat(40));"},
    Bomb{"large_pattern", "return new RegExp('(a?){900}'.repeat(500)).test('a'.repeat(1000));"},
    Bomb{"loop", "for (;;) {}"},
    Bomb{"recursion", "const f = (n) => 1 + f(n + 1); return f(0);"},
    Bomb{"caught_recursion", "const f = () => { try { f(); } catch { f(); } }; f();"},
    Bomb{"caught_memory",
         "for (;;) { try { const a = []; for (;;) a.push('x'.repeat(1 << 22) + a.length); }"
         "catch { } }"},
    Bomb{"many_arguments", "return Math.max(...Array(400000).fill(1));"},
    Bomb{"large_result", "return Array(1 << 22).fill('some text');"},
    Bomb{"exploding_result",
         "let a = ['x'.repeat(1000)]; for (let i = 0; i < 40; ++i) a = [a, a]; return a;"},
    Bomb{"deep_result", "let a = []; for (let i = 0; i < 1e5; ++i) a = [a]; return a;"},
    Bomb{"generator", "function* g() { for (let i = 0;; ++i) yield {i}; } return [...g()];"},
    Bomb{"proxy", "const p = new Proxy({}, {ownKeys() { for (;;) {} }}); return {...p};"},
};

int RunHere(const Bomb& bomb, const CallLimits& limits) {
  SystemClock clock;
  const auto engine = *SpiderMonkeyEngine::Create(clock);
  ContextLimits context_limits;
  context_limits.heap_bytes_max = 256 << 20;
  const auto context = *engine->NewContext(context_limits);
  CallLimits loading;
  loading.time_max = absl::Seconds(1);
  auto module = *context->Load(
      {{"bomb.js", absl::StrCat("export const f = () => {", bomb.body, "};")}}, "bomb.js", loading);
  const absl::Duration begun = clock.Monotonic();
  const auto result = module->CallForJson(*module->Find("f"), {}, limits);
  const double ms = absl::ToDoubleMilliseconds(clock.Monotonic() - begun);
  module.reset();
  const auto next =
      context->Load({{"next.js", "export const f = () => 'served';"}}, "next.js", loading);
  const bool served = next.ok() && (*next)->CallForJson(*(*next)->Find("f"), {}, {}).ok();
  const std::string message(result.status().message().substr(0, 60));
  std::printf(
      "{\"name\": \"%s\", \"code\": \"%s\", \"message\": \"%s\", \"ms\": %.0f, \"then\": %s",
      bomb.name, absl::StatusCodeToString(result.status().code()).c_str(), message.c_str(), ms,
      served ? "true" : "false");
  std::fflush(stdout);
  return 0;
}

double RunApart(const Bomb& bomb, const CallLimits& limits, double idle_mib) {
  const pid_t child = fork();
  if (child == 0) _exit(RunHere(bomb, limits));
  int status = 0;
  rusage used{};
  if (child < 0 || wait4(child, &status, 0, &used) < 0) std::exit(1);
  const double mib = static_cast<double>(used.ru_maxrss) / 1024;
  if (status != 0) std::printf("{\"name\": \"%s\", \"died\": %d", bomb.name, status);
  const double cpu_ms = 1e3 * static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                        static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
  std::printf(", \"cpu_ms\": %.0f, \"peak_mib\": %.0f, \"more_mib\": %.0f}\n", cpu_ms, mib,
              mib - idle_mib);
  std::fflush(stdout);
  return mib;
}

}  // namespace
}  // namespace nexus::script

int main(int argc, char** argv) {
  using nexus::script::kBombs;
  nexus::script::CallLimits limits;
  if (argc > 1) limits.time_max = absl::Milliseconds(std::strtol(argv[1], nullptr, 10));
  double idle_mib = 0;
  for (const auto& bomb : kBombs) {
    if (argc > 2 && absl::string_view(argv[2]) != bomb.name && &bomb != &kBombs.front()) continue;
    const double mib = nexus::script::RunApart(bomb, limits, idle_mib);
    if (&bomb == &kBombs.front()) idle_mib = mib;
  }
  return 0;
}
