#include "graph/declared/yaml_document.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace nexus::graph {
namespace {

namespace fs = std::filesystem;

constexpr uintmax_t kFileBytesMax = 4 << 20;
constexpr int kReferencesMax = 16;  // in a chain

uint64_t LineOf(const YAML::Mark& mark) {
  return mark.is_null() ? 0 : static_cast<uint64_t>(mark.line) + 1;
}

}  // namespace

SourcePlace Yaml::place() const { return {file, node.IsDefined() ? LineOf(node.Mark()) : 0}; }

std::optional<Yaml> Yaml::Member(const std::string& key) const {
  if (!IsMap()) return std::nullopt;
  // Not by operator[]: it would compare a key that is a map, and fail.
  for (const auto& member : node) {
    if (member.first.IsScalar() && member.first.Scalar() == key) return Yaml{member.second, file};
  }
  return std::nullopt;
}

std::optional<std::string> Yaml::Text() const {
  if (!node.IsDefined() || !node.IsScalar()) return std::nullopt;
  return node.Scalar();
}

std::optional<Yaml> YamlTree::Load(const std::string& file) {
  if (const auto known = roots_.find(file); known != roots_.end()) return known->second;
  const fs::path path = fs::path(folder_) / file;
  std::error_code error;
  const uintmax_t size = fs::file_size(path, error);
  if (error || size > kFileBytesMax) {
    AddFault({file, 0},
             error ? absl::StrCat("cannot be read: ", error.message()) : "has more than 4 MiB");
    return std::nullopt;
  }
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  try {
    const Yaml root{YAML::Load(text.str()), file};
    roots_.emplace(file, root);
    return root;
  } catch (const YAML::Exception& bad) {
    AddFault({file, LineOf(bad.mark)}, absl::StrCat("is not YAML: ", bad.msg));
    return std::nullopt;
  }
}

std::optional<Yaml> YamlTree::Resolve(const Yaml& from, std::string* name) {
  Yaml now = from;
  for (int i = 0; i < kReferencesMax; ++i) {
    const std::optional<Yaml> reference = now.Member("$ref");
    if (!reference.has_value()) return now;
    const std::optional<std::string> text = reference->Text();
    if (!text.has_value()) {
      AddFault(reference->place(), "$ref is not text");
      return std::nullopt;
    }
    std::optional<Yaml> next = Follow(*reference, *text);
    if (!next.has_value()) return std::nullopt;
    if (name != nullptr) {
      *name = absl::StrReplaceAll(text->substr(text->rfind('/') + 1), {{"~1", "/"}, {"~0", "~"}});
    }
    now = *std::move(next);
  }
  AddFault(from.place(), "$ref leads in a circle, or over more than 16 others");
  return std::nullopt;
}

std::optional<Yaml> YamlTree::Follow(const Yaml& from, const std::string& reference) {
  const auto fail = [&](absl::string_view why) {
    AddFault(from.place(), absl::StrCat("$ref \"", reference, "\" ", why));
    return std::nullopt;
  };
  const std::vector<std::string> halves = absl::StrSplit(reference, absl::MaxSplits('#', 1));
  if (absl::StrContains(halves[0], "://")) return fail("leads out of the folder");
  Yaml now = from;
  std::string file = from.file;
  if (!halves[0].empty()) {
    file = (fs::path(from.file).parent_path() / halves[0]).lexically_normal().generic_string();
    if (absl::StartsWith(file, "..") || fs::path(file).is_absolute()) {
      return fail("leads out of the folder");
    }
  }
  const std::optional<Yaml> root = Load(file);
  if (!root.has_value()) return fail("names a file that cannot be read");
  now = *root;
  const std::string pointer = halves.size() > 1 ? halves[1] : "";
  if (pointer.empty()) return now;
  if (pointer.front() != '/') return fail("has no JSON pointer behind the #");
  for (const absl::string_view part : absl::StrSplit(pointer.substr(1), '/')) {
    const std::string key = absl::StrReplaceAll(part, {{"~1", "/"}, {"~0", "~"}});
    std::optional<Yaml> next = now.Member(key);
    size_t index = 0;
    const auto [end, wrong] = std::from_chars(key.data(), key.data() + key.size(), index);
    if (now.IsList() && wrong == std::errc() && end == key.data() + key.size() &&
        index < now.node.size()) {
      next = Yaml{now.node[index], now.file};
    }
    if (!next.has_value()) return fail("names nothing that is there");
    now = *std::move(next);
  }
  return now;
}

}  // namespace nexus::graph
