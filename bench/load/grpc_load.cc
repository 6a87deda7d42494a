// Drives one gRPC system and prints one line of JSON; bench/compare starts it.
//
//   grpc_load --system nexus --target 127.0.0.1:7070 --measure append --clients 64 --events 1

#include <cstdio>
#include <fstream>
#include <map>
#include <string>

#include "CLI/CLI.hpp"
#include "load/connections.h"
#include "load/loops.h"

namespace {

using nexus::bench::Condition;
using nexus::bench::LoadOptions;
using nexus::bench::LoadReport;

void AddFlags(CLI::App& app, LoadOptions& options) {
  static const std::map<std::string, Condition> kConditions = {
      {"none", Condition::kNone}, {"revision", Condition::kRevision}, {"tag", Condition::kTag}};
  app.add_option("--system", options.system, "nexus (and its echo) or umadb");
  app.add_option("--target", options.target, "host:port")->required();
  app.add_option("--connections", options.connections);
  app.add_option("--clients", options.clients, "Calls under way at once");
  app.add_option("--events", options.events, "A request");
  app.add_option("--size", options.data_bytes, "Bytes of an event's data, at least 40");
  app.add_option("--condition", options.condition, "none, revision or tag")
      ->transform(CLI::CheckedTransformer(kConditions));
  app.add_flag("--tagged", options.tagged, "Each event has a tag");
  app.add_flag("--hot", options.hot, "All write to one stream");
  app.add_flag("--fresh-streams", options.fresh_streams, "Each request to a stream of its own");
  app.add_option("--first-stream", options.first_stream, "Number of the first stream");
  app.add_option("--rate", options.rate, "Requests a second, open loop");
  app.add_option("--window", options.window, "Unanswered messages of a streaming call");
  app.add_option("--streams", options.streams, "Streams to read from");
  app.add_option("--stream-events", options.stream_events, "Events that each read must give");
  app.add_option("--passes", options.passes, "Of a scan");
  app.add_option("--subscribers", options.subscribers);
  app.add_option("--calls", options.calls, "Ends after so many requests");
  app.add_option("--seconds", options.seconds, "Measured");
  app.add_option("--timeout", options.timeout, "Of one call, seconds");
  app.add_option("--phases", options.phases, "overload: CLIENTS:SECONDS,...");
  app.add_flag("--impatient", options.impatient, "overload: does not wait after a refusal");
  app.add_option("--warm-up", options.warm_up, "Seconds before, not counted");
}

LoadReport Run(const std::string& measure, const LoadOptions& options) {
  const auto dialect = nexus::bench::MakeDialect(options);
  if (measure == "append") return nexus::bench::RunAppends(options, *dialect);
  if (measure == "stream") return nexus::bench::RunStreamedAppends(options, *dialect);
  if (measure == "read") return nexus::bench::RunStreamReads(options, *dialect);
  if (measure == "scan") return nexus::bench::RunScan(options, *dialect);
  if (measure == "subscribe") return nexus::bench::RunSubscribers(options, *dialect);
  if (measure == "schema") {
    nexus::bench::RegisterSchema(options, nexus::bench::Connections(options).first());
    return {};
  }
  nexus::bench::Die("no such measure: " + measure);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Drives one gRPC system and prints one line of JSON");
  LoadOptions options;
  std::string measure = "append";
  app.add_option("--measure", measure, "append, stream, read, scan, subscribe, overload or schema");
  AddFlags(app, options);
  std::string token_file;
  app.add_option("--token-file", token_file, "Who calls: a file that holds a token");
  CLI11_PARSE(app, argc, argv);
  if (!token_file.empty()) {
    std::ifstream file(token_file);
    if (!std::getline(file, options.token)) nexus::bench::Die("no token in " + token_file);
  }
  if (options.data_bytes < 40 || options.clients < 1 || options.streams < 1) {
    nexus::bench::Die("--size is at least 40, --clients and --streams at least 1");
  }
  if (measure == "overload") {
    const auto dialect = nexus::bench::MakeDialect(options);
    std::printf("%s\n", nexus::bench::RunOverload(options, *dialect).c_str());
    return 0;
  }
  const LoadReport report = Run(measure, options);
  std::printf("%s\n", nexus::bench::ToJson(report).c_str());
  return 0;
}
