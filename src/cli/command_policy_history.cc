// nexusctl policy history

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/event_text.h"
#include "cli/json.h"
#include "cli/json_parse.h"
#include "cli/output.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/time_text.h"

namespace nexus::cli {
namespace {

constexpr char kPoliciesStream[] = "$policies";  // docs/reference/policy-bundle.md

struct PolicyHistoryOptions {
  uint64_t limit = 0;
};

std::vector<std::string> Cells(const RecordedEvent& event) {
  return {TimeText(event.recorded), std::to_string(event.position.value),
          TextMember(event.data, "engine"), TextMember(event.data, "revision")};
}

std::string HistoryJson(const RecordedEvent& event) {
  JsonObject json;
  json.Text("active_from", TimeText(event.recorded));
  json.Number("position", event.position.value);
  for (const char* member : {"engine", "revision", "after"}) {
    json.Text(member, TextMember(event.data, member));
  }
  return json.Take();
}

absl::StatusOr<ExitCode> ShowHistory(Session& session, const PolicyHistoryOptions& options) {
  client::ReadOptions read;
  read.stream = kPoliciesStream;
  read.direction = Direction::kBackward;
  read.limit = options.limit;
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  const std::unique_ptr<client::EventStream> events = client->Read(read);
  Listing listing(session.out(), session.style(),
                  {"active from", "position", "engine", "policy revision"});
  while (true) {
    NEXUS_ASSIGN_OR_RETURN(const std::optional<EventBatch> batch, events->Next());
    if (!batch.has_value()) break;
    for (const RecordedEvent& event : batch->events) {
      listing.Add([&] { return Cells(event); }, [&] { return HistoryJson(event); });
    }
  }
  listing.End();
  return ExitCode::kOk;
}

}  // namespace

void AddPolicyHistoryCommand(CLI::App& policy, Chosen& chosen) {
  auto options = std::make_shared<PolicyHistoryOptions>();
  CLI::App* history =
      policy.add_subcommand("history", "Which policies decided from when on, the latest first");
  history->add_option("--limit", options->limit, "So many at most; 0: all");
  OnChosen(history, chosen, options, ShowHistory);
}

}  // namespace nexus::cli
