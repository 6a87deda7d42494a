#include "config/config_command.h"

#include <string>

#include "config/render.h"

namespace nexus::config {
namespace {

constexpr int kDone = 0;
constexpr int kInvalid = 2;

void WriteNotes(const LoadedConfig& loaded, std::ostream& err) {
  for (const std::string& note : loaded.notes) err << "note: " << note << "\n";
}

int Check(const CommandLine& line, const absl::StatusOr<LoadedConfig>& loaded, std::ostream& out,
          std::ostream& err) {
  if (loaded.ok()) WriteNotes(*loaded, err);
  if (line.json) {
    out << RenderCheckJson(loaded.status());
  } else if (loaded.ok()) {
    out << "the configuration is valid\n";
  } else {
    err << loaded.status().message() << "\n";
  }
  return loaded.ok() ? kDone : kInvalid;
}

int Print(const CommandLine& line, const absl::StatusOr<LoadedConfig>& loaded, std::ostream& out,
          std::ostream& err) {
  if (!loaded.ok()) {
    err << loaded.status().message() << "\n";
    return kInvalid;
  }
  WriteNotes(*loaded, err);
  out << (line.json ? RenderConfigJson(*loaded) : RenderConfig(*loaded));
  return kDone;
}

}  // namespace

std::optional<int> RunConfigCommand(const CommandLine& line, const Environment& environment,
                                    absl::string_view version, std::ostream& out,
                                    std::ostream& err) {
  using Action = CommandLine::Action;
  switch (line.action) {
    case Action::kRun:
    case Action::kVerify:
    case Action::kDoctor:
    case Action::kRecoverAdmin:
      return std::nullopt;
    case Action::kHelp:
      out << line.help;
      return kDone;
    case Action::kVersion:
      out << "nexusd " << version << "\n";
      return kDone;
    case Action::kPrintReference:
      out << RenderReference();
      return kDone;
    case Action::kPrintTemplate:
      out << RenderTemplate();
      return kDone;
    case Action::kCheckConfig:
      return Check(line, Load(InputOf(line, environment)), out, err);
    case Action::kPrintConfig:
      return Print(line, Load(InputOf(line, environment)), out, err);
  }
  return std::nullopt;
}

}  // namespace nexus::config
