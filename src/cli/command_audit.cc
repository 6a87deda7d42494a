// nexusctl audit export

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/filter_options.h"
#include "cli/opa_decision_log.h"
#include "nexus/core/audit_streams.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

struct ExportOptions {
  std::string format = "opa";
  std::string from_time;
  std::string to_time;
  bool all = false;
};

// Gathers the events of a commit, which pages may part.
class Exporter {
 public:
  Exporter(std::ostream& out, bool all) : out_(out), all_(all) {}

  void Take(const EventBatch& batch) {
    for (const RecordedEvent& event : batch.events) {
      if (!commit_.empty() && commit_.back().commit_id != event.commit_id) Close();
      commit_.push_back(event);
    }
    if (commit_.size() <= batch.events.size()) backing_.clear();
    backing_.insert(backing_.end(), batch.backing.begin(), batch.backing.end());
  }
  void Close() {
    if (commit_.empty()) return;
    if (commit_.front().stream == kDenialStream) {
      for (const RecordedEvent& event : commit_) Print(DenialEntry(event, all_));
    } else {
      Print(AdmissionEntry(commit_));
    }
    commit_.clear();
  }

 private:
  void Print(const std::optional<std::string>& entry) {
    if (entry.has_value()) out_ << *entry << '\n';
  }

  std::ostream& out_;
  const bool all_;
  std::vector<RecordedEvent> commit_;
  std::vector<std::shared_ptr<const void>> backing_;  // what these point into
};

absl::StatusOr<ExitCode> Export(Session& session, const ExportOptions& options) {
  client::ReadOptions read;
  const Timestamp now = session.clock().Now();
  NEXUS_ASSIGN_OR_RETURN(read.from_time, ParseTime(options.from_time, "--from-time", now));
  NEXUS_ASSIGN_OR_RETURN(read.to_time, ParseTime(options.to_time, "--to-time", now));
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  const std::unique_ptr<client::EventStream> events = client->Read(read);
  Exporter exporter(session.out(), options.all);
  while (session.out().good()) {
    NEXUS_ASSIGN_OR_RETURN(const std::optional<EventBatch> batch, events->Next());
    if (!batch.has_value()) break;
    exporter.Take(*batch);
  }
  exporter.Close();
  return ExitCode::kOk;
}

}  // namespace

void AddAuditCommands(CLI::App& app, Chosen& chosen) {
  CLI::App* audit = app.add_subcommand("audit", "What was decided");
  audit->require_subcommand(1);
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command = audit->add_subcommand(
      "export", "Print every decision of the policies, one JSON object a line");
  command->add_option("--format", options->format, "How: opa, as OPA's decision logs")
      ->check(CLI::IsMember({"opa"}));
  command
      ->add_option("--from-time", options->from_time,
                   "Recorded then or later: RFC 3339, or 15m ago")
      ->type_name("TIME");
  command->add_option("--to-time", options->to_time, "Recorded before: RFC 3339, or 15m ago")
      ->type_name("TIME");
  command->add_flag("--all", options->all, "Refusals by access and schema too");
  OnChosen(command, chosen, options, Export);
}

}  // namespace nexus::cli
