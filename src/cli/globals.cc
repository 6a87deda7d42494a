#include "cli/globals.h"

#include <initializer_list>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/contexts.h"
#include "cli/exit_code.h"
#include "cli/files.h"
#include "cli/local_token.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

constexpr char kDefaultServer[] = "127.0.0.1:7070";

std::string FirstGiven(std::initializer_list<std::string> candidates) {
  for (const std::string& candidate : candidates) {
    if (!candidate.empty()) return candidate;
  }
  return "";
}

std::string ContextsPath(const Surroundings& s) {
  if (const std::string config = s.environment("XDG_CONFIG_HOME"); !config.empty()) {
    return config + "/nexus/contexts.yaml";
  }
  const std::string home = s.environment("HOME");
  return home.empty() ? "" : home + "/.config/nexus/contexts.yaml";
}

absl::StatusOr<Context> FindContext(const GlobalFlags& flags, const Surroundings& s,
                                    Settings& settings) {
  if (settings.contexts_path.empty()) return Context();
  NEXUS_ASSIGN_OR_RETURN(const Contexts contexts, LoadContexts(settings.contexts_path));
  settings.context = FirstGiven({flags.context, s.environment("NEXUS_CONTEXT"), contexts.current});
  if (settings.context.empty()) return Context();
  const auto found = contexts.by_name.find(settings.context);
  if (found == contexts.by_name.end()) {
    return UsageError(
        absl::StrCat("there is no context \"", settings.context, "\" in ", settings.contexts_path));
  }
  if (!found->second.token.empty() && ReadableByOthers(settings.contexts_path) && !flags.quiet) {
    s.err << "warning: " << settings.contexts_path
          << " holds tokens and others may read it; chmod 600 it\n";
  }
  return found->second;
}

// A flag beats the environment beats the context; within each, the token itself beats its file.
absl::StatusOr<std::string> FindToken(const GlobalFlags& flags, const Surroundings& s,
                                      const Context& context) {
  const std::pair<std::string, std::string> sources[] = {
      {flags.token, flags.token_file},
      {s.environment("NEXUS_TOKEN"), s.environment("NEXUS_TOKEN_FILE")},
      {context.token, context.token_file}};
  for (const auto& [token, file] : sources) {
    if (!token.empty()) return token;
    if (file.empty()) continue;
    NEXUS_ASSIGN_OR_RETURN(const std::string content, ReadFile(file));
    return std::string(absl::StripAsciiWhitespace(content));
  }
  return std::string();
}

absl::StatusOr<std::string> PemOf(const std::string& path, absl::string_view mark) {
  if (path.empty()) return std::string();
  NEXUS_ASSIGN_OR_RETURN(std::string text, ReadFile(path));
  if (!absl::StrContains(text, mark)) {
    return UsageError(absl::StrCat(path, " holds no \"", mark, "...\" in PEM"));
  }
  return text;
}

absl::StatusOr<std::optional<client::ClientTls>> FindTls(const GlobalFlags& flags,
                                                         const Surroundings& s,
                                                         const Context& context) {
  const std::string ca = FirstGiven({flags.ca, s.environment("NEXUS_CA"), context.ca});
  const std::string cert = FirstGiven({flags.cert, s.environment("NEXUS_CERT"), context.cert});
  const std::string key = FirstGiven({flags.key, s.environment("NEXUS_KEY"), context.key});
  if (cert.empty() != key.empty()) return UsageError("--cert and --key belong together");
  if (!flags.tls && !context.tls && ca.empty() && cert.empty()) return std::nullopt;
  client::ClientTls tls;
  NEXUS_ASSIGN_OR_RETURN(tls.ca, PemOf(ca, "-----BEGIN CERTIFICATE"));
  NEXUS_ASSIGN_OR_RETURN(tls.certificate, PemOf(cert, "-----BEGIN CERTIFICATE"));
  NEXUS_ASSIGN_OR_RETURN(tls.key, PemOf(key, "-----BEGIN "));
  return tls;
}

// Not of a server on this machine, whose bytes do not leave it.
bool IsNear(absl::string_view server) {
  absl::ConsumePrefix(&server, "nexus://");
  return absl::StartsWith(server, "127.") || absl::StartsWith(server, "localhost:") ||
         absl::StartsWith(server, "[::1]:") || absl::StartsWith(server, "unix:");
}

absl::StatusOr<Format> FindFormat(const std::string& output, bool terminal) {
  if (output.empty()) return terminal ? Format::kTable : Format::kJsonLines;
  if (output == "table") return Format::kTable;
  if (output == "json") return Format::kJson;
  if (output == "jsonl") return Format::kJsonLines;
  return UsageError(absl::StrCat("-o is table, json or jsonl, not \"", output, "\""));
}

}  // namespace

absl::StatusOr<absl::Duration> ParseDuration(const std::string& text) {
  double seconds = 0;
  absl::Duration duration;
  if (absl::SimpleAtod(text, &seconds)) {
    duration = absl::Seconds(seconds);
  } else if (!absl::ParseDuration(text, &duration)) {
    return UsageError(absl::StrCat("\"", text, "\" is not a duration such as 250ms, 10s or 2m"));
  }
  if (duration <= absl::ZeroDuration() || duration > absl::Hours(24 * 365)) {
    return UsageError(absl::StrCat("a duration of \"", text, "\" makes no sense"));
  }
  return duration;
}

absl::StatusOr<Settings> ResolveStyle(const GlobalFlags& flags, const Surroundings& surroundings) {
  Settings settings;
  settings.flags = flags;
  settings.quiet = flags.quiet;
  settings.verbose = flags.verbose;
  NEXUS_ASSIGN_OR_RETURN(settings.out.format,
                         FindFormat(flags.output, surroundings.out_is_terminal));
  const bool color = !flags.no_color && surroundings.environment("NO_COLOR").empty();
  settings.out.color = color && surroundings.out_is_terminal;
  settings.err.color = color && surroundings.err_is_terminal;
  settings.err.format = flags.output.empty() ? Format::kTable : settings.out.format;
  settings.contexts_path = ContextsPath(surroundings);
  return settings;
}

absl::Status ResolveServer(const Surroundings& surroundings, Settings& settings) {
  const GlobalFlags& flags = settings.flags;
  NEXUS_ASSIGN_OR_RETURN(const Context context, FindContext(flags, surroundings, settings));
  settings.server = FirstGiven(
      {flags.server, surroundings.environment("NEXUS_SERVER"), context.server, kDefaultServer});
  NEXUS_ASSIGN_OR_RETURN(settings.token, FindToken(flags, surroundings, context));
  if (settings.token.empty()) settings.token = FindLocalToken("data", settings.server);
  NEXUS_ASSIGN_OR_RETURN(settings.tls, FindTls(flags, surroundings, context));
  if (!settings.token.empty() && !settings.tls.has_value() && !IsNear(settings.server) &&
      !flags.quiet) {
    surroundings.err << "warning: the token goes to " << settings.server
                     << " in the clear; --tls or --ca FILE encrypts\n";
  }
  settings.timeout_given = !flags.timeout.empty();
  if (settings.timeout_given) {
    NEXUS_ASSIGN_OR_RETURN(settings.timeout, ParseDuration(flags.timeout));
  }
  return absl::OkStatus();
}

}  // namespace nexus::cli
