#include "crash/crash_run.h"

#include <algorithm>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "nexus/core/status_macros.h"
#include "nexus/v1/schema_registry.grpc.pb.h"

namespace nexus::crash {
namespace {

constexpr int kFaultsShown = 10;
constexpr absl::Duration kSettleTimeout = absl::Seconds(60);

absl::Status AsStatus(std::vector<std::string> faults, const std::string& what) {
  if (faults.empty()) return absl::OkStatus();
  const size_t count = faults.size();
  faults.resize(std::min<size_t>(count, kFaultsShown));
  return absl::DataLossError(
      absl::StrCat(what, ": ", count, " faults\n  ", absl::StrJoin(faults, "\n  ")));
}

}  // namespace

CrashRun::CrashRun(const CrashOptions& options, std::string data_folder)
    : options_(options), random_(options.seed) {
  daemon_options_.data_folder = std::move(data_folder);
  daemon_options_.program = options.program;
  daemon_options_.environment = options.environment;
  for (int i = 0; i < options.writers; ++i) {
    writers_.push_back(std::make_unique<Writer>(i, random_(), ticks_));
  }
}

std::unique_ptr<v1::EventStoreService::Stub> CrashRun::NewStub() const {
  return v1::EventStoreService::NewStub(daemon_->Channel());
}

absl::Duration CrashRun::UpTo(absl::Duration limit) {
  return absl::Microseconds(random_() % static_cast<uint64_t>(absl::ToInt64Microseconds(limit)));
}

absl::Status CrashRun::Run() {
  for (int cycle = 1; cycle <= options_.cycles; ++cycle) {
    const absl::Status status = Cycle(cycle);
    if (status.ok()) continue;
    const std::string words = daemon_ == nullptr ? "" : daemon_->Output();
    return absl::Status(
        status.code(),
        absl::StrCat("cycle ", cycle, ": ", status.message(), "\nnexusd said:\n",
                     words.substr(words.size() - std::min<size_t>(words.size(), 4000))));
  }
  NEXUS_RETURN_IF_ERROR(StartDaemon());
  NEXUS_RETURN_IF_ERROR(SettleAll());
  NEXUS_RETURN_IF_ERROR(Verify(true));
  if (options_.check_outbox) NEXUS_RETURN_IF_ERROR(VerifyOutbox());
  CountCommits();
  return EndDaemon(true);
}

absl::Status CrashRun::Cycle(int cycle) {
  if (cycle % 10 == 5) NEXUS_RETURN_IF_ERROR(KillWhileStarting());
  NEXUS_RETURN_IF_ERROR(StartDaemon());
  if (cycle == 1) NEXUS_RETURN_IF_ERROR(PrepareSchemas());
  // Before anything is sent again: what a crash lost must not be hidden by a retry.
  NEXUS_RETURN_IF_ERROR(Verify(cycle % 20 == 0));
  NEXUS_RETURN_IF_ERROR(SettleAll());
  return LoadUntilTheEnd(cycle % 25 == 0);
}

absl::Status CrashRun::StartDaemon() {
  daemon_.reset();
  NEXUS_ASSIGN_OR_RETURN(daemon_, harness::NexusdProcess::Start(daemon_options_));
  return absl::OkStatus();
}

absl::Status CrashRun::KillWhileStarting() {
  daemon_.reset();
  NEXUS_ASSIGN_OR_RETURN(daemon_, harness::NexusdProcess::Launch(daemon_options_));
  if (daemon_->WaitForExit(UpTo(absl::Milliseconds(400))).ok()) {
    return absl::InternalError("nexusd ended by itself while it started");
  }
  daemon_->Kill();
  ++report_.kills_while_starting;
  return absl::OkStatus();
}

absl::Status CrashRun::PrepareSchemas() {
  const auto stub = v1::SchemaRegistryService::NewStub(daemon_->Channel());
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
  v1::RegisterSchemaRequest request;
  request.set_subject("CrashProbe");
  request.set_definition(
      R"({"type": "object", "required": ["writer", "number"],)"
      R"( "properties": {"writer": {"type": "integer"}, "number": {"type": "integer"}}})");
  v1::Schema schema;
  const grpc::Status status = stub->RegisterSchema(&context, request, &schema);
  if (status.ok()) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("register schema: ", status.error_message()));
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
  std::vector<absl::Status> results(writers_.size() + 1);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < writers_.size(); ++i) {
    threads.emplace_back([this, i, &results] {
      const auto stub = NewStub();
      results[i] = writers_[i]->RunUntilTheEnd(*stub);
    });
  }
  threads.emplace_back([this, &results] {
    const auto stub = NewStub();
    results.back() = subscriber_.RunUntilTheEnd(*stub);
  });
  const bool died = daemon_->WaitForExit(UpTo(options_.load_max)).ok();
  const absl::Status ended =
      died ? absl::InternalError("nexusd ended by itself under load") : EndDaemon(graceful);
  if (!ended.ok()) daemon_->Kill();  // or the clients would never end
  for (std::thread& thread : threads) thread.join();
  NEXUS_RETURN_IF_ERROR(ended);
  for (const absl::Status& result : results) NEXUS_RETURN_IF_ERROR(result);
  return absl::OkStatus();
}

absl::Status CrashRun::EndDaemon(bool graceful) {
  if (!graceful) {
    daemon_->Kill();
    ++report_.kills;
    return absl::OkStatus();
  }
  NEXUS_ASSIGN_OR_RETURN(const harness::ExitStatus exit, daemon_->Terminate());
  ++report_.graceful_stops;
  if (exit.Succeeded()) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("after SIGTERM nexusd ended with ", exit.ToString()));
}

absl::Status CrashRun::Verify(bool from_the_beginning) {
  // Read again from the first event on, to see that what was there once is there still.
  if (from_the_beginning) log_.clear();
  const auto stub = NewStub();
  NEXUS_RETURN_IF_ERROR(ReadOn(*stub, log_));
  NEXUS_RETURN_IF_ERROR(AsStatus(CheckOrder(log_), "order"));
  std::vector<CommitRecord> commits;
  for (const auto& writer : writers_) {
    commits.insert(commits.end(), writer->commits().begin(), writer->commits().end());
  }
  NEXUS_RETURN_IF_ERROR(AsStatus(CheckCommits(commits, log_), "commits"));
  NEXUS_RETURN_IF_ERROR(AsStatus(CheckRealTime(commits), "real time"));
  return AsStatus(CheckSeen(subscriber_.seen(), log_), "subscriber");
}

absl::Status CrashRun::VerifyOutbox() {
  const absl::Time deadline = absl::Now() + options_.delivery_timeout;
  while (true) {
    const std::map<std::string, int> outbox = ReadOutbox(daemon_options_.data_folder);
    if (outbox.count("") > 0) return absl::DataLossError("the outbox holds a broken line");
    std::vector<std::string> missing;
    for (const LoggedEvent& event : log_) {
      if (event.stream[0] == '$' || outbox.count(event.event_id) > 0) continue;
      missing.push_back(absl::StrCat("position ", event.position, " was not delivered"));
    }
    if (missing.empty()) {
      for (const auto& [id, times] : outbox) {
        report_.delivered_again += static_cast<uint64_t>(times - 1);
      }
      return absl::OkStatus();
    }
    if (absl::Now() > deadline) return AsStatus(std::move(missing), "outbox");
    if (daemon_->WaitForExit(absl::Milliseconds(200)).ok()) {
      return absl::InternalError("nexusd ended by itself");
    }
  }
}

void CrashRun::CountCommits() {
  for (const auto& writer : writers_) {
    for (const CommitRecord& commit : writer->commits()) {
      if (commit.outcome == Outcome::kRefused) ++report_.commits_refused;
      if (commit.outcome != Outcome::kStored) continue;
      ++report_.commits_stored;
      report_.events_stored += commit.EventCount();
    }
  }
  report_.events_seen = subscriber_.seen().size();
}

}  // namespace nexus::crash
