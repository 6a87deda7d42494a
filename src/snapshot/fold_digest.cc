#include "snapshot/fold_digest.h"

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "digest/sha256.h"

namespace nexus::snapshot {
namespace {

// Goes up when nexusd itself folds otherwise than before.
constexpr absl::string_view kFoldVersion = "fold 1";
// Digests that are kept; beyond, all are made anew.
constexpr size_t kKeptMax = 1'024;

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

// Those that may have their part in what is folded: of the aggregate's domain, and of whoever for
// one of `types`, to which the types that they lead to are added.
std::vector<const domain::UpcasterRecord*> SeenUpcasters(
    const domain::AggregateRecord& aggregate, const std::vector<domain::UpcasterRecord>& upcasters,
    std::set<std::string>& types) {
  std::vector<const domain::UpcasterRecord*> seen;
  std::vector<bool> taken(upcasters.size(), false);
  for (bool grown = true; grown;) {
    grown = false;
    for (size_t i = 0; i < upcasters.size(); ++i) {
      const domain::UpcasterRecord& upcaster = upcasters[i];
      const domain::UpcasterDeclaration& declared = upcaster.declaration;
      if (taken[i]) continue;
      if (upcaster.domain != aggregate.domain && types.count(declared.type) == 0) continue;
      taken[i] = grown = true;
      types.insert(declared.type);
      types.insert(declared.to_type);
      seen.push_back(&upcaster);
    }
  }
  return seen;
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
                       const std::vector<domain::UpcasterRecord>& upcasters, LatestVersion latest,
                       const OtherTypes& others) {
  std::string bytes(kFoldVersion);
  AppendPart(bytes, aggregate.declaration.category);
  AppendCode(bytes, *aggregate.package, aggregate.declaration.script);
  std::set<std::string> types(aggregate.declaration.events.begin(),
                              aggregate.declaration.events.end());
  types.insert(others.begin(), others.end());
  std::set<std::string> steps;
  for (const domain::UpcasterRecord* upcaster : SeenUpcasters(aggregate, upcasters, types)) {
    const domain::UpcasterDeclaration& declared = upcaster->declaration;
    std::string step;
    AppendPart(step, declared.type);
    AppendPart(step, declared.to_type);
    absl::StrAppend(&step, declared.from, "-", declared.to, ";");
    AppendCode(step, *upcaster->package, declared.script);
    steps.insert(std::move(step));
  }
  for (const std::string& step : steps) AppendPart(bytes, step);
  for (const std::string& type : types) {
    // The types alone change nothing; that one of them has another version does.
    const uint32_t version = latest(type);
    if (version > 1) absl::StrAppend(&bytes, type.size(), ":", type, "=", version, ";");
  }
  return Sha256Hex(bytes);
}

std::string FoldDigests::Of(const domain::AggregateRecord& aggregate, const OtherTypes& others) {
  Sources sources = Now();
  const std::string& name = aggregate.declaration.name;
  std::string with_others;
  if (!others.empty()) with_others = absl::StrCat(name, "\n", absl::StrJoin(others, "\n"));
  const std::string& key = others.empty() ? name : with_others;
  absl::MutexLock lock(&mutex_);
  if (kept_.size() >= kKeptMax && kept_.count(key) == 0) kept_.clear();
  Kept& kept = kept_[key];
  if (!kept.digest.empty() && kept.sources == sources &&
      kept.code_digest == aggregate.code_digest) {
    return kept.digest;
  }
  kept.digest = FoldDigest(aggregate, sources.domains->upcasters(), parts_.latest_version, others);
  kept.sources = std::move(sources);
  kept.code_digest = aggregate.code_digest;
  return kept.digest;
}

}  // namespace nexus::snapshot
