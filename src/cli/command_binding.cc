// nexusctl binding list|create|delete

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands.h"
#include "cli/event_text.h"
#include "cli/json.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/time_text.h"

namespace nexus::cli {
namespace {

constexpr size_t kBindingCellMax = 60;

struct BindingOptions {
  client::BindingInfo binding;
  std::string member;
  std::string id;
  std::string comment;
};

std::string MemberOf(const client::BindingInfo& binding) {
  return binding.group.empty() ? binding.principal : absl::StrCat("group ", binding.group);
}

// "order, invoice-*, type billing.*": where it holds; empty: everywhere.
std::string WhereOf(const client::BindingInfo& binding) {
  std::vector<std::string> parts = binding.categories;
  for (const std::string& prefix : binding.stream_prefixes) {
    parts.push_back(absl::StrCat(prefix, "*"));
  }
  for (const std::string& type : binding.event_types) parts.push_back(absl::StrCat("type ", type));
  return absl::StrJoin(parts, ", ");
}

JsonObject BindingJson(const client::BindingInfo& binding) {
  JsonObject json;
  json.Text("id", binding.id).Text("principal", binding.principal).Text("group", binding.group);
  json.Text("role", binding.role).Text("effect", binding.deny ? "deny" : "allow");
  json.Raw("categories", JsonTexts(binding.categories));
  json.Raw("stream_prefixes", JsonTexts(binding.stream_prefixes));
  json.Raw("event_types", JsonTexts(binding.event_types));
  json.Text("created", TimeText(binding.created)).Text("created_by", binding.created_by);
  json.Text("comment", binding.comment);
  return json;
}

void PrintBinding(Session& session, const client::BindingInfo& binding) {
  PrintObject(session.out(), session.style(),
              {{"id", binding.id},
               {"member", Printable(MemberOf(binding))},
               {"role", binding.role},
               {"effect", binding.deny ? "deny" : "allow"},
               {"where", Printable(WhereOf(binding))}},
              BindingJson(binding).Take());
}

absl::StatusOr<ExitCode> ListBindings(Session& session, const BindingOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const std::vector<client::BindingInfo> bindings,
                         client->ListBindings(options.member));
  Listing listing(session.out(), session.style(),
                  {"ID", "MEMBER", "ROLE", "EFFECT", "WHERE", "COMMENT"});
  for (const client::BindingInfo& binding : bindings) {
    listing.Add(
        [&] {
          return std::vector<std::string>{binding.id,
                                          Printable(MemberOf(binding), kBindingCellMax),
                                          Printable(binding.role, kBindingCellMax),
                                          binding.deny ? "deny" : "allow",
                                          Printable(WhereOf(binding), kBindingCellMax),
                                          Printable(binding.comment, kBindingCellMax)};
        },
        [&] { return BindingJson(binding).Take(); });
  }
  listing.End();
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> CreateBinding(Session& session, const BindingOptions& options) {
  client::BindingInfo binding = options.binding;
  if (binding.principal.empty() == binding.group.empty()) {
    return UsageError("binding create wants --principal NAME or --group NAME");
  }
  binding.comment = options.comment;
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const client::BindingInfo created, client->CreateBinding(binding));
  PrintBinding(session, created);
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> DeleteBinding(Session& session, const BindingOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const client::BindingInfo deleted,
                         client->DeleteBinding(options.id, options.comment));
  PrintBinding(session, deleted);
  return ExitCode::kOk;
}

}  // namespace

void AddBindingCommands(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("binding", "Who has which role where");
  command->require_subcommand(1);
  auto options = std::make_shared<BindingOptions>();
  client::BindingInfo& binding = options->binding;

  CLI::App* list = command->add_subcommand("list", "Bindings");
  list->add_option("--member", options->member, "Only those of this principal or group");
  OnChosen(list, chosen, options, ListBindings);

  CLI::App* create = command->add_subcommand("create", "Give a role, or with --deny forbid it");
  create->add_option("role", binding.role, "The role")->required();
  create->add_option("--principal", binding.principal, "To whom");
  create->add_option("--group", binding.group, "To all whose token has this group or role");
  create->add_flag("--deny", binding.deny, "They must not do what the role allows");
  create->add_option("--category", binding.categories, "Only on streams of this category");
  create->add_option("--stream-prefix", binding.stream_prefixes,
                     "Only on streams whose names begin so");
  create->add_option("--type", binding.event_types, "Only on events of this type; T* is a prefix");
  create->add_option("--comment", options->comment, "What for");
  OnChosen(create, chosen, options, CreateBinding);

  CLI::App* remove = command->add_subcommand("delete", "Take it away");
  remove->add_option("id", options->id, "Its id")->required();
  remove->add_option("--comment", options->comment, "Why");
  OnChosen(remove, chosen, options, DeleteBinding);
}

}  // namespace nexus::cli
