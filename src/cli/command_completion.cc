// nexusctl completion bash|zsh|fish

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/completion.h"

namespace nexus::cli {
namespace {

constexpr char kBash[] = R"(# nexusctl completion for bash:
#   nexusctl completion bash > ~/.local/share/bash-completion/completions/nexusctl
_nexusctl() {
  local IFS=$'\n'
  COMPREPLY=($(nexusctl __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  compopt -o default 2>/dev/null
}
complete -F _nexusctl nexusctl
)";

constexpr char kZsh[] = R"(#compdef nexusctl
# nexusctl completion for zsh: put it into a folder of $fpath as _nexusctl.
_nexusctl() {
  local -a candidates
  candidates=("${(@f)$(nexusctl __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -- $candidates || _files
}
compdef _nexusctl nexusctl
)";

constexpr char kFish[] = R"(# nexusctl completion for fish:
#   nexusctl completion fish > ~/.config/fish/completions/nexusctl.fish
function __nexusctl_complete
  set -l words (commandline -opc)
  nexusctl __complete $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c nexusctl -a '(__nexusctl_complete)'
)";

struct CompletionOptions {
  std::string shell;
};

absl::StatusOr<ExitCode> PrintCompletion(Session& session, const CompletionOptions& options) {
  const std::string script = CompletionScript(options.shell);
  if (script.empty()) {
    return UsageError(
        absl::StrCat("there is a script for bash, zsh and fish, not \"", options.shell, "\""));
  }
  session.out() << script;
  return ExitCode::kOk;
}

}  // namespace

std::string CompletionScript(const std::string& shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  return "";
}

void AddCompletionCommand(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<CompletionOptions>();
  CLI::App* command = app.add_subcommand("completion", "Print a completion script");
  command->add_option("SHELL", options->shell, "bash, zsh or fish")->required();
  OnChosen(command, chosen, options, PrintCompletion, Reach::kLocal);
}

}  // namespace nexus::cli
