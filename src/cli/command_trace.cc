// nexusctl trace

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/route_text.h"
#include "nexus/client/trace.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/time_text.h"

namespace nexus::cli {
namespace {

constexpr size_t kTraceCellMax = 60;
// A tree that is deeper goes on without further steps to the right.
constexpr uint32_t kTraceDepthShown = 20;

struct TraceTreeOptions {
  std::string id;
  uint32_t limit = 1'000;
};

bool IsCommandNode(const v1::TraceNode& node) { return node.kind() == v1::TraceNode::KIND_COMMAND; }

std::string TraceNodeText(const v1::TraceNode& node) {
  std::string text(2 * std::min(node.depth(), kTraceDepthShown), ' ');
  absl::StrAppend(&text, IsCommandNode(node) ? "command " : "",
                  Printable(node.type(), kTraceCellMax));
  if (node.cause_is_missing()) {
    absl::StrAppend(&text, " (after ", Printable(node.causation_id(), kTraceCellMax), ")");
  }
  return text;
}

std::string TraceNodeJson(const v1::TraceNode& node) {
  JsonObject json;
  json.Text("kind", IsCommandNode(node) ? "command" : "event").Text("id", node.id());
  json.Text("type", node.type()).Number("depth", node.depth());
  json.Text("causation_id", node.causation_id());
  json.Bool("cause_is_missing", node.cause_is_missing());
  json.Text("principal", node.principal());
  json.Text("recorded_time", TimeText(TimeOf(node.recorded_time())));
  json.Number("position", node.position());
  if (IsCommandNode(node)) return json.Take();
  json.Text("stream", node.stream()).Number("revision", node.revision());
  json.Number("schema_version", node.schema_version());
  json.Text("policy_revision", node.policy_revision()).Text("decision_id", node.decision_id());
  json.Text("traceparent", node.traceparent());
  return json.Take();
}

absl::StatusOr<ExitCode> ShowTraceTree(Session& session, const TraceTreeOptions& options) {
  v1::TraceRequest request;
  absl::string_view rest = options.id;
  uint64_t position = 0;
  if (absl::ConsumePrefix(&rest, "position:") && absl::SimpleAtoi(rest, &position)) {
    request.set_position(position);
  } else {
    request.set_id(options.id);
  }
  request.set_events_max(options.limit);
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const auto trace, client::TraceClient(*client).Trace(request));
  session.Note(absl::StrCat("correlation id ", Printable(trace.correlation_id())));
  Listing listing(session.out(), session.style(),
                  {"WHAT", "STREAM", "REVISION", "POSITION", "RECORDED", "PRINCIPAL"});
  for (const v1::TraceNode& node : trace.nodes()) {
    listing.Add(
        [&] {
          return std::vector<std::string>{TraceNodeText(node),
                                          Printable(node.stream(), kTraceCellMax),
                                          IsCommandNode(node) ? "" : absl::StrCat(node.revision()),
                                          absl::StrCat(node.position()),
                                          TimeText(TimeOf(node.recorded_time())),
                                          Printable(node.principal(), kTraceCellMax)};
        },
        [&] { return TraceNodeJson(node); });
  }
  listing.End();
  if (!trace.more()) return ExitCode::kOk;
  session.Note("there is more of it: see --limit");
  return ExitCode::kPartial;
}

}  // namespace

void AddTraceCommand(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<TraceTreeOptions>();
  CLI::App* command = app.add_subcommand("trace", "What led to what: commands and events");
  command
      ->add_option("ID", options->id,
                   "A correlation id, a command's or an event's id, or position:N")
      ->required();
  command->add_option("--limit", options->limit, "The most events")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  OnChosen(command, chosen, options, ShowTraceTree);
}

}  // namespace nexus::cli
