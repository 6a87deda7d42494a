#include "cli/domain_folder.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/files.h"
#include "cli/json_parse.h"
#include "domain/declaration_header.h"
#include "domain/domain_package.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/text.h"

namespace nexus::cli {
namespace {

namespace fs = std::filesystem;

constexpr char kRootFile[] = "domain.yaml";
constexpr char kPolicies[] = "policies";
constexpr size_t kFilesMax = 1'000;
constexpr size_t kFileBytesMax = 1 << 20;
constexpr domain::Kind kKinds[] = {domain::Kind::kSchema,   domain::Kind::kAggregate,
                                   domain::Kind::kUpcaster, domain::Kind::kRoute,
                                   domain::Kind::kPolicy,   domain::Kind::kRole};

std::string KnownKinds() {
  return absl::StrJoin(kKinds, ", ", [](std::string* out, domain::Kind kind) {
    absl::StrAppend(out, domain::KindName(kind));
  });
}

bool IsKind(absl::string_view text) {
  return std::any_of(std::begin(kKinds), std::end(kKinds),
                     [&](domain::Kind kind) { return domain::KindName(kind) == text; });
}

// Folders that hold something else, or nothing of anybody's.
bool IsPassedOver(const std::string& path) {
  const std::string name = fs::path(path).filename().string();
  return absl::StartsWith(name, ".") || name == "node_modules" || path == "tests" ||
         path == kPolicies;
}

class FolderReader {
 public:
  explicit FolderReader(const std::string& root) : root_(root) {}

  absl::StatusOr<DomainFolder> Read() {
    std::error_code error;
    if (!fs::is_directory(root_, error)) {
      return MakeError(ErrorReason::kNotFound, absl::StrCat("there is no folder ", root_));
    }
    if (!fs::exists(fs::path(root_) / kRootFile, error)) {
      return MakeError(ErrorReason::kNotFound,
                       absl::StrCat(root_, " has no ", kRootFile, ": it is no domain"));
    }
    NEXUS_RETURN_IF_ERROR(FindFiles());
    NEXUS_RETURN_IF_ERROR(TakeRoot());
    for (const std::string& path : yaml_) {
      if (!IsDataOfPolicy(path)) NEXUS_RETURN_IF_ERROR(TakeDeclarations(path));
    }
    NEXUS_RETURN_IF_ERROR(TakeFiles());
    if (!faults_.empty()) return Faults();
    if (domain_.declarations.empty()) {
      return MakeError(ErrorReason::kMalformedRequest,
                       absl::StrCat(root_, " declares nothing beside its ", kRootFile));
    }
    std::sort(domain_.declarations.begin(), domain_.declarations.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    return std::move(domain_);
  }

 private:
  absl::Status FindFiles() {
    std::error_code error;
    fs::recursive_directory_iterator at(root_, error);
    for (const fs::recursive_directory_iterator end; !error && at != end; at.increment(error)) {
      std::error_code ignored;
      const std::string path = at->path().lexically_relative(root_).generic_string();
      if (IsPassedOver(path)) {
        at.disable_recursion_pending();
        continue;
      }
      if (!at->is_regular_file(ignored) || path == kRootFile) continue;
      const std::string extension = at->path().extension().string();
      const bool is_yaml = extension == ".yaml" || extension == ".yml";
      if ((!is_yaml && extension != ".js") ||
          absl::StartsWithIgnoreCase(at->path().filename().string(), "readme")) {
        continue;
      }
      if (!domain::IsPlainPath(path)) {
        Fail(path, 0, "a path is of letters, digits, '.', '_' and '-'");
        continue;
      }
      if (is_yaml) {
        yaml_.push_back(path);
      } else {
        wanted_.insert(path);
      }
      if (yaml_.size() + wanted_.size() > kFilesMax) {
        return MakeError(ErrorReason::kLimitExceeded,
                         absl::StrCat(root_, " has more than ", kFilesMax, " files"));
      }
    }
    if (error) {
      return MakeError(ErrorReason::kInternal,
                       absl::StrCat("cannot read ", root_, ": ", error.message()));
    }
    // What may be data comes last: then it is known which folders are of policies.
    std::sort(yaml_.begin(), yaml_.end(), [](const std::string& a, const std::string& b) {
      return std::pair(IsNamedData(a), a) < std::pair(IsNamedData(b), b);
    });
    return absl::OkStatus();
  }

  static bool IsNamedData(const std::string& path) { return fs::path(path).stem() == "data"; }

  // Not a declaration, but what the rules beside it look up.
  bool IsDataOfPolicy(const std::string& path) const {
    return IsNamedData(path) &&
           std::any_of(policy_folders_.begin(), policy_folders_.end(),
                       [&](const std::string& folder) {
                         return absl::StartsWith(path, absl::StrCat(folder, "/"));
                       });
  }

  // Its text; empty, and a fault, if it cannot be taken.
  absl::StatusOr<std::string> ReadText(const std::string& path) {
    NEXUS_ASSIGN_OR_RETURN(std::string text, ReadFile((fs::path(root_) / path).string()));
    if (text.size() > kFileBytesMax) {
      Fail(path, 0, "is larger than 1 MiB");
      return std::string();
    }
    if (const auto bad = FindInvalidUtf8(text); bad.has_value()) {
      const auto upto = text.begin() + static_cast<std::ptrdiff_t>(*bad);
      Fail(path, static_cast<uint64_t>(std::count(text.begin(), upto, '\n')) + 1, "is not UTF-8");
      return std::string();
    }
    return text;
  }

  absl::StatusOr<std::vector<YamlDocument>> ReadDocuments(const std::string& path) {
    NEXUS_ASSIGN_OR_RETURN(const std::string text, ReadText(path));
    std::vector<YamlFault> faults;
    std::vector<YamlDocument> documents = ReadYaml(text, faults);
    for (YamlFault& fault : faults) Fail(path, fault.line, std::move(fault.message));
    if (!faults.empty()) documents.clear();
    return documents;
  }

  absl::Status TakeRoot() {
    const size_t before = faults_.size();
    NEXUS_ASSIGN_OR_RETURN(const std::vector<YamlDocument> documents, ReadDocuments(kRootFile));
    if (faults_.size() > before) return absl::OkStatus();
    if (documents.size() != 1) {
      Fail(kRootFile, 0, absl::StrCat("has ", documents.size(), " documents; it needs one"));
      return absl::OkStatus();
    }
    const YamlDocument& document = documents.front();
    const std::string kind = TextMember(document.json, "kind");
    CheckVersion(kRootFile, document);
    if (kind != "Domain") Fail(kRootFile, document.LineOf("/kind"), "its kind must be Domain");
    domain_.name = TextAt(document.json, "/metadata/name");
    if (!domain::IsPlainName(domain_.name)) {
      Fail(kRootFile, document.LineOf("/metadata/name"),
           absl::StrCat("metadata.name '", domain_.name, "' is not 1 to 63 of a-z, 0-9 and '-'"));
    }
    return absl::OkStatus();
  }

  void CheckVersion(const std::string& path, const YamlDocument& document) {
    const std::string version = TextMember(document.json, "apiVersion");
    if (version == domain::kApiVersion) return;
    Fail(path, document.LineOf("/apiVersion"),
         absl::StrCat("apiVersion '", version, "' is not known; known is ", domain::kApiVersion));
  }

  absl::Status TakeDeclarations(const std::string& path) {
    NEXUS_ASSIGN_OR_RETURN(std::vector<YamlDocument> documents, ReadDocuments(path));
    for (size_t i = 0; i < documents.size(); ++i) {
      DomainDeclaration declaration;
      declaration.path = i == 0 ? path : absl::StrCat(path, ".", i + 1);
      declaration.file = path;
      declaration.document = std::move(documents[i]);
      TakeDeclaration(std::move(declaration));
    }
    return absl::OkStatus();
  }

  void TakeDeclaration(DomainDeclaration declaration) {
    const YamlDocument& document = declaration.document;
    const auto fail = [&](absl::string_view pointer, std::string message) {
      Fail(declaration.file, document.LineOf(pointer), std::move(message));
    };
    CheckVersion(declaration.file, document);
    declaration.kind = TextMember(document.json, "kind");
    declaration.name = TextAt(document.json, "/metadata/name");
    if (declaration.kind == "Domain") {
      fail("/kind", absl::StrCat("a Domain stands in the ", kRootFile, " of the folder itself"));
    } else if (!IsKind(declaration.kind)) {
      fail("/kind",
           absl::StrCat("kind '", declaration.kind, "' is not known; known are ", KnownKinds()));
    }
    if (declaration.name.empty()) fail("/metadata", "metadata.name is needed, as text");
    if (!document.lines.contains("/spec")) fail("", "spec is needed");
    const std::string place = absl::StrCat(declaration.file, ":", document.LineOf(""));
    const auto [first, fresh] =
        names_.emplace(std::pair(declaration.kind, declaration.name), place);
    if (!fresh) {
      fail("/metadata/name", absl::StrCat(declaration.kind, " ", declaration.name,
                                          " is declared at ", first->second, " already"));
    }
    if (declaration.kind == "Policy") TakePolicyFolder(declaration);
    for (const char* member : {"script", "file"}) {
      TakeReference(declaration, absl::StrCat("/spec/", member));
    }
    // As long as there is one: the list is short, and what is no list the server refuses.
    for (int i = 0; TakeReference(declaration, absl::StrCat("/spec/earlier/", i)); ++i) continue;
    domain_.declarations.push_back(std::move(declaration));
  }

  // Its files are read when it is compiled.
  void TakePolicyFolder(const DomainDeclaration& declaration) {
    constexpr char kPointer[] = "/spec/folder";
    std::string path = TextAt(declaration.document.json, kPointer);
    if (path.empty()) path = kPolicies;
    const uint64_t line = declaration.document.LineOf(kPointer);
    std::error_code error;
    if (!domain::IsPlainPath(path)) {
      Fail(declaration.file, line, absl::StrCat("'", path, "' is no path in the folder"));
    } else if (!fs::is_directory(fs::path(root_) / path, error)) {
      Fail(declaration.file, line, absl::StrCat("there is no folder ", path));
    }
    policy_folders_.insert(std::move(path));
  }

  // False: there is no text at `pointer`.
  bool TakeReference(const DomainDeclaration& declaration, const std::string& pointer) {
    const std::string path = TextAt(declaration.document.json, pointer);
    if (path.empty()) return false;
    const uint64_t line = declaration.document.LineOf(pointer);
    if (!domain::IsPlainPath(path)) {
      Fail(declaration.file, line,
           absl::StrCat("'", path,
                        "' is no path in the folder: letters, digits, '.', '_', '-', "
                        "with '/' between its parts"));
      return true;
    }
    std::error_code error;
    if (!fs::is_regular_file(fs::path(root_) / path, error)) {
      Fail(declaration.file, line, absl::StrCat("there is no file ", path));
      return true;
    }
    wanted_.insert(path);
    return true;
  }

  absl::Status TakeFiles() {
    std::error_code error;
    const std::string root = fs::canonical(root_, error).string();
    for (const std::string& path : wanted_) {
      const std::string target = fs::canonical(fs::path(root_) / path, error).string();
      if (error || !absl::StartsWith(target, absl::StrCat(root, "/"))) {
        Fail(path, 0, "leads out of the folder");
        continue;
      }
      NEXUS_ASSIGN_OR_RETURN(std::string text, ReadText(path));
      domain_.files.push_back({path, std::move(text)});
    }
    return absl::OkStatus();
  }

  void Fail(const std::string& path, uint64_t line, std::string message) {
    Violation violation;
    violation.field = line == 0 ? path : absl::StrCat(path, ":", line);
    violation.message = std::move(message);
    faults_.push_back(std::move(violation));
  }

  absl::Status Faults() {
    ErrorDetails details;
    details.reason = ErrorReason::kMalformedRequest;
    const size_t count = faults_.size();
    details.violations = std::move(faults_);
    return MakeError(
        absl::StrCat("the domain in ", root_, " has ", count, count == 1 ? " fault" : " faults"),
        details);
  }

  const std::string root_;
  std::vector<std::string> yaml_;
  std::set<std::string> wanted_;          // files beside the declarations
  std::set<std::string> policy_folders_;  // of the policies that are declared
  // Where a kind and name were first declared.
  std::map<std::pair<std::string, std::string>, std::string> names_;
  std::vector<Violation> faults_;
  DomainFolder domain_;
};

}  // namespace

absl::StatusOr<DomainFolder> ReadDomainFolder(const std::string& folder) {
  return FolderReader(folder).Read();
}

absl::Status WithLines(const absl::Status& status, const DomainFolder& folder) {
  ErrorDetails details = DetailsOf(status);
  if (details.violations.empty()) return status;
  for (Violation& violation : details.violations) {
    for (const DomainDeclaration& declaration : folder.declarations) {
      if (declaration.path != violation.field) continue;
      const uint64_t line = declaration.document.LineOf(violation.pointer);
      violation.field = absl::StrCat(declaration.file, ":", line);
      break;
    }
  }
  return MakeError(status.message(), details);
}

}  // namespace nexus::cli
