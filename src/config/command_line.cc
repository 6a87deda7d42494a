#include "config/command_line.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "nexus/core/errors.h"

namespace nexus::config {
namespace {

struct Raw {
  std::vector<std::string> files;
  std::string data;
  std::string grpc;
  std::string http;
  std::vector<std::string> sets;
  std::string output = "text";
  bool check = false;
  bool print = false;
  bool reference = false;
  bool print_template = false;
  bool version = false;
  std::string accept_data_loss;
  bool allow_plaintext = false;
  bool verify = false;
  bool doctor = false;
  bool free_ballast = false;
  bool recover_admin = false;
};

// What is done to the folder of a daemon that does not run. The flags above may follow its name.
void DeclareOffline(CLI::App& app, Raw& raw) {
  CLI::App* verify = app.add_subcommand(
      "verify", "Read the whole log of a stopped nexusd and check it; exit code 65 if damaged");
  verify->fallthrough()->callback([&raw] { raw.verify = true; });
  CLI::App* doctor =
      app.add_subcommand("doctor", "Look at the data folder of a stopped nexusd, and help it");
  doctor->add_flag("--free-ballast", raw.free_ballast,
                   "Remove the ballast file, so that a full disk has room to start");
  doctor->fallthrough()->callback([&raw] { raw.doctor = true; });
  CLI::App* recover = app.add_subcommand(
      "recover-admin", "Make a new administrator's token for a stopped nexusd, on its machine");
  recover->fallthrough()->callback([&raw] { raw.recover_admin = true; });
  app.require_subcommand(0, 1);
}

void Declare(CLI::App& app, Raw& raw) {
  app.add_option("--config", raw.files, "Configuration file, or folder of *.yaml; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--data", raw.data, "The folder that holds the log")->type_name("DIR");
  app.add_option("--grpc", raw.grpc, "Where gRPC listens, host:port")->type_name("ADDRESS");
  app.add_option("--http", raw.http, "Where HTTP listens, host:port")->type_name("ADDRESS");
  app.add_option("--set", raw.sets, "Sets any option; repeatable")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  app.add_flag("--allow-plaintext-network", raw.allow_plaintext,
               "Let ports without TLS listen where other machines can reach them");
  app.add_option("--accept-data-loss", raw.accept_data_loss,
                 "Open a damaged log that ends at exactly this position; for this start only")
      ->type_name("POSITION");
  CLI::Option_group* actions = app.add_option_group("Instead of running");
  actions->add_flag("--check-config", raw.check, "Check the configuration; exit code 2 if invalid");
  actions->add_flag("--print-config", raw.print, "Print each value with its source");
  actions->add_flag("--print-config-reference", raw.reference,
                    "Print the reference of all options");
  actions->add_flag("--print-config-template", raw.print_template,
                    "Print a file with every option at its default");
  actions->add_flag("--version", raw.version, "Print the version");
  actions->require_option(0, 1);
  app.add_option("-o,--output", raw.output, "text or json")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json"}));
  DeclareOffline(app, raw);
}

CommandLine::Action ActionOf(const Raw& raw) {
  using Action = CommandLine::Action;
  if (raw.version) return Action::kVersion;
  if (raw.check) return Action::kCheckConfig;
  if (raw.print) return Action::kPrintConfig;
  if (raw.reference) return Action::kPrintReference;
  if (raw.print_template) return Action::kPrintTemplate;
  if (raw.verify) return Action::kVerify;
  if (raw.doctor) return Action::kDoctor;
  if (raw.recover_admin) return Action::kRecoverAdmin;
  return Action::kRun;
}

absl::Status Usage(absl::string_view message) {
  return MakeError(ErrorReason::kConfigurationInvalid,
                   absl::StrCat(message, " (nexusd --help lists the flags)"));
}

absl::StatusOr<CommandLine> Understand(const CLI::App& app, Raw raw) {
  CommandLine line;
  line.action = ActionOf(raw);
  line.json = raw.output == "json";
  line.free_ballast = raw.free_ballast;
  if (app.count("--accept-data-loss") > 0) {
    uint64_t position = 0;
    if (!absl::SimpleAtoi(raw.accept_data_loss, &position)) {
      return Usage(
          absl::StrCat("--accept-data-loss takes the position that the refusal named; it is '",
                       raw.accept_data_loss, "'"));
    }
    line.accept_data_loss = position;
  }
  line.files = std::move(raw.files);
  // --set first: the flags of their own name are the more deliberate ones.
  for (const std::string& set : raw.sets) {
    const size_t equals = set.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Usage(absl::StrCat("--set takes key=value; it is '", set, "'"));
    }
    line.flags.push_back({"--set", set.substr(0, equals), set.substr(equals + 1)});
  }
  if (app.count("--data") > 0) line.flags.push_back({"--data", "data", raw.data});
  if (app.count("--grpc") > 0) line.flags.push_back({"--grpc", "grpc.address", raw.grpc});
  if (app.count("--http") > 0) line.flags.push_back({"--http", "http.address", raw.http});
  if (raw.allow_plaintext) {
    line.flags.push_back({"--allow-plaintext-network", "tls.allow_plaintext_network", "true"});
  }
  return line;
}

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(int argc, const char* const* argv) {
  CLI::App app("nexusd: an event store that refuses bad events before it stores them.", "nexusd");
  Raw raw;
  try {
    Declare(app, raw);
    app.parse(argc, argv);
    return Understand(app, std::move(raw));
  } catch (const CLI::CallForHelp&) {
    CommandLine line;
    line.action = CommandLine::Action::kHelp;
    line.help = app.help();
    return line;
  } catch (const CLI::Error& error) {
    return Usage(error.what());
  }
}

LoadInput InputOf(const CommandLine& line, const Environment& environment) {
  LoadInput input{line.files, DefaultFiles(), environment, line.flags};
  const auto named = environment.find("NEXUS_CONFIG");
  if (input.files.empty() && named != environment.end()) {
    input.files = absl::StrSplit(named->second, ':', absl::SkipEmpty());
  }
  return input;
}

}  // namespace nexus::config
