// nexusctl domain ls|show|history|rollback|rm

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands.h"
#include "cli/domain_text.h"
#include "cli/route_text.h"
#include "nexus/client/domain.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/time_text.h"

namespace nexus::cli {
namespace {

constexpr size_t kCellMax = 60;
constexpr size_t kDigestShown = 12;

struct DomainOptions {
  std::string name;
  uint64_t version = 0;
  std::string comment;
  bool dry_run = false;
};

std::string AppliedText(const admin::v1::Domain& domain) {
  return domain.has_apply_time() ? TimeText(TimeOf(domain.apply_time())) : "";
}

std::string StateText(const admin::v1::Domain& domain) {
  if (domain.removed()) return "removed";
  if (domain.rolled_back_to() == 0) return "applied";
  return absl::StrCat("rolled back to ", domain.rolled_back_to());
}

absl::StatusOr<ExitCode> ListDomains(Session& session, const DomainOptions&) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const auto list, client::DomainClient(*client).List());
  Listing listing(session.out(), session.style(),
                  {"DOMAIN", "VERSION", "DIGEST", "APPLIED", "BY", "AGGREGATES", "COMMANDS"});
  for (const admin::v1::Domain& domain : list.domains()) {
    listing.Add(
        [&] {
          return std::vector<std::string>{
              domain.name(),
              absl::StrCat(domain.version()),
              domain.digest().substr(0, kDigestShown),
              AppliedText(domain),
              Printable(domain.applied_by(), kCellMax),
              Printable(absl::StrJoin(domain.aggregates(), " "), kCellMax),
              Printable(absl::StrJoin(domain.commands(), " "), kCellMax)};
        },
        [&] { return DomainJson(domain); });
  }
  listing.End();
  return ExitCode::kOk;
}

void PrintDomain(Session& session, const admin::v1::Domain& domain) {
  std::vector<std::pair<std::string, std::string>> fields = {
      {"domain", domain.name()},
      {"version", absl::StrCat(domain.version())},
      {"state", StateText(domain)},
      {"digest", domain.digest()},
      {"applied", AppliedText(domain)},
      {"by", Printable(domain.applied_by())},
      {"comment", Printable(domain.comment())},
      {"aggregates", absl::StrJoin(domain.aggregates(), " ")},
      {"commands", absl::StrJoin(domain.commands(), " ")}};
  for (const auto* files : {&domain.declarations(), &domain.files()}) {
    for (const admin::v1::DomainFile& file : *files) {
      fields.emplace_back("file", FileText(file));
    }
  }
  PrintObject(session.out(), session.style(), fields, DomainJson(domain));
}

absl::StatusOr<ExitCode> ShowDomain(Session& session, const DomainOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const auto domain,
                         client::DomainClient(*client).Get(options.name, options.version));
  PrintDomain(session, domain);
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> ListVersions(Session& session, const DomainOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const auto list, client::DomainClient(*client).ListVersions(options.name));
  Listing listing(session.out(), session.style(),
                  {"VERSION", "STATE", "DIGEST", "APPLIED", "BY", "POSITION", "COMMENT"});
  for (const admin::v1::Domain& domain : list.versions()) {
    listing.Add(
        [&] {
          return std::vector<std::string>{
              absl::StrCat(domain.version()),           StateText(domain),
              domain.digest().substr(0, kDigestShown),  AppliedText(domain),
              Printable(domain.applied_by(), kCellMax), absl::StrCat(domain.position()),
              Printable(domain.comment(), kCellMax)};
        },
        [&] { return DomainJson(domain); });
  }
  listing.End();
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Rollback(Session& session, const DomainOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  admin::v1::RollbackDomainRequest request;
  request.set_name(options.name);
  request.set_version(options.version);
  request.set_comment(options.comment);
  request.set_validate_only(options.dry_run);
  NEXUS_ASSIGN_OR_RETURN(const auto applied, client::DomainClient(*client).Rollback(request));
  if (session.style().format != Format::kTable) {
    session.out() << AppliedJson(applied) << '\n';
    return ExitCode::kOk;
  }
  PrintDomainChanges(session.out(), session.style(), applied);
  session.out() << options.name << " version " << options.version
                << (options.dry_run ? " would be applied again; nothing was changed"
                                    : absl::StrCat(" is applied again, as version ",
                                                   applied.domain().version()))
                << '\n';
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> RemoveDomain(Session& session, const DomainOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  admin::v1::RemoveDomainRequest request;
  request.set_name(options.name);
  request.set_comment(options.comment);
  NEXUS_ASSIGN_OR_RETURN(const auto domain, client::DomainClient(*client).Remove(request));
  PrintDomain(session, domain);
  return ExitCode::kOk;
}

}  // namespace

void AddDomainCommands(CLI::App& app, Chosen& chosen) {
  CLI::App* domain = app.add_subcommand("domain", "Which domains are applied");
  domain->require_subcommand(1);
  auto options = std::make_shared<DomainOptions>();
  const auto named = [&](const char* name, const char* about) {
    CLI::App* command = domain->add_subcommand(name, about);
    command->add_option("DOMAIN", options->name, "Its name")->required();
    return command;
  };

  OnChosen(domain->add_subcommand("ls", "All domains, with their commands"), chosen, options,
           ListDomains);
  CLI::App* show = named("show", "One domain with its files");
  show->add_option("--version", options->version, "Default: the one that holds now")
      ->type_name("N");
  OnChosen(show, chosen, options, ShowDomain);
  OnChosen(named("history", "All versions of one, the newest first"), chosen, options,
           ListVersions);

  CLI::App* rollback = named("rollback", "Apply an earlier version again, as a new one");
  rollback->add_option("--to", options->version, "Which")->required()->type_name("N");
  rollback->add_flag("--dry-run", options->dry_run, "Say what would change, and change nothing");
  rollback->add_option("--comment", options->comment, "Why");
  OnChosen(rollback, chosen, options, Rollback);

  CLI::App* remove =
      named("rm", "Remove one: it takes no commands any more; its schemas and events stay");
  remove->add_option("--comment", options->comment, "Why");
  AddDomainSchemaCommand(*domain, chosen);
  OnChosen(remove, chosen, options, RemoveDomain);
}

}  // namespace nexus::cli
