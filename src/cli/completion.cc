#include "cli/completion.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "cli/contexts.h"
#include "cli/error_catalogue.h"
#include "cli/globals.h"
#include "cli/session.h"

namespace nexus::cli {
namespace {

constexpr size_t kNamesMax = 200;

bool TakesValue(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

CLI::App* FindSubcommand(CLI::App& command, const std::string& word) {
  for (CLI::App* sub : command.get_subcommands(nullptr)) {
    if (sub->get_name() == word) return sub;
  }
  return nullptr;
}

const CLI::Option* FindOption(const CLI::App& root, const CLI::App& command,
                              const std::string& word) {
  for (const CLI::App* app : {&command, &root}) {
    const CLI::Option* option = app->get_option_no_throw(word);
    if (option != nullptr) return option;
  }
  return nullptr;
}

// The name of the n-th positional.
std::string Positional(const CLI::App& command, size_t n) {
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional() && n-- == 0) return option->get_name(true);
  }
  return "";
}

bool IsOfSchemas(const CLI::App& command) {
  for (const CLI::App* app = &command; app != nullptr; app = app->get_parent()) {
    if (app->get_name() == "schema") return true;
  }
  return false;
}

Completion ForSchemaValue(const std::string& name) {
  if (name == "--format") return {{"json", "avro", "protobuf"}, ""};
  if (name == "--report") return {{"text", "sarif", "junit"}, ""};
  if (name == "--policy") return {{"NEXUS", "STRICT", "LENIENT"}, ""};
  if (name == "--mode") {
    return {{"NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL",
             "FULL_TRANSITIVE"},
            ""};
  }
  return {};
}

Completion ForValue(const CLI::App& command, const CLI::Option& option) {
  const std::string name = option.get_name();
  if (IsOfSchemas(command)) {
    Completion found = ForSchemaValue(name);
    if (!found.words.empty()) return found;
  }
  if (absl::StrContains(name, "--output")) return {{"table", "json", "jsonl"}, ""};
  if (absl::StrContains(name, "--context")) return {{}, "CONTEXT"};
  if (absl::StrContains(name, "--expect")) return {{"any", "no-stream", "exists"}, ""};
  if (absl::StrContains(name, "--criticality")) return {{"low", "medium", "high"}, ""};
  if (absl::StrContains(name, "--schema-mode")) return {{"optional", "required"}, ""};
  if (absl::StrContains(name, "--format")) return {{"jsonl", "cloudevents"}, ""};
  if (absl::StrContains(name, "--on-error")) return {{"stop", "skip"}, ""};
  return {};
}

Completion OptionNames(const CLI::App& root, const CLI::App& command) {
  Completion found;
  for (const CLI::App* app : {&command, &root}) {
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) found.words.push_back("--" + name);
    }
    if (&command == &root) break;
  }
  return found;
}

std::vector<std::string> StreamNames(Session& session, const std::string& prefix) {
  std::vector<std::string> names;
  const absl::StatusOr<client::Client*> client = session.Connect();
  if (!client.ok()) return names;
  std::string token;
  StreamQuery query;
  query.name_prefix = prefix;
  query.limit = kNamesMax;
  const absl::StatusOr<StreamPage> page = (*client)->ListStreams(query, token);
  if (!page.ok()) return names;
  for (const StreamInfo& info : page->streams) names.push_back(info.name);
  return names;
}

std::vector<std::string> Subjects(Session& session) {
  std::vector<std::string> names;
  const absl::StatusOr<client::Client*> client = session.Connect();
  if (!client.ok()) return names;
  const auto schemas = (*client)->ListSchemas({.subject = "", .latest_only = true});
  if (!schemas.ok()) return names;
  for (const client::Schema& schema : *schemas) names.push_back(schema.subject);
  return names;
}

std::vector<std::string> DynamicNames(const std::string& kind, const std::string& prefix,
                                      Session& session) {
  std::vector<std::string> names;
  if (kind == "STREAM") return StreamNames(session, prefix);
  if (kind == "SUBJECT" || kind == "TYPE") return Subjects(session);
  if (kind == "REASON") {
    for (const ReasonEntry& entry : AllReasons()) names.push_back(entry.name);
  } else if (kind == "CONTEXT") {
    const absl::StatusOr<Contexts> contexts = LoadContexts(session.settings().contexts_path);
    if (!contexts.ok()) return names;
    for (const auto& [name, context] : contexts->by_name) names.push_back(name);
  }
  return names;
}

// The server that the words so far name, if they do.
GlobalFlags FlagsOf(const std::vector<std::string>& words) {
  GlobalFlags flags;
  for (size_t i = 0; i + 2 < words.size(); ++i) {
    if (words[i] == "--server") flags.server = words[i + 1];
    if (words[i] == "--context") flags.context = words[i + 1];
    if (words[i] == "--token-file") flags.token_file = words[i + 1];
    if (words[i] == "--ca") flags.ca = words[i + 1];
    if (words[i] == "--cert") flags.cert = words[i + 1];
    if (words[i] == "--key") flags.key = words[i + 1];
  }
  flags.tls = std::find(words.begin(), words.end(), "--tls") != words.end();
  flags.timeout = "1s";
  flags.quiet = true;
  return flags;
}

}  // namespace

Completion FindCompletion(CLI::App& app, const std::vector<std::string>& words) {
  const std::string current = words.empty() ? "" : words.back();
  CLI::App* command = &app;
  const CLI::Option* pending = nullptr;  // an option whose value comes next
  size_t positionals = 0;
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    if (pending != nullptr) {
      pending = nullptr;
    } else if (absl::StartsWith(words[i], "-") && words[i].size() > 1) {
      const CLI::Option* option = FindOption(app, *command, words[i]);
      if (option != nullptr && TakesValue(*option)) pending = option;
    } else if (CLI::App* next = FindSubcommand(*command, words[i]); next != nullptr) {
      command = next;
    } else {
      ++positionals;
    }
  }
  if (pending != nullptr) return ForValue(*command, *pending);
  if (absl::StartsWith(current, "-")) return OptionNames(app, *command);
  Completion found;
  for (const CLI::App* sub : command->get_subcommands(nullptr)) {
    found.words.push_back(sub->get_name());
  }
  if (found.words.empty()) found.dynamic = Positional(*command, positionals);
  return found;
}

int Complete(CLI::App& app, const std::vector<std::string>& words, Surroundings& surroundings) {
  const std::string current = words.empty() ? "" : words.back();
  Completion found = FindCompletion(app, words);
  if (!found.dynamic.empty()) {
    absl::StatusOr<Settings> settings = ResolveStyle(FlagsOf(words), surroundings);
    if (settings.ok() && ResolveServer(surroundings, *settings).ok()) {
      Session session(surroundings, *std::move(settings));
      found.words = DynamicNames(found.dynamic, current, session);
    }
  }
  for (const std::string& word : found.words) {
    if (absl::StartsWith(word, current)) surroundings.out << word << '\n';
  }
  surroundings.out.flush();
  return 0;
}

}  // namespace nexus::cli
