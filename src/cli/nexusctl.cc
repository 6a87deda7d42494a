#include "cli/nexusctl.h"

#include <algorithm>
#include <memory>

#include "CLI/CLI.hpp"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/exit_code.h"
#include "cli/globals.h"
#include "cli/print_error.h"
#include "cli/session.h"

namespace nexus::cli {
namespace {

constexpr char kAbout[] =
    "Talks to a Nexus event store.\n\n"
    "Data goes to standard output, everything else to standard error.\n"
    "Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 conflict, 5 policy or schema violation,\n"
    "6 authentication, 7 unavailable or timeout, 8 partial success, 9 damaged log, 100 "
    "findings,\n130 interrupted.";

int Fail(Surroundings& s, OutputStyle style, const absl::Status& status) {
  s.out.flush();
  if (s.stop.requested()) return static_cast<int>(ExitCode::kInterrupted);
  PrintError(s.err, style, status);
  return static_cast<int>(ExitCodeOf(status));
}

// The style of errors before the settings are known.
OutputStyle EarlyStyle(const GlobalFlags& flags) {
  OutputStyle style;
  if (flags.output == "json" || flags.output == "jsonl") style.format = Format::kJson;
  return style;
}

// The one place where CLI11's exceptions arrive. True: `code` is the end.
bool ParseArguments(CLI::App& app, std::vector<std::string> arguments, const GlobalFlags& flags,
                    Surroundings& s, int& code) {
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  code = 0;
  try {
    app.parse(arguments);
    return false;
  } catch (const CLI::CallForHelp&) {
    s.out << app.help() << std::flush;
  } catch (const CLI::CallForAllHelp&) {
    s.out << app.help("", CLI::AppFormatMode::All) << std::flush;
  } catch (const CLI::ParseError& bad) {
    code = Fail(s, EarlyStyle(flags), UsageError(bad.what()));
  }
  return true;
}

int Run(const Chosen& chosen, const GlobalFlags& flags, Surroundings& s) {
  absl::StatusOr<Settings> settings = ResolveStyle(flags, s);
  if (!settings.ok()) return Fail(s, EarlyStyle(flags), settings.status());
  const OutputStyle err_style = settings->err;
  if (chosen.needs_server) {
    const absl::Status server = ResolveServer(s, *settings);
    if (!server.ok()) return Fail(s, err_style, server);
  }
  Session session(s, *std::move(settings));
  const absl::StatusOr<ExitCode> code = chosen.action(session);
  if (!code.ok()) return Fail(s, err_style, code.status());
  s.out.flush();
  // Lost data is a failure even if the server did its part: a full disk, a closed pipe.
  if (!s.out.good()) return static_cast<int>(ExitCode::kFailure);
  return static_cast<int>(*code);
}

}  // namespace

int RunNexusctl(std::vector<std::string> arguments, Surroundings& surroundings) {
  GlobalFlags flags;
  Chosen chosen;
  CLI::App app(kAbout, "nexusctl");
  AddGlobalOptions(app, flags);
  AddAllCommands(app, chosen);
  if (!arguments.empty() && arguments[0] == "__complete") {
    arguments.erase(arguments.begin());
    return Complete(app, arguments, surroundings);
  }
  int code = 0;
  if (ParseArguments(app, std::move(arguments), flags, surroundings, code)) return code;
  return Run(chosen, flags, surroundings);
}

}  // namespace nexus::cli
