// Fills a registry with subjects of many versions, and asks it. bench/registry runs it.
//
//   registry_load SERVER fill SUBJECTS VERSIONS
//   registry_load SERVER ask SUBJECTS VERSIONS CALLS

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "nexus/client/client.h"
#include "nexus/core/random_ids.h"
#include "nexus/core/system_clock.h"

namespace nexus::bench {
namespace {

constexpr int kThreads = 8;

std::string SubjectName(int i) { return absl::StrCat("domain", i % 100, ".event", i); }

// An order with a field more in each version.
std::string Definition(int subject, int version) {
  std::string text = absl::StrCat(
      R"({"$schema":"https://json-schema.org/draft/2020-12/schema","title":"event )", subject,
      R"(","type":"object","required":["id","customer","lines"],"properties":{)"
      R"("id":{"type":"string","minLength":1},"customer":{"type":"string","pattern":"^C[0-9]+$"},)"
      R"("lines":{"type":"array","minItems":1,"items":{"type":"object","properties":{)"
      R"("sku":{"type":"string"},"count":{"type":"integer","minimum":1}},"required":["sku"]}})");
  for (int v = 2; v <= version; ++v) {
    absl::StrAppend(&text, ",\"field", v, R"(":{"type":"string","default":""})");
  }
  return text + "}}";
}

std::unique_ptr<client::Client> Connect(const std::string& server) {
  static SystemClock clock;
  static RandomIds ids(clock);
  client::ClientOptions options;
  options.server = server;
  auto client = client::Client::Connect(options, clock, ids);
  if (!client.ok()) {
    std::fprintf(stderr, "%s\n", client.status().ToString().c_str());
    std::exit(1);
  }
  return *std::move(client);
}

void Fill(const std::string& server, int subjects, int versions) {
  std::atomic<int> next{0};
  const absl::Time begun = absl::Now();
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      const auto client = Connect(server);
      for (int i = next++; i < subjects; i = next++) {
        for (int v = 1; v <= versions; ++v) {
          const auto schema = client->RegisterSchema({SubjectName(i), Definition(i, v)});
          if (schema.ok()) continue;
          std::fprintf(stderr, "%s\n", schema.status().ToString().c_str());
          std::exit(1);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begun);
  std::printf("registered %d versions in %.1f s: %.0f/s\n", subjects * versions, seconds,
              subjects * versions / seconds);
}

template <typename Call>
void Time(const char* name, int calls, Call call) {
  std::vector<double> millis;
  for (int i = 0; i < calls; ++i) {
    const absl::Time begun = absl::Now();
    if (!call()) std::exit(1);
    millis.push_back(absl::ToDoubleMilliseconds(absl::Now() - begun));
  }
  const double first = millis[0];
  std::sort(millis.begin(), millis.end());
  std::printf("%-24s first %7.2f ms   p50 %7.3f   p99 %7.3f   max %7.2f   (%d calls)\n", name,
              first, millis[millis.size() / 2], millis[millis.size() * 99 / 100], millis.back(),
              calls);
}

void Ask(const std::string& server, int subjects, int versions, int calls) {
  const auto client = Connect(server);
  std::mt19937 random(1);
  const auto pick = [&](int below) {
    return static_cast<int>(random() % static_cast<uint32_t>(below));
  };
  Time("get a version", calls, [&] {
    return client->GetSchema(SubjectName(pick(subjects)), static_cast<uint32_t>(1 + pick(versions)))
        .ok();
  });
  Time("get the latest", calls,
       [&] { return client->GetSchema(SubjectName(pick(subjects)), 0).ok(); });
  Time("check compatibility", calls, [&] {
    const int i = pick(subjects);
    const auto check = client->CheckCompatibility({SubjectName(i), Definition(i, versions + 1)});
    return check.ok() && check->verdict.compatible();
  });
}

int Run(int argc, char** argv) {
  int subjects = 0, versions = 0, calls = 0;
  const bool fill = argc == 5 && std::string(argv[2]) == "fill";
  const bool ask = argc == 6 && std::string(argv[2]) == "ask";
  if ((!fill && !ask) || !absl::SimpleAtoi(argv[3], &subjects) ||
      !absl::SimpleAtoi(argv[4], &versions) || (ask && !absl::SimpleAtoi(argv[5], &calls))) {
    std::fprintf(stderr,
                 "registry_load SERVER fill SUBJECTS VERSIONS\n"
                 "registry_load SERVER ask SUBJECTS VERSIONS CALLS\n");
    return 2;
  }
  if (fill) Fill(argv[1], subjects, versions);
  if (ask) Ask(argv[1], subjects, versions, calls);
  return 0;
}

}  // namespace
}  // namespace nexus::bench

int main(int argc, char** argv) { return nexus::bench::Run(argc, argv); }
