#include "crash/crash_run.h"

#include <algorithm>
#include <filesystem>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "history/check.h"
#include "nexus/core/status_macros.h"
#include "nexus/v1/schema_registry.grpc.pb.h"

namespace nexus::crash {
namespace {

constexpr size_t kFaultsShown = 10;
constexpr size_t kReadAgain = 500;  // events before the new ones
constexpr absl::Duration kSettleTimeout = absl::Seconds(60);

}  // namespace

void CrashReport::Add(const CrashReport& other) {
  kills += other.kills;
  kills_while_starting += other.kills_while_starting;
  graceful_stops += other.graceful_stops;
  commits_stored += other.commits_stored;
  commits_refused += other.commits_refused;
  commits_settled += other.commits_settled;
  events_stored += other.events_stored;
  reads += other.reads;
  sessions += other.sessions;
  events_seen += other.events_seen;
  delivered_again += other.delivered_again;
}

CrashRun::CrashRun(const CrashOptions& options, std::string data_folder)
    : options_(options), random_(options.seed) {
  daemon_options_.data_folder = std::move(data_folder);
  daemon_options_.program = options.program;
  daemon_options_.environment = options.environment;
  uint32_t number = 0;
  for (int i = 0; i < options.writers; ++i) {
    writers_.push_back(std::make_unique<Writer>(number++, random_.Next(), options.mix, ticks_));
  }
  for (int i = 0; i < options.readers; ++i) {
    readers_.push_back(
        std::make_unique<Reader>(number++, random_.Next(), options.mix.hot_streams, ticks_));
  }
  const auto subscribe = [&](const std::string& stream, bool forgetful) {
    subscribers_.push_back(
        std::make_unique<Subscriber>(number++, random_.Next(), stream, forgetful, ticks_));
  };
  subscribe("", false);
  subscribe("", true);
  subscribe("hot-0", false);
  subscribe("hot-1", true);
}

std::unique_ptr<v1::EventStoreService::Stub> CrashRun::NewStub() const {
  return v1::EventStoreService::NewStub(daemon_->Channel());
}

absl::Duration CrashRun::UpTo(absl::Duration limit) {
  return absl::Microseconds(random_.Below(static_cast<uint64_t>(absl::ToInt64Microseconds(limit))));
}

absl::Status CrashRun::Run() {
  if (options_.share_policy_engine) {
    const std::filesystem::path data(daemon_options_.data_folder);
    NEXUS_ASSIGN_OR_RETURN(policy_engine_,
                           SharedPolicyEngine::Start((data.parent_path() / "opa").string()));
  }
  const absl::Status status = RunCycles();
  TakeJournals();
  Count();
  return status;
}

absl::Status CrashRun::RunCycles() {
  for (int cycle = 1; cycle <= options_.cycles; ++cycle) {
    const absl::Status status = Cycle(cycle);
    if (status.ok()) continue;
    const std::string words = daemon_ == nullptr ? "" : daemon_->Output();
    return absl::Status(
        status.code(),
        absl::StrCat("cycle ", cycle, ": ", status.message(), "\nnexusd said:\n",
                     words.substr(words.size() - std::min<size_t>(words.size(), 4000))));
  }
  NEXUS_RETURN_IF_ERROR(StartDaemon(true));
  NEXUS_RETURN_IF_ERROR(ReadLog(true));
  NEXUS_RETURN_IF_ERROR(SettleAll());
  NEXUS_RETURN_IF_ERROR(ReadLog(false));
  NEXUS_RETURN_IF_ERROR(CheckHistory());
  if (options_.check_outbox) NEXUS_RETURN_IF_ERROR(VerifyOutbox());
  return EndDaemon(true);
}

absl::Status CrashRun::Cycle(int cycle) {
  if (cycle % 10 == 5) NEXUS_RETURN_IF_ERROR(KillWhileStarting());
  NEXUS_RETURN_IF_ERROR(StartDaemon(cycle % 10 == 0));
  if (cycle == 1) NEXUS_RETURN_IF_ERROR(PrepareSchemas());
  // Before anything is sent again: what a crash lost must not be hidden by a retry.
  NEXUS_RETURN_IF_ERROR(ReadLog(cycle % 25 == 0));
  if (cycle % options_.check_every == 0) NEXUS_RETURN_IF_ERROR(CheckHistory());
  NEXUS_RETURN_IF_ERROR(SettleAll());
  return LoadUntilTheEnd(cycle % 25 == 0);
}

absl::Status CrashRun::StartDaemon(bool own_policy_engine) {
  daemon_.reset();
  daemon_options_.arguments.clear();
  if (policy_engine_ != nullptr && !own_policy_engine) {
    daemon_options_.arguments = {"--set", "policy.engine=opa", "--set",
                                 "policy.opa.address=" + policy_engine_->address()};
  }
  NEXUS_ASSIGN_OR_RETURN(daemon_, harness::NexusdProcess::Start(daemon_options_));
  return absl::OkStatus();
}

absl::Status CrashRun::KillWhileStarting() {
  daemon_.reset();
  NEXUS_ASSIGN_OR_RETURN(daemon_, harness::NexusdProcess::Launch(daemon_options_));
  if (daemon_->WaitForExit(UpTo(absl::Milliseconds(300))).ok()) {
    return absl::InternalError("nexusd ended by itself while it started");
  }
  ++report_.kills_while_starting;
  return KillDaemon();
}

absl::Status CrashRun::KillDaemon() {
  daemon_->Kill();
  return options_.after_kill ? options_.after_kill() : absl::OkStatus();
}

absl::Status CrashRun::PrepareSchemas() {
  const auto stub = v1::SchemaRegistryService::NewStub(daemon_->Channel());
  for (const std::string& type : history::CommitMaker::Types()) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    v1::RegisterSchemaRequest request;
    request.set_subject(type);
    request.set_definition(R"({"type": "object", "required": ["n"],)"
                           R"( "properties": {"n": {"type": "integer"}}})");
    v1::Schema schema;
    const grpc::Status status = stub->RegisterSchema(&context, request, &schema);
    if (status.ok()) continue;
    return absl::InternalError(absl::StrCat("register schema: ", status.error_message()));
  }
  return absl::OkStatus();
}

absl::Status CrashRun::SettleAll() {
  const auto stub = NewStub();
  for (const auto& writer : writers_) {
    if (!writer->HasUnknown()) continue;
    ++report_.commits_settled;
    NEXUS_RETURN_IF_ERROR(writer->Settle(*stub, kSettleTimeout));
  }
  return absl::OkStatus();
}

absl::Status CrashRun::LoadUntilTheEnd(bool graceful) {
  std::vector<absl::Status> results(writers_.size() + readers_.size() + subscribers_.size());
  std::vector<std::thread> threads;
  const auto run = [&](auto& client) {
    threads.emplace_back([this, &client, result = &results[threads.size()]] {
      const auto stub = NewStub();
      *result = client->RunUntilTheEnd(*stub);
    });
  };
  for (auto& writer : writers_) run(writer);
  for (auto& reader : readers_) run(reader);
  for (auto& subscriber : subscribers_) run(subscriber);
  const bool died = daemon_->WaitForExit(UpTo(options_.load_max)).ok();
  const absl::Status ended =
      died ? absl::InternalError("nexusd ended by itself under load") : EndDaemon(graceful);
  if (!ended.ok()) daemon_->Kill();  // or the clients would never end
  history_.crashes.push_back(ticks_.Next());
  for (std::thread& thread : threads) thread.join();
  NEXUS_RETURN_IF_ERROR(ended);
  for (const absl::Status& result : results) NEXUS_RETURN_IF_ERROR(result);
  return absl::OkStatus();
}

absl::Status CrashRun::EndDaemon(bool graceful) {
  if (!graceful) {
    ++report_.kills;
    return KillDaemon();
  }
  NEXUS_ASSIGN_OR_RETURN(const harness::ExitStatus exit, daemon_->Terminate());
  ++report_.graceful_stops;
  if (exit.Succeeded()) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("after SIGTERM nexusd ended with ", exit.ToString()));
}

absl::Status CrashRun::ReadLog(bool from_the_beginning) {
  const auto stub = NewStub();
  const size_t again = from_the_beginning ? history_.log.size() : kReadAgain;
  return ReadOn(*stub, again, ticks_, history_.log, history_.calls);
}

absl::Status CrashRun::CheckHistory() {
  TakeJournals();
  const history::Judgement judgement = history::Check(history_);
  if (judgement.findings.empty()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(judgement.ToString(kFaultsShown), "crashes at ticks ",
                                          absl::StrJoin(history_.crashes, " ")));
}

void CrashRun::TakeJournals() {
  for (const auto& writer : writers_) history_.Add(writer->TakeJournal());
  for (const auto& reader : readers_) history_.Add(reader->TakeJournal());
  for (const auto& subscriber : subscribers_) history_.Add(subscriber->TakeJournal());
}

absl::Status CrashRun::VerifyOutbox() {
  const absl::Time deadline = absl::Now() + options_.delivery_timeout;
  while (true) {
    const std::map<std::string, int> outbox = ReadOutbox(daemon_options_.data_folder);
    if (outbox.count("") > 0) return absl::DataLossError("the outbox holds a broken line");
    std::vector<std::string> missing;
    for (const history::LoggedEvent& event : history_.log) {
      if (event.stream[0] == '$' || outbox.count(event.id.ToString()) > 0) continue;
      missing.push_back(absl::StrCat("position ", event.position, " was not delivered"));
    }
    if (missing.empty()) {
      for (const auto& [id, times] : outbox) {
        report_.delivered_again += static_cast<uint64_t>(times - 1);
      }
      return absl::OkStatus();
    }
    if (absl::Now() > deadline) {
      const size_t count = missing.size();
      missing.resize(std::min(count, kFaultsShown));
      return absl::DataLossError(
          absl::StrCat("outbox: ", count, " faults\n  ", absl::StrJoin(missing, "\n  ")));
    }
    if (daemon_->WaitForExit(absl::Milliseconds(100)).ok()) {
      return absl::InternalError("nexusd ended by itself");
    }
  }
}

void CrashRun::Count() {
  for (const history::AppendCall& call : history_.calls.appends) {
    if (call.outcome == history::Outcome::kRefused) ++report_.commits_refused;
    if (call.outcome != history::Outcome::kStored || call.receipt.repeated) continue;
    ++report_.commits_stored;
    report_.events_stored += call.events.size();
  }
  report_.reads = history_.calls.reads.size();
  report_.sessions = history_.calls.sessions.size();
  for (const auto& subscriber : subscribers_) report_.events_seen += subscriber->events_seen();
}

}  // namespace nexus::crash
