// nexusctl bench append|execute|read

#include <sys/utsname.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "client/append_load.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

constexpr char kType[] = "bench.recorded";
constexpr char kSchema[] =
    R"({"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",)"
    R"("properties":{"payload":{"type":"string"}},"required":["payload"],)"
    R"("additionalProperties":false})";

struct AppendBench {
  client::LoadOptions load;
  std::string duration = "10s";
  std::string warm_up = "1s";
};

struct ReadBench {
  std::string stream;
  std::string duration = "10s";
  bool once = false;
};

std::string Environment(Session& session) {
  JsonObject json;
  struct utsname system {};
  uname(&system);
  json.Text("kernel", system.release).Text("machine", system.machine);
  json.Number("cpus", std::thread::hardware_concurrency());
  json.Text("nexusctl", NEXUS_VERSION).Text("server", session.settings().server);
  const absl::StatusOr<client::Client*> client = session.Connect();
  if (client.ok()) {
    const absl::StatusOr<client::ServerStatus> status = (*client)->GetStatus();
    json.Text("server_version", status.ok() ? status->version : "unknown");
  }
#ifdef __OPTIMIZE__
  json.Text("build", "optimised");
#else
  json.Text("build", "not optimised");
#endif
  return json.Take();
}

void AddQuantiles(const client::LatencyHistogram& latency, JsonObject& json) {
  const auto milliseconds = [](absl::Duration d) { return absl::ToDoubleMilliseconds(d); };
  json.Real("p50_ms", milliseconds(latency.Quantile(0.5)));
  json.Real("p90_ms", milliseconds(latency.Quantile(0.9)));
  json.Real("p99_ms", milliseconds(latency.Quantile(0.99)));
  json.Real("p999_ms", milliseconds(latency.Quantile(0.999)));
  json.Real("max_ms", milliseconds(latency.max()));
  json.Real("mean_ms", milliseconds(latency.Mean()));
}

std::vector<std::pair<std::string, std::string>> LatencyFields(
    const client::LatencyHistogram& latency) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& [name, share] : {std::pair<const char*, double>{"p50", 0.5},
                                    {"p90", 0.9},
                                    {"p99", 0.99},
                                    {"p99.9", 0.999},
                                    {"max", 1.0}}) {
    fields.emplace_back(
        name, absl::StrFormat("%.3f ms", absl::ToDoubleMilliseconds(latency.Quantile(share))));
  }
  return fields;
}

std::string LoadJson(Session& session, const client::LoadOptions& load,
                     const client::LoadResult& result) {
  const double seconds = std::max(1e-9, absl::ToDoubleSeconds(result.duration));
  const double requests = static_cast<double>(result.requests) / seconds;
  JsonObject reasons;
  for (const auto& [reason, count] : result.errors_by_reason) reasons.Number(reason, count);
  JsonObject json;
  json.Text("bench", load.command.type.empty() ? "append" : "execute");
  json.Real("events_per_second", requests * load.batch).Real("requests_per_second", requests);
  AddQuantiles(result.latency, json);
  json.Number("requests", result.requests).Number("errors", result.errors);
  json.Raw("errors_by_reason", reasons.Take()).Text("first_error", result.first_error);
  json.Real("duration_s", seconds).Number("clients", static_cast<uint64_t>(load.clients));
  json.Number("batch", static_cast<uint64_t>(load.batch));
  json.Number("size", static_cast<uint64_t>(load.data_bytes)).Real("rate", load.rate);
  json.Raw("environment", Environment(session));
  return json.Take();
}

absl::Status CheckLoad(const client::LoadOptions& load) {
  constexpr int kSmallestData = 14;  // {"payload":""}
  if (load.clients < 1 || load.clients > 10'000) return UsageError("--clients is 1 to 10000");
  if (load.batch < 1 || load.batch > 10'000) return UsageError("--batch is 1 to 10000");
  if (load.data_bytes < kSmallestData || load.data_bytes > (1 << 20)) {
    return UsageError("--size is 14 to 1048576 bytes");
  }
  if (load.streams < 0 || load.rate < 0) return UsageError("--streams and --rate are not negative");
  return absl::OkStatus();
}

absl::StatusOr<client::LoadOptions> LoadOf(Session& session, const AppendBench& options) {
  client::LoadOptions load = options.load;
  NEXUS_RETURN_IF_ERROR(CheckLoad(load));
  NEXUS_ASSIGN_OR_RETURN(load.duration, ParseDuration(options.duration));
  if (options.warm_up != "0") {
    NEXUS_ASSIGN_OR_RETURN(load.warm_up, ParseDuration(options.warm_up));
  }
  load.server = session.settings().server;
  load.tls = session.settings().tls;
  load.token = session.settings().token;
  load.call_timeout = session.settings().timeout;
  return load;
}

absl::StatusOr<ExitCode> RunLoad(Session& session, const client::LoadOptions& load) {
  NEXUS_ASSIGN_OR_RETURN(
      const client::LoadResult result,
      client::RunAppendLoad(load, session.clock(), session.ids(), session.stop().requested()));
  auto fields = LatencyFields(result.latency);
  const double rate = static_cast<double>(result.requests) / absl::ToDoubleSeconds(result.duration);
  fields.insert(fields.begin(), {{"events/s", absl::StrFormat("%.0f", rate * load.batch)},
                                 {"requests/s", absl::StrFormat("%.0f", rate)},
                                 {"errors", absl::StrCat(result.errors)}});
  PrintObject(session.out(), session.style(), fields, LoadJson(session, load, result));
  if (session.stop().requested()) return ExitCode::kInterrupted;
  if (result.errors == 0) return ExitCode::kOk;
  session.Note(absl::StrCat(result.errors, " errors, the first: ", result.first_error));
  return result.requests > 0 ? ExitCode::kPartial : ExitCode::kFailure;
}

absl::StatusOr<ExitCode> BenchAppend(Session& session, const AppendBench& options) {
  NEXUS_ASSIGN_OR_RETURN(client::LoadOptions load, LoadOf(session, options));
  load.type = kType;
  load.stream_prefix = absl::StrCat("bench-", FormatUuid(session.ids().NewUuid()).substr(0, 8));
  {
    NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
    NEXUS_RETURN_IF_ERROR(client->RegisterSchema({kType, kSchema, "nexusctl bench"}).status());
  }
  session.Note(absl::StrCat("appending for ", absl::FormatDuration(load.duration), ", ",
                            load.clients, " clients, ", load.batch, " events of ", load.data_bytes,
                            " bytes a request"));
  return RunLoad(session, load);
}

absl::StatusOr<ExitCode> BenchExecute(Session& session, const AppendBench& options) {
  NEXUS_ASSIGN_OR_RETURN(client::LoadOptions load, LoadOf(session, options));
  if (load.command.aggregates < 1 || load.command.aggregates > 1'000'000) {
    return UsageError("--aggregates is 1 to 1000000");
  }
  session.Note(absl::StrCat("executing ", load.command.type, " for ",
                            absl::FormatDuration(load.duration), ", ", load.clients, " clients, ",
                            load.command.aggregates, " aggregates"));
  return RunLoad(session, load);
}

struct Scan {
  uint64_t events = 0;
  uint64_t bytes = 0;
  uint64_t passes = 0;
  client::LatencyHistogram page_latency;
  absl::Duration duration;
};

// Reads everything again and again until the time is over; a pass under way is cut off.
absl::Status RunScan(Session& session, const ReadBench& options, absl::Duration duration,
                     Scan& scan) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  const absl::Duration begin = session.clock().Monotonic();
  absl::Duration now = begin;
  bool more = true;
  while (more) {
    client::ReadOptions read;
    read.stream = options.stream;
    const auto events = client->Read(read);
    const uint64_t before = scan.events;
    while (more) {
      const absl::Duration asked = now;
      NEXUS_ASSIGN_OR_RETURN(const std::optional<EventBatch> page, events->Next());
      now = session.clock().Monotonic();
      if (!page.has_value()) break;
      scan.page_latency.Record(now - asked);
      scan.events += page->events.size();
      for (const RecordedEvent& event : page->events) scan.bytes += event.data.size();
      more = options.once || now - begin < duration;
    }
    ++scan.passes;
    more = more && !options.once && now - begin < duration && scan.events > before;
  }
  scan.duration = now - begin;
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> BenchRead(Session& session, const ReadBench& options) {
  NEXUS_ASSIGN_OR_RETURN(const absl::Duration duration, ParseDuration(options.duration));
  Scan scan;
  NEXUS_RETURN_IF_ERROR(RunScan(session, options, duration, scan));
  const double seconds = std::max(1e-9, absl::ToDoubleSeconds(scan.duration));
  JsonObject json;
  json.Text("bench", "read");
  json.Real("events_per_second", static_cast<double>(scan.events) / seconds);
  json.Real("requests_per_second", static_cast<double>(scan.page_latency.count()) / seconds);
  json.Real("megabytes_per_second", static_cast<double>(scan.bytes) / seconds / 1e6);
  AddQuantiles(scan.page_latency, json);
  json.Number("events", scan.events).Number("passes", scan.passes).Number("errors", 0);
  json.Real("duration_s", seconds).Raw("environment", Environment(session));
  auto fields = LatencyFields(scan.page_latency);
  fields.insert(fields.begin(),
                {{"events/s", absl::StrFormat("%.0f", static_cast<double>(scan.events) / seconds)},
                 {"MB/s", absl::StrFormat("%.1f", static_cast<double>(scan.bytes) / seconds / 1e6)},
                 {"events", absl::StrCat(scan.events)},
                 {"passes", absl::StrCat(scan.passes)}});
  PrintObject(session.out(), session.style(), fields, json.Take());
  return ExitCode::kOk;
}

}  // namespace

void AddBenchCommands(CLI::App& app, Chosen& chosen) {
  CLI::App* bench = app.add_subcommand("bench", "Measure a server (it stores what is appended)");
  bench->require_subcommand(1);

  auto append = std::make_shared<AppendBench>();
  CLI::App* write = bench->add_subcommand("append", "Appends: rate and latency");
  client::LoadOptions& load = append->load;
  write->add_option("--clients", load.clients, "Calls outstanding at once")->type_name("N");
  write->add_option("--batch", load.batch, "Events a request")->type_name("N");
  write->add_option("--size", load.data_bytes, "Of an event's data; default 256")
      ->type_name("BYTES");
  write->add_option("--duration", append->duration, "Default 10s")->type_name("DURATION");
  write->add_option("--warm-up", append->warm_up, "Not counted; default 1s")->type_name("DURATION");
  write->add_option("--streams", load.streams, "Default one a client")->type_name("N");
  write->add_option("--rate", load.rate, "Requests a second, open loop; 0: as fast as it goes")
      ->type_name("R");
  write->add_option("--connections", load.connections, "Default 4")->type_name("N");
  write->add_option("--threads", load.threads, "Default 1")->type_name("N");
  OnChosen(write, chosen, append, BenchAppend);

  auto execute = std::make_shared<AppendBench>();
  CLI::App* decide = bench->add_subcommand("execute", "Commands: rate and latency");
  client::LoadOptions& commands = execute->load;
  decide->add_option("TYPE", commands.command.type, "Type of the command")->required();
  decide->add_option("--data", commands.command.data, "JSON; {n} in it is the aggregate's number")
      ->required()
      ->type_name("JSON");
  decide->add_option("--aggregates", commands.command.aggregates, "Default 1000")->type_name("N");
  decide->add_option("--clients", commands.clients, "Calls outstanding at once")->type_name("N");
  decide->add_option("--duration", execute->duration, "Default 10s")->type_name("DURATION");
  decide->add_option("--warm-up", execute->warm_up, "Not counted; default 1s")
      ->type_name("DURATION");
  decide->add_option("--rate", commands.rate, "Commands a second, open loop; 0: as fast as it goes")
      ->type_name("R");
  decide->add_option("--connections", commands.connections, "Default 4")->type_name("N");
  decide->add_option("--threads", commands.threads, "Default 1")->type_name("N");
  OnChosen(decide, chosen, execute, BenchExecute);

  auto read = std::make_shared<ReadBench>();
  CLI::App* scan = bench->add_subcommand("read", "Scans of the whole log, or of a stream");
  scan->add_option("STREAM", read->stream, "Stream name; without it the whole log");
  scan->add_option("--duration", read->duration, "Default 10s")->type_name("DURATION");
  scan->add_flag("--once", read->once, "One pass, however long it takes");
  OnChosen(scan, chosen, read, BenchRead);
}

}  // namespace nexus::cli
