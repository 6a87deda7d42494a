// nexusctl graph show|drift

#include <filesystem>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/gate_report.h"
#include "cli/graph_report.h"
#include "cli/graph_text.h"
#include "cli/progress.h"
#include "graph/expected_graph.h"
#include "graph/graph_drift.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

absl::StatusOr<ServiceGraph> AskForGraph(Session& session) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  std::unique_ptr<Progress> bar;
  absl::StatusOr<ServiceGraph> graph =
      client->GetServiceGraph([&](Position position, Position head) {
        if (session.settings().quiet || head.value == 0) return;
        if (bar == nullptr) {
          bar = std::make_unique<Progress>(session.err(), session.surroundings().err_is_terminal,
                                           head.value, session.clock());
        }
        bar->Update(position.value, position.value);
      });
  if (bar != nullptr) bar->End();
  if (graph.ok() && graph->left_out > 0) {
    session.Note(
        absl::StrCat("warning: ", graph->left_out,
                     " sightings found no place in the graph: too many services or types"));
  }
  return graph;
}

// A folder by its conventions, or one file. `folder` is what the names of files are relative to.
absl::StatusOr<graph::Declarations> ReadDeclared(const std::string& path, std::string& folder) {
  std::error_code error;
  folder = path;
  std::vector<std::string> files;
  if (std::filesystem::is_directory(path, error)) {
    files = graph::FindDeclarations(folder);
  } else {
    const std::filesystem::path file(path);
    folder = file.parent_path().empty() ? "." : file.parent_path().string();
    files = {file.filename().string()};
  }
  if (!files.empty()) return graph::ReadDeclarations(folder, files);
  return MakeError(ErrorReason::kNotFound,
                   absl::StrCat(path,
                                " declares no graph: it has no asyncapi.yaml, graph.yaml, "
                                "asyncapi/ or graph/"));
}

struct ShowOptions {
  std::string declared;  // empty: what the server saw
  std::string draw;
};

void PrintTable(Session& session, const ServiceGraph& graph) {
  Listing edges(session.out(), session.style(),
                {"SERVICE", "DOES", "CATEGORY", "TYPE", "OF", "EVENTS", "LAST", "EVIDENCE"});
  for (const GraphEdge& edge : graph.edges) {
    edges.Add(
        [&] {
          return std::vector<std::string>{edge.service,
                                          std::string(GraphEdgeKindName(edge.kind)),
                                          edge.category,
                                          edge.type,
                                          edge.peer,
                                          absl::StrCat(edge.seen.events),
                                          absl::StrCat(edge.seen.last.value),
                                          std::string(CallEvidenceName(edge.evidence))};
        },
        [] { return std::string(); });
  }
  edges.End();
  if (graph.subscriptions.empty()) return;
  session.out() << "\n";
  Listing rows(session.out(), session.style(), {"SUBSCRIBER", "PLACE", "TYPE", "TIMES"});
  for (const GraphSubscription& row : graph.subscriptions) {
    rows.Add(
        [&] {
          return std::vector<std::string>{row.principal, row.place, row.type,
                                          absl::StrCat(row.times)};
        },
        [] { return std::string(); });
  }
  rows.End();
}

absl::StatusOr<ServiceGraph> GraphOf(Session& session, const ShowOptions& options) {
  if (options.declared.empty()) return AskForGraph(session);
  std::string folder;
  NEXUS_ASSIGN_OR_RETURN(const graph::Declarations declared,
                         ReadDeclared(options.declared, folder));
  if (declared.faults.empty()) return graph::ExpectedGraph(declared.graph);
  const graph::DeclarationFault& fault = declared.faults[0];
  return MakeError(
      ErrorReason::kConfigurationInvalid,
      absl::StrCat(Below(folder, fault.place.file), ":", fault.place.line, ": ", fault.message));
}

absl::StatusOr<ExitCode> ShowGraph(Session& session, const ShowOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(const ServiceGraph graph, GraphOf(session, options));
  if (options.draw == "dot") {
    session.out() << GraphDot(graph);
  } else if (options.draw == "mermaid") {
    session.out() << GraphMermaid(graph);
  } else if (session.style().format == Format::kTable) {
    PrintTable(session, graph);
  } else {
    session.out() << GraphJson(graph) << "\n";
  }
  return ExitCode::kOk;
}

struct DriftOptions {
  std::string declared;
  uint64_t since = 0;
  GateOptions gate;
};

absl::StatusOr<ExitCode> TellDrift(Session& session, const DriftOptions& options) {
  NEXUS_RETURN_IF_ERROR(CheckGateOptions(options.gate));
  std::string folder;
  NEXUS_ASSIGN_OR_RETURN(const graph::Declarations declared,
                         ReadDeclared(options.declared, folder));
  FindingReport report{"graph drift", {}, {}};
  for (const std::string& file : declared.files) report.files.push_back(Below(folder, file));
  if (!declared.faults.empty()) {
    for (const auto& fault : declared.faults) {
      report.findings.push_back(ToReported(fault, folder));
    }
    // What is half understood would make drift of everything.
    return DeliverGateReport(session, options.gate, std::move(report));
  }
  NEXUS_ASSIGN_OR_RETURN(const ServiceGraph seen, AskForGraph(session));
  for (const auto& finding : graph::FindDrift(seen, declared.graph, Position(options.since))) {
    report.findings.push_back(ToReported(finding, folder));
  }
  return DeliverGateReport(session, options.gate, std::move(report));
}

}  // namespace

void AddGraphCommands(CLI::App& app, Chosen& chosen) {
  CLI::App* graph = app.add_subcommand("graph", "Which service publishes and consumes what");
  graph->require_subcommand(1);

  auto show = std::make_shared<ShowOptions>();
  CLI::App* show_command = graph->add_subcommand("show", "The graph, as the log shows it");
  show_command
      ->add_option("--declared", show->declared,
                   "As a folder or file declares it, in place of what the log shows: no server")
      ->type_name("DIR");
  show_command->add_option("--draw", show->draw, "dot or mermaid, for a drawing")
      ->check(CLI::IsMember({"dot", "mermaid"}))
      ->type_name("LANGUAGE");
  OnChosenReaching(show_command, chosen, show, ShowGraph, [](const ShowOptions& given) {
    return given.declared.empty() ? Reach::kServer : Reach::kLocal;
  });

  auto drift = std::make_shared<DriftOptions>();
  CLI::App* drift_command = graph->add_subcommand(
      "drift", "How it differs from the declared one; exit code 100 if it does");
  drift_command
      ->add_option("--declared", drift->declared,
                   "A folder with asyncapi or graph files, or one such file")
      ->required()
      ->type_name("DIR");
  drift_command->add_option("--since", drift->since, "Only what was seen at this position or later")
      ->type_name("POSITION");
  AddGateOptions(drift_command, drift->gate);
  OnChosen(drift_command, chosen, drift, TellDrift);
}

}  // namespace nexus::cli
