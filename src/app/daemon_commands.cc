// What decides commands: the script engine, the book of domains, the workers.

#include <algorithm>
#include <thread>

#include "app/daemon_parts.h"
#include "command/code_check.h"
#include "nexus/core/status_macros.h"

namespace nexus::app {
namespace {

// Most of the machine is for taking, checking and storing what commands decide.
size_t ThreadsOf(const config::CommandConfig& config) {
  if (config.threads > 0) return config.threads;
  return std::max<size_t>(1, std::thread::hardware_concurrency() / 4);
}

command::CommandRunnerOptions OptionsOf(const config::CommandConfig& config) {
  command::CommandRunnerOptions options;
  options.threads = ThreadsOf(config);
  options.worker.commands_max = std::max<size_t>(1, config.commands_max / options.threads);
  options.worker.live_max = std::max<size_t>(1, config.aggregates_max / options.threads);
  options.worker.call.time_max = absl::Milliseconds(config.call_time_ms);
  options.worker.call.bytes_max = config.call_bytes_max;
  options.worker.context.heap_bytes_max = config.heap_bytes_max;
  return options;
}

}  // namespace

absl::Status Daemon::Parts::StartDomains() {
  domains = std::make_unique<domain::DomainBook>(
      domain::DomainBookParts{*log, *log, json, *workers, trusted_clock, ids});
  NEXUS_RETURN_IF_ERROR(domains->Load());
  NEXUS_ASSIGN_OR_RETURN(scripts, script::SpiderMonkeyEngine::Create(clock));
  const command::CommandWorkerOptions worker = OptionsOf(config.command).worker;
  domain::ScriptUpcasterOptions with;
  with.threads = ThreadsOf(config.command);
  with.call = worker.call;
  upcaster = std::make_unique<domain::ScriptUpcaster>(
      domain::ScriptUpcasterParts{*scripts, metrics, [this] { return domains->Snapshot(); }}, with);
  return absl::OkStatus();
}

absl::Status Daemon::Parts::StartCommands() {
  commands = std::make_unique<command::CommandRunner>(
      command::CommandRunnerParts{*engine, *log, *log, *scripts, json, ids,
                                  [this] { return domains->Snapshot(); }},
      OptionsOf(config.command));
  return absl::OkStatus();
}

void Daemon::Parts::StartApplier() {
  const script::CallLimits limits = OptionsOf(config.command).worker.call;
  domain::DomainApplierParts with{*engine,      *domains, delivery ? &delivery->book() : nullptr,
                                  access.get(), json,     {*log, *workers, trusted_clock, ids},
                                  nullptr,      nullptr,  nullptr,
                                  nullptr};
  with.check_sink = [this](const route::RouteDeclaration& route) {
    return delivery->sinks().Check(route);
  };
  with.check_aggregate = [this, limits](const domain::AggregateRecord& record) {
    return command::CheckAggregateCode(*scripts, record, limits);
  };
  with.check_upcaster = [this, limits](const domain::UpcasterRecord& record) {
    return domain::CheckUpcasterCode(*scripts, record, limits);
  };
  with.try_upcaster =
      [this, limits](const domain::UpcasterRecord& record, const domain::DomainState& state,
                     absl::Span<const schema::SchemaRecordPtr> planned,
                     const domain::TrialOptions& trial, const std::function<bool()>& cancelled) {
        return domain::TryUpcaster({*filtered, engine->evolution(), *scripts, limits}, record,
                                   state, planned, trial, cancelled);
      };
  applier = std::make_unique<domain::DomainApplier>(with);
}

}  // namespace nexus::app
