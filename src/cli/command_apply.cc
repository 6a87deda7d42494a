// nexusctl apply|plan

#include <memory>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/domain_folder.h"
#include "cli/domain_policies.h"
#include "cli/domain_text.h"
#include "nexus/client/domain.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

struct ApplyOptions {
  std::string folder;
  std::string comment;
  bool dry_run = false;
  bool exit_code = false;
  std::string sample;
  std::string opa;
};

absl::Status SetSample(const std::string& sample, admin::v1::ApplyDomainRequest& request) {
  uint32_t events = 0;
  if (sample == "all") {
    request.set_upcaster_sample_all(true);
  } else if (absl::SimpleAtoi(sample, &events) && events > 0) {
    request.set_upcaster_sample(events);
  } else if (!sample.empty()) {
    return UsageError(absl::StrCat("--sample is a number of events or all, not \"", sample, "\""));
  }
  return absl::OkStatus();
}

admin::v1::ApplyDomainRequest RequestOf(const DomainFolder& folder, const ApplyOptions& options) {
  admin::v1::ApplyDomainRequest request;
  request.set_name(folder.name);
  for (const DomainDeclaration& declaration : folder.declarations) {
    admin::v1::DomainFile& file = *request.add_declarations();
    file.set_path(declaration.path);
    file.set_text(declaration.document.json);
  }
  for (const DomainText& text : folder.files) {
    admin::v1::DomainFile& file = *request.add_files();
    file.set_path(text.path);
    file.set_text(text.text);
  }
  request.set_comment(options.comment);
  request.set_validate_only(options.dry_run);
  return request;
}

// The last line of a table: what became of it.
std::string SummaryOf(const admin::v1::ApplyDomainResponse& applied, bool dry_run) {
  const admin::v1::Domain& domain = applied.domain();
  if (!ChangesSomething(applied) && applied.position() == 0) {
    return absl::StrCat("nothing ", dry_run ? "would change" : "changed", ": ", domain.name(),
                        " is so already");
  }
  if (dry_run) return absl::StrCat(domain.name(), " would be applied; nothing was changed");
  return absl::StrCat(domain.name(), " version ", domain.version(), " is applied, at position ",
                      applied.position());
}

absl::StatusOr<ExitCode> Apply(Session& session, const ApplyOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(DomainFolder folder, ReadDomainFolder(options.folder));
  NEXUS_RETURN_IF_ERROR(CompilePolicies(options.folder, options.opa, folder));
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  admin::v1::ApplyDomainRequest request = RequestOf(folder, options);
  NEXUS_RETURN_IF_ERROR(SetSample(options.sample, request));
  const auto applied = client::DomainClient(*client).Apply(request);
  if (!applied.ok()) return WithLines(applied.status(), folder);
  if (session.style().format == Format::kTable) {
    PrintDomainChanges(session.out(), session.style(), *applied);
    session.out() << SummaryOf(*applied, options.dry_run) << '\n';
  } else {
    session.out() << AppliedJson(*applied) << '\n';
  }
  return options.exit_code && ChangesSomething(*applied) ? ExitCode::kFindings : ExitCode::kOk;
}

void AddFolder(CLI::App* command, ApplyOptions& options) {
  command->add_option("-f,--folder", options.folder, "Folder of the domain")
      ->required()
      ->type_name("DIR");
  command
      ->add_option("--sample", options.sample,
                   "Stored events that each upcaster is tried with; default: 1000")
      ->type_name("N|all");
  command
      ->add_option("--opa", options.opa,
                   "The program OPA, where the domain has policies; looked for in PATH")
      ->type_name("PROGRAM");
}

}  // namespace

void AddApplyCommands(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ApplyOptions>();
  CLI::App* apply = app.add_subcommand("apply", "Put a domain in the place of what its name has");
  AddFolder(apply, *options);
  apply->add_flag("--dry-run", options->dry_run, "Say what would change, and change nothing");
  apply->add_option("--comment", options->comment, "Why");
  OnChosen(apply, chosen, options, Apply);

  auto planned = std::make_shared<ApplyOptions>();
  planned->dry_run = true;
  CLI::App* plan = app.add_subcommand("plan", "Say what applying a domain would change");
  AddFolder(plan, *planned);
  plan->add_flag("--exit-code", planned->exit_code, "100 if something would change");
  OnChosen(plan, chosen, planned, Apply);
}

}  // namespace nexus::cli
