// nexusctl admin recover
//
// The data folder is opened by the program that owns its format: nexusd, on this machine.

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

extern char** environ;

namespace nexus::cli {
namespace {

struct RecoverOptions {
  std::string data;
  std::vector<std::string> config;
  std::string nexusd;
};

// Beside this program; else by PATH.
std::string FindNexusd(const std::string& given) {
  if (!given.empty()) return given;
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto beside = self.parent_path() / "nexusd";
  return !error && std::filesystem::exists(beside, error) ? beside.string() : "nexusd";
}

// Its output is this program's.
absl::StatusOr<int> RunProgram(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;  // this program blocks signals that one of its threads waits for
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t child = 0;
  const int failed =
      posix_spawnp(&child, arguments[0], nullptr, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0) {
    return MakeError(ErrorReason::kNotFound,
                     absl::StrCat("cannot run ", command[0], ": ", std::strerror(failed),
                                  "; --nexusd names the program"));
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

absl::StatusOr<ExitCode> RecoverAdmin(Session& session, const RecoverOptions& options) {
  std::vector<std::string> command = {FindNexusd(options.nexusd), "recover-admin"};
  for (const std::string& file : options.config) {
    command.insert(command.end(), {"--config", file});
  }
  if (!options.data.empty()) command.insert(command.end(), {"--data", options.data});
  session.out().flush();
  NEXUS_ASSIGN_OR_RETURN(const int code, RunProgram(command));
  if (code == 0) return ExitCode::kOk;
  return code == static_cast<int>(ExitCode::kUsage) ? ExitCode::kUsage : ExitCode::kFailure;
}

}  // namespace

void AddAdminCommands(CLI::App& app, Chosen& chosen) {
  CLI::App* admin = app.add_subcommand("admin", "What is done on the server's own machine");
  admin->require_subcommand(1);
  auto options = std::make_shared<RecoverOptions>();
  CLI::App* recover = admin->add_subcommand(
      "recover", "Make a new administrator's token for a nexusd that is stopped");
  recover->add_option("--data", options->data, "The data folder (default: as nexusd finds it)");
  recover->add_option("--config", options->config, "nexusd's configuration; repeatable");
  recover->add_option("--nexusd", options->nexusd,
                      "The program (default: that beside nexusctl, else in PATH)");
  OnChosen(recover, chosen, options, RecoverAdmin, Reach::kLocal);
}

}  // namespace nexus::cli
