// nexusctl token create|list|revoke

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands.h"
#include "cli/event_text.h"
#include "cli/files.h"
#include "cli/json.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/time_text.h"

namespace nexus::cli {
namespace {

struct TokenOptions {
  client::TokenDraft draft;
  std::string expires;
  std::string out_file;
  std::string id;
  std::string principal;
  std::string comment;
};

std::string StateOf(const client::TokenInfo& token, Timestamp now) {
  if (token.revoked) return "revoked";
  return token.expires.has_value() && *token.expires <= now ? "expired" : "active";
}

std::string ExpiryOf(const client::TokenInfo& token) {
  return token.expires.has_value() ? TimeText(*token.expires) : "";
}

JsonObject TokenJson(const client::TokenInfo& token, Timestamp now) {
  JsonObject json;
  json.Text("id", token.id).Text("principal", token.principal);
  json.Text("state", StateOf(token, now)).Raw("roles", JsonTexts(token.roles));
  json.Raw("operations", JsonTexts(token.operations));
  json.Raw("categories", JsonTexts(token.categories));
  json.Raw("stream_prefixes", JsonTexts(token.stream_prefixes));
  json.Raw("event_types", JsonTexts(token.event_types));
  json.Text("expires", ExpiryOf(token)).Text("created", TimeText(token.created));
  json.Text("created_by", token.created_by).Text("comment", token.comment);
  return json;
}

// "30d", or what ParseDuration() takes.
absl::StatusOr<absl::Duration> ParseLifetime(const std::string& text) {
  if (text.size() > 1 && text.back() == 'd') {
    NEXUS_ASSIGN_OR_RETURN(const absl::Duration days,
                           ParseDuration(absl::StrCat(text.substr(0, text.size() - 1), "h")));
    return 24 * days;
  }
  return ParseDuration(text);
}

absl::StatusOr<ExitCode> CreateToken(Session& session, const TokenOptions& options) {
  client::TokenDraft draft = options.draft;
  const Timestamp now = session.clock().Now();
  if (!options.expires.empty()) {
    NEXUS_ASSIGN_OR_RETURN(const absl::Duration lifetime, ParseLifetime(options.expires));
    draft.expires = Timestamp{now.micros + absl::ToInt64Microseconds(lifetime)};
  }
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const client::NewToken token, client->CreateToken(draft));
  JsonObject json = TokenJson(token.info, now);
  std::string shown = token.text;
  if (!options.out_file.empty()) {
    NEXUS_RETURN_IF_ERROR(ReplaceFile(options.out_file, absl::StrCat(token.text, "\n")));
    shown = absl::StrCat("(in ", options.out_file, ")");
  }
  json.Text("token", shown);
  PrintObject(session.out(), session.style(),
              {{"id", token.info.id},
               {"principal", token.info.principal},
               {"roles", absl::StrJoin(token.info.roles, ",")},
               {"expires", ExpiryOf(token.info)},
               {"token", shown}},
              json.Take());
  if (options.out_file.empty()) session.Note("keep it: the server does not know it any more");
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> ListTokens(Session& session, const TokenOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const std::vector<client::TokenInfo> tokens,
                         client->ListTokens(options.principal));
  const Timestamp now = session.clock().Now();
  Listing listing(session.out(), session.style(),
                  {"ID", "PRINCIPAL", "STATE", "ROLES", "EXPIRES", "COMMENT"});
  for (const client::TokenInfo& token : tokens) {
    listing.Add(
        [&] {
          return std::vector<std::string>{token.id,
                                          Printable(token.principal, 60),
                                          StateOf(token, now),
                                          Printable(absl::StrJoin(token.roles, ","), 60),
                                          ExpiryOf(token),
                                          Printable(token.comment, 60)};
        },
        [&] { return TokenJson(token, now).Take(); });
  }
  listing.End();
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> RevokeToken(Session& session, const TokenOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const client::TokenInfo token,
                         client->RevokeToken(options.id, options.comment));
  PrintObject(session.out(), session.style(),
              {{"id", token.id}, {"principal", token.principal}, {"state", "revoked"}},
              TokenJson(token, session.clock().Now()).Take());
  return ExitCode::kOk;
}

}  // namespace

void AddTokenCommands(CLI::App& app, Chosen& chosen) {
  CLI::App* token = app.add_subcommand("token", "API tokens");
  token->require_subcommand(1);
  auto options = std::make_shared<TokenOptions>();

  CLI::App* create = token->add_subcommand("create", "Make a token; it is shown once");
  create->add_option("principal", options->draft.principal, "Whose it is")->required();
  create->add_option("--role", options->draft.roles, "A role that it brings along; repeatable");
  create->add_option("--operation", options->draft.operations,
                     "Only this operation; repeatable (default: all that its roles allow)");
  create->add_option("--category", options->draft.categories, "Only streams of this category");
  create->add_option("--stream-prefix", options->draft.stream_prefixes,
                     "Only streams whose names begin so");
  create->add_option("--type", options->draft.event_types,
                     "Only events of this type; T* is a prefix");
  create->add_option("--expires", options->expires, "After so long: 12h, 30d (default: never)");
  create->add_option("--comment", options->draft.comment, "What it is for");
  create->add_option("--out", options->out_file, "Write the token to this file, with mode 0600");
  OnChosen(create, chosen, options, CreateToken);

  CLI::App* list = token->add_subcommand("list", "Tokens, without their secrets");
  list->add_option("--principal", options->principal, "Only those of this principal");
  OnChosen(list, chosen, options, ListTokens);

  CLI::App* revoke = token->add_subcommand("revoke", "End a token for ever");
  revoke->add_option("id", options->id, "Its id: what stands between the underscores")->required();
  revoke->add_option("--comment", options->comment, "Why");
  OnChosen(revoke, chosen, options, RevokeToken);
}

}  // namespace nexus::cli
