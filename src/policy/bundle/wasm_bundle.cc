#include "policy/bundle/wasm_bundle.h"

#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"
#include "policy/bundle/archive.h"

namespace nexus::policy {
namespace {

namespace fs = std::filesystem;
using simdjson::dom::element;

absl::Status Invalid(absl::string_view what) {
  return MakeError(ErrorReason::kConfigurationInvalid, what);
}

absl::StatusOr<element> ParseObject(simdjson::dom::parser& parser, absl::string_view text,
                                    absl::string_view what) {
  element document;
  if (parser.parse(text.data(), text.size()).get(document) != simdjson::SUCCESS ||
      !document.is_object()) {
    return Invalid(absl::StrCat("the ", what, " of the bundle is not a JSON object"));
  }
  return document;
}

absl::StatusOr<std::vector<std::string>> ReadPath(element path) {
  simdjson::dom::array keys;
  if (path.get(keys) != simdjson::SUCCESS || keys.size() == 0) {
    return Invalid("metadata.nexus.reads of the bundle's manifest: a path is no array of keys");
  }
  std::vector<std::string> read;
  for (const element key : keys) {
    std::string_view text;
    if (key.get(text) != simdjson::SUCCESS) {
      return Invalid("metadata.nexus.reads of the bundle's manifest: a key is no string");
    }
    read.emplace_back(text);
  }
  return read;
}

// Adds to what `paths_of` gives for each operation in the list.
absl::Status ReadPaths(simdjson::simdjson_result<element> list,
                       absl::FunctionRef<InputPaths&(std::string operation)> paths_of) {
  simdjson::dom::object operations;
  if (list.get(operations) != simdjson::SUCCESS) return absl::OkStatus();
  for (const auto& [operation, paths] : operations) {
    simdjson::dom::array places;
    if (paths.get(places) != simdjson::SUCCESS) {
      return Invalid("metadata.nexus.reads of the bundle's manifest: paths are no array");
    }
    InputPaths& read = paths_of(std::string(operation));
    for (const element path : places) {
      NEXUS_ASSIGN_OR_RETURN(std::vector<std::string> steps, ReadPath(path));
      read.push_back(std::move(steps));
    }
  }
  return absl::OkStatus();
}

absl::Status ReadManifest(absl::string_view manifest, WasmBundle& bundle) {
  simdjson::dom::parser parser;
  NEXUS_ASSIGN_OR_RETURN(const element document, ParseObject(parser, manifest, "manifest"));
  const auto nexus = document["metadata"]["nexus"];
  element rules;
  if (nexus["rules"].get(rules) == simdjson::SUCCESS) {
    NEXUS_ASSIGN_OR_RETURN(bundle.rules, ReadRuleTable(rules));
  }
  NEXUS_RETURN_IF_ERROR(ReadPaths(nexus["reads"], [&bundle](std::string operation) -> InputPaths& {
    return bundle.reads[std::move(operation)].all;
  }));
  // Without it, messages may come from anywhere.
  for (auto& [operation, reads] : bundle.reads) reads.unformatted = reads.all;
  return ReadPaths(nexus["reads_unformatted"], [&bundle](std::string operation) -> InputPaths& {
    InputPaths& paths = bundle.reads[std::move(operation)].unformatted;
    paths.clear();
    return paths;
  });
}

std::string PathsJson(const std::map<std::string, InputReads>& reads,
                      InputPaths InputReads::*part) {
  std::vector<std::string> operations;
  for (const auto& [operation, of] : reads) {
    std::vector<std::string> texts;
    for (const std::vector<std::string>& path : of.*part) {
      const auto quote = [](std::string* out, const std::string& step) {
        out->append(JsonString({step.data(), step.size()}));
      };
      texts.push_back(absl::StrCat("[", absl::StrJoin(path, ",", quote), "]"));
    }
    operations.push_back(absl::StrCat(JsonString(operation), ":[", absl::StrJoin(texts, ","), "]"));
  }
  return absl::StrCat("{", absl::StrJoin(operations, ","), "}");
}

bool IsMisplacedData(absl::string_view path) {
  const absl::string_view name = path.substr(path.rfind('/') + 1);
  return path != kDataFile && (name == "data.json" || name == "data.yaml" || name == "data.yml");
}

absl::StatusOr<std::vector<PolicyFile>> ReadFolder(const std::string& folder) {
  std::error_code error;
  std::vector<PolicyFile> files;
  size_t bytes = 0;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::error_code ignored;
    if (name.front() == '.' && name != kManifestFile) {
      // Kubernetes mounts the same files a second time below a folder named "..data".
      it.disable_recursion_pending();
    } else if (it->is_regular_file(ignored)) {
      NEXUS_ASSIGN_OR_RETURN(std::string content,
                             ReadPolicyFile(it->path().string(), kBundleBytesMax - bytes));
      bytes += content.size();
      files.push_back({it->path().lexically_relative(folder).generic_string(), std::move(content)});
    }
  }
  if (error) {
    return Invalid(absl::StrCat("cannot read the bundle ", folder, ": ", error.message()));
  }
  return files;
}

}  // namespace

absl::StatusOr<WasmBundle> MakeWasmBundle(std::vector<PolicyFile> files) {
  std::sort(files.begin(), files.end(),
            [](const PolicyFile& a, const PolicyFile& b) { return a.path < b.path; });
  WasmBundle bundle;
  bundle.revision = PolicyRevision(files);
  for (PolicyFile& file : files) {
    if (IsMisplacedData(file.path)) {
      return Invalid(absl::StrCat("the bundle holds ", file.path,
                                  "; compiled policies have all "
                                  "their data in data.json at its root"));
    }
    if (absl::EndsWith(file.path, ".wasm") && file.path != kWasmFile) {
      return Invalid(absl::StrCat("the bundle holds ", file.path, " beside ", kWasmFile));
    }
    if (file.path == kWasmFile) bundle.wasm = std::move(file.content);
    if (file.path == kDataFile) bundle.data_json = std::move(file.content);
    if (file.path == kManifestFile) NEXUS_RETURN_IF_ERROR(ReadManifest(file.content, bundle));
  }
  if (bundle.wasm.empty()) {
    return Invalid("the bundle holds no policy.wasm; compile it with `nexusctl policy build`");
  }
  simdjson::dom::parser parser;
  NEXUS_ASSIGN_OR_RETURN(const element data, ParseObject(parser, bundle.data_json, "data.json"));
  NEXUS_ASSIGN_OR_RETURN(bundle.modes, EnforcementIn(data));
  NEXUS_RETURN_IF_ERROR(CheckRulesAreKnown(bundle.modes.get(), bundle.rules));
  return bundle;
}

absl::StatusOr<WasmBundle> ParseWasmBundle(absl::string_view tar_gz, size_t bytes_max) {
  NEXUS_ASSIGN_OR_RETURN(std::vector<PolicyFile> files, ReadArchive(tar_gz, bytes_max));
  return MakeWasmBundle(std::move(files));
}

bool IsSourceFolder(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error) || fs::exists(fs::path(path) / kWasmFile, error)) return false;
  for (fs::recursive_directory_iterator it(path, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() == ".rego") return true;
  }
  return false;
}

absl::StatusOr<std::vector<PolicyFile>> ReadBundleFiles(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return ReadFolder(path);
  NEXUS_ASSIGN_OR_RETURN(const std::string packed, ReadPolicyFile(path, kBundleBytesMax));
  return ReadArchive(packed, kBundleBytesMax);
}

absl::StatusOr<WasmBundle> LoadWasmBundle(const std::string& path) {
  NEXUS_ASSIGN_OR_RETURN(std::vector<PolicyFile> files, ReadBundleFiles(path));
  return MakeWasmBundle(std::move(files));
}

absl::StatusOr<std::string> AddReads(absl::string_view manifest,
                                     const std::map<std::string, InputReads>& reads,
                                     const RuleTable& rules) {
  simdjson::dom::parser parser;
  NEXUS_ASSIGN_OR_RETURN(const element document, ParseObject(parser, manifest, "manifest"));
  std::vector<std::string> members;
  for (const auto& [key, value] : simdjson::dom::object(document)) {
    if (key == "metadata") continue;
    members.push_back(absl::StrCat(JsonString({key.data(), key.size()}), ":",
                                   std::string(simdjson::minify(value))));
  }
  members.push_back(
      absl::StrCat("\"metadata\":{\"nexus\":{\"reads\":", PathsJson(reads, &InputReads::all),
                   ",\"reads_unformatted\":", PathsJson(reads, &InputReads::unformatted),
                   ",\"rules\":", RuleTableJson(rules), "}}"));
  return absl::StrCat("{", absl::StrJoin(members, ","), "}");
}

}  // namespace nexus::policy
