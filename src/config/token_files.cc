#include "config/token_files.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "config/yaml_file.h"

namespace nexus::config {

void ReadTokenFiles(const std::map<std::string, std::string>& sources, NexusConfig& config,
                    std::vector<Problem>& problems) {
  for (size_t i = 0; i < config.tokens.size(); ++i) {
    TokenConfig& token = config.tokens[i];
    if (token.token_file.empty()) continue;
    const std::string key = absl::StrCat("tokens[", i, "].token_file");
    if (!token.token.empty()) {
      problems.push_back({sources.at("tokens"), key, "is given beside a token; one is enough"});
      continue;
    }
    const absl::StatusOr<std::string> text = ReadSmallFile(token.token_file);
    if (!text.ok()) {
      problems.push_back({sources.at("tokens"), key,
                          absl::StrCat(token.token_file, ": ", text.status().message())});
      continue;
    }
    token.token = std::string(absl::StripAsciiWhitespace(*text));
  }
}

}  // namespace nexus::config
