#include "cli/contexts.h"

#include <sys/stat.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/files.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

absl::Status Invalid(const std::string& path, int line, absl::string_view message) {
  return MakeError(ErrorReason::kConfigurationInvalid,
                   absl::StrCat(path, ":", line + 1, ": ", message));
}

std::string* FieldOf(Context& context, absl::string_view key) {
  if (key == "server") return &context.server;
  if (key == "token") return &context.token;
  if (key == "token_file") return &context.token_file;
  if (key == "ca") return &context.ca;
  if (key == "cert") return &context.cert;
  return key == "key" ? &context.key : nullptr;
}

absl::Status ReadContext(const std::string& path, const YAML::Node& node, Context& context) {
  if (!node.IsMap()) return Invalid(path, node.Mark().line, "a context is a map");
  for (const auto& member : node) {
    const std::string key = member.first.as<std::string>();
    if (key == "tls") {
      context.tls = member.second.as<bool>();
      continue;
    }
    std::string* field = FieldOf(context, key);
    if (field == nullptr) {
      return Invalid(path, member.first.Mark().line, absl::StrCat("unknown key \"", key, "\""));
    }
    *field = member.second.as<std::string>();
  }
  return absl::OkStatus();
}

absl::Status ReadContexts(const std::string& path, const YAML::Node& root, Contexts& contexts) {
  if (root.IsNull()) return absl::OkStatus();
  if (!root.IsMap()) return Invalid(path, root.Mark().line, "not a map");
  for (const auto& member : root) {
    const std::string key = member.first.as<std::string>();
    if (key == "current") {
      contexts.current = member.second.as<std::string>();
    } else if (key == "contexts" && (member.second.IsMap() || member.second.IsNull())) {
      for (const auto& one : member.second) {
        Context& context = contexts.by_name[one.first.as<std::string>()];
        NEXUS_RETURN_IF_ERROR(ReadContext(path, one.second, context));
      }
    } else {
      return Invalid(path, member.first.Mark().line, absl::StrCat("unknown key \"", key, "\""));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Contexts> LoadContexts(const std::string& path) {
  Contexts contexts;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return contexts;
  NEXUS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  // yaml-cpp throws; it goes no further than this.
  try {
    NEXUS_RETURN_IF_ERROR(ReadContexts(path, YAML::Load(text), contexts));
  } catch (const YAML::Exception& bad) {
    return Invalid(path, bad.mark.line, bad.msg);
  }
  return contexts;
}

absl::Status SaveContexts(const std::string& path, const Contexts& contexts) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  if (!contexts.current.empty()) out << YAML::Key << "current" << YAML::Value << contexts.current;
  out << YAML::Key << "contexts" << YAML::Value << YAML::BeginMap;
  for (const auto& [name, context] : contexts.by_name) {
    out << YAML::Key << name << YAML::Value << YAML::BeginMap;
    out << YAML::Key << "server" << YAML::Value << context.server;
    const std::pair<const char*, const std::string&> texts[] = {{"token", context.token},
                                                                {"token_file", context.token_file},
                                                                {"ca", context.ca},
                                                                {"cert", context.cert},
                                                                {"key", context.key}};
    for (const auto& [key, value] : texts) {
      if (!value.empty()) out << YAML::Key << key << YAML::Value << value;
    }
    if (context.tls) out << YAML::Key << "tls" << YAML::Value << true;
    out << YAML::EndMap;
  }
  out << YAML::EndMap << YAML::EndMap;
  return ReplaceFile(path, absl::StrCat(out.c_str(), "\n"));
}

bool ReadableByOthers(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && (info.st_mode & 077) != 0;
}

}  // namespace nexus::cli
