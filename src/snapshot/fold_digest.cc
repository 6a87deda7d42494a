#include "snapshot/fold_digest.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "digest/sha256.h"

namespace nexus::snapshot {
namespace {

// Goes up when nexusd itself folds otherwise than before.
constexpr absl::string_view kFoldVersion = "fold 1";

void AppendPart(std::string& bytes, absl::string_view part) {
  absl::StrAppend(&bytes, part.size(), ":", part);
}

void AppendCode(std::string& bytes, const domain::DomainPackage& package,
                absl::string_view script) {
  AppendPart(bytes, script);
  for (const domain::PackageFile* file : ReachedFiles(package, script)) {
    AppendPart(bytes, file->path);
    AppendPart(bytes, file->text);
  }
}

// A path that is written with escapes is not found by its letters.
bool MayHideImports(absl::string_view text) {
  return absl::StrContains(text, "import") &&
         (absl::StrContains(text, "\\x") || absl::StrContains(text, "\\u"));
}

bool IsSeen(const domain::AggregateRecord& aggregate, const domain::UpcasterRecord& upcaster) {
  if (upcaster.domain == aggregate.domain) return true;
  const std::vector<std::string>& events = aggregate.declaration.events;
  return std::find(events.begin(), events.end(), upcaster.declaration.type) != events.end();
}

}  // namespace

std::vector<const domain::PackageFile*> ReachedFiles(const domain::DomainPackage& package,
                                                     absl::string_view script) {
  std::vector<bool> reached(package.files.size(), false);
  std::vector<size_t> open;
  for (size_t i = 0; i < package.files.size(); ++i) {
    if (package.files[i].path != script) continue;
    reached[i] = true;
    open.push_back(i);
  }
  while (!open.empty()) {
    const std::string& text = package.files[open.back()].text;
    open.pop_back();
    const bool any = MayHideImports(text);
    for (size_t i = 0; i < package.files.size(); ++i) {
      if (reached[i] || !absl::EndsWith(package.files[i].path, ".js")) continue;
      if (!any && !absl::StrContains(text, package.files[i].path)) continue;
      reached[i] = true;
      open.push_back(i);
    }
  }
  std::vector<const domain::PackageFile*> files;
  for (size_t i = 0; i < package.files.size(); ++i) {
    if (reached[i]) files.push_back(&package.files[i]);
  }
  return files;
}

std::string FoldDigest(const domain::AggregateRecord& aggregate,
                       const std::vector<domain::UpcasterRecord>& upcasters, LatestVersion latest) {
  std::string bytes(kFoldVersion);
  AppendPart(bytes, aggregate.declaration.category);
  AppendCode(bytes, *aggregate.package, aggregate.declaration.script);
  std::set<std::string> types(aggregate.declaration.events.begin(),
                              aggregate.declaration.events.end());
  std::set<std::string> steps;
  for (const domain::UpcasterRecord& upcaster : upcasters) {
    if (!IsSeen(aggregate, upcaster)) continue;
    const domain::UpcasterDeclaration& declared = upcaster.declaration;
    types.insert(declared.type);
    types.insert(declared.to_type);
    std::string step;
    AppendPart(step, declared.type);
    AppendPart(step, declared.to_type);
    absl::StrAppend(&step, declared.from, "-", declared.to, ";");
    AppendCode(step, *upcaster.package, declared.script);
    steps.insert(std::move(step));
  }
  for (const std::string& step : steps) AppendPart(bytes, step);
  for (const std::string& type : types) {
    // The declared events alone change nothing; that one of them has another version does.
    const uint32_t version = latest(type);
    if (version > 1) absl::StrAppend(&bytes, type.size(), ":", type, "=", version, ";");
  }
  return Sha256Hex(bytes);
}

std::string FoldDigests::Of(const domain::AggregateRecord& aggregate) {
  std::shared_ptr<const domain::DomainState> state = parts_.domains();
  const uint64_t epoch = parts_.schema_epoch();
  absl::MutexLock lock(&mutex_);
  Kept& kept = kept_[aggregate.declaration.name];
  if (!kept.digest.empty() && kept.state == state && kept.schema_epoch == epoch &&
      kept.code_digest == aggregate.code_digest) {
    return kept.digest;
  }
  kept.digest = FoldDigest(aggregate, state->upcasters(), parts_.latest_version);
  kept.state = std::move(state);
  kept.schema_epoch = epoch;
  kept.code_digest = aggregate.code_digest;
  return kept.digest;
}

}  // namespace nexus::snapshot
