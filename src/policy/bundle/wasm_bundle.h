#pragma once

// Policies that OPA has compiled: what `nexusctl policy build` and `opa build -t wasm` write
// (docs/reference/policy-bundle.md).

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "policy/bundle/policy_file.h"
#include "policy/bundle/rule_table.h"

namespace nexus::policy {

inline constexpr size_t kBundleBytesMax = 64 << 20;  // unpacked
inline constexpr char kWasmFile[] = "policy.wasm";
inline constexpr char kDataFile[] = "data.json";
inline constexpr char kManifestFile[] = ".manifest";

// Places in the input, each as the steps that lead to it: {{"operation"}, {"events", "*", "type"}}.
// A step is the name of a member or one of those below. A place stands for all that is in it.
using InputPaths = std::vector<std::vector<std::string>>;

inline constexpr absl::string_view kEachStep = "*";  // every element, or every member
// As the last step: not what is in it, but
inline constexpr absl::string_view kShapeStep = "#";  // how much, under which names
inline constexpr absl::string_view kKindStep = "?";   // whether it is there, and its type

inline bool IsReservedStep(absl::string_view name) {
  return name == kEachStep || name == kShapeStep || name == kKindStep;
}

// What a decision can depend on: all of it, and what is left where no message is formatted.
struct InputReads {
  InputPaths all;
  InputPaths unformatted;

  friend bool operator==(const InputReads&, const InputReads&) = default;
};

struct WasmBundle {
  std::string wasm;
  std::string data_json = "{}";
  std::string revision;  // of the content
  // By operation. One that is missing reads the whole input, for all that is known.
  std::map<std::string, InputReads> reads;
  RuleTable rules;                                   // that declare themselves
  std::shared_ptr<const RuleModes> modes = nullptr;  // null: every rule denies
};

// CONFIGURATION_INVALID, with what is wrong: no or several modules, data in other places than
// data.json, a manifest that cannot be read, an enforcement of rules that are not declared.
absl::StatusOr<WasmBundle> MakeWasmBundle(std::vector<PolicyFile> files);

// The same of an archive in memory, of at most so many bytes when it is unpacked.
absl::StatusOr<WasmBundle> ParseWasmBundle(absl::string_view tar_gz,
                                           size_t bytes_max = kBundleBytesMax);

// True if `path` is a folder without policy.wasm that holds *.rego: to be compiled first.
bool IsSourceFolder(const std::string& path);

// A file that is an archive, or a folder that holds what an archive would.
absl::StatusOr<std::vector<PolicyFile>> ReadBundleFiles(const std::string& path);
absl::StatusOr<WasmBundle> LoadWasmBundle(const std::string& path);

// What goes into `.manifest` so that a reader finds `reads` and `rules` again.
absl::StatusOr<std::string> AddReads(absl::string_view manifest,
                                     const std::map<std::string, InputReads>& reads,
                                     const RuleTable& rules = {});

}  // namespace nexus::policy
