#include "tidy/layers.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "nexus/core/status_macros.h"

namespace nexus::tidy {
namespace {

using Groups = std::map<std::string, std::vector<std::string>>;

bool StartsWithAny(absl::string_view text, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& prefix) { return absl::StartsWith(text, prefix); });
}

std::vector<std::string> Words(absl::string_view text) {
  return absl::StrSplit(text, absl::ByAnyChar(" ,\t"), absl::SkipEmpty());
}

absl::StatusOr<std::vector<std::string>> Prefixes(absl::string_view text, const Groups& groups) {
  std::vector<std::string> prefixes;
  for (const std::string& word : Words(text)) {
    if (word[0] != '@') {
      prefixes.push_back(word);
      continue;
    }
    const auto group = groups.find(word);
    if (group == groups.end()) return absl::InvalidArgumentError(absl::StrCat("no group ", word));
    prefixes.insert(prefixes.end(), group->second.begin(), group->second.end());
  }
  return prefixes;
}

absl::Status ParseLine(absl::string_view line, Groups& groups, Layers& layers) {
  if (line[0] == '@') {
    const std::vector<std::string> sides = absl::StrSplit(line, absl::MaxSplits('=', 1));
    if (sides.size() != 2) return absl::InvalidArgumentError(absl::StrCat("no '=' in: ", line));
    std::vector<std::string>& group = groups[std::string(absl::StripAsciiWhitespace(sides[0]))];
    for (std::string& prefix : Words(sides[1])) group.push_back(std::move(prefix));
    return absl::OkStatus();
  }
  const std::vector<std::string> sides = absl::StrSplit(line, absl::MaxSplits(':', 1));
  if (sides.size() != 2) return absl::InvalidArgumentError(absl::StrCat("no ':' in: ", line));
  const std::vector<std::string> parts = absl::StrSplit(sides[1], absl::MaxSplits('|', 1));
  Layer layer;
  layer.folders = Words(parts[0]);
  if (parts.size() == 2) {
    NEXUS_ASSIGN_OR_RETURN(layer.vendors, Prefixes(parts[1], groups));
  }
  const std::string folder(absl::StripAsciiWhitespace(sides[0]));
  if (!layers.emplace(folder, std::move(layer)).second) {
    return absl::InvalidArgumentError(absl::StrCat(folder, " stands there twice"));
  }
  return absl::OkStatus();
}

// The header named by an #include directive; empty if the line is none.
absl::string_view IncludedHeader(absl::string_view line) {
  line = absl::StripAsciiWhitespace(line);
  if (!absl::ConsumePrefix(&line, "#")) return "";
  line = absl::StripLeadingAsciiWhitespace(line);
  if (!absl::ConsumePrefix(&line, "include")) return "";
  line = absl::StripLeadingAsciiWhitespace(line);
  if (line.empty() || (line[0] != '"' && line[0] != '<')) return "";
  const size_t end = line.find(line[0] == '"' ? '"' : '>', 1);
  return end == absl::string_view::npos ? "" : line.substr(1, end - 1);
}

std::string Folder(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? "" : std::string(path.substr(0, slash));
}

bool IsGenerated(absl::string_view header) {
  const bool ours = absl::StartsWith(header, "nexus/") || absl::StartsWith(header, "google/rpc/") ||
                    absl::StartsWith(header, "grpc/health/") ||
                    absl::StartsWith(header, "grpc/reflection/");
  return ours && absl::EndsWith(header, ".pb.h");
}

// Which folder of ours a header belongs to; empty: none of ours.
std::string OwnerOf(absl::string_view header, const Layers& layers) {
  if (IsGenerated(header)) return "proto";
  if (absl::StartsWith(header, "nexus/")) return LayerOf(absl::StrCat("include/", header));
  const std::string folder = Folder(header);
  return layers.count(folder) > 0 ? folder : "";
}

// The C++ library and the C headers that it wraps have no '/', and C++'s own have no '.'.
bool IsEverybodys(absl::string_view header) {
  const bool cpp = !absl::StrContains(header, '/') && !absl::StrContains(header, '.');
  return cpp || absl::StartsWith(header, "absl/");
}

bool Allows(const Layer& layer, const std::string& folder) {
  return std::any_of(layer.folders.begin(), layer.folders.end(),
                     [&](const std::string& name) { return name == "*" || name == folder; });
}

std::string Complaint(absl::string_view header, const std::string& folder, const Layers& layers) {
  const Layer& layer = layers.at(folder);
  if (IsEverybodys(header)) return "";
  const std::string owner = OwnerOf(header, layers);
  if (owner.empty()) {
    if (StartsWithAny(header, layer.vendors)) return "";
    return absl::StrCat(folder, " may not include <", header, ">: no vendor of that folder");
  }
  if (layers.count(owner) == 0) return absl::StrCat(owner, " is not in layers.txt");
  if (owner == folder || Allows(layer, owner)) return "";
  return absl::StrCat(folder, " may not include ", owner, " (", header, ")");
}

bool Reaches(const Layers& layers, const std::string& from, const std::string& to,
             std::set<std::string>& seen) {
  const auto layer = layers.find(from);
  if (layer == layers.end()) return false;
  for (const std::string& next : layer->second.folders) {
    if (next == to) return true;
    if (seen.insert(next).second && Reaches(layers, next, to, seen)) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<Layers> ParseLayers(absl::string_view text) {
  Groups groups;
  Layers layers;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    NEXUS_RETURN_IF_ERROR(ParseLine(line, groups, layers));
  }
  return layers;
}

std::string LayerOf(absl::string_view path) {
  if (absl::ConsumePrefix(&path, "src/")) {
    const std::string folder = Folder(path);
    return folder.empty() ? "app" : folder;  // main.cc
  }
  absl::ConsumePrefix(&path, "include/nexus/");
  const std::string folder = Folder(path);
  if (!folder.empty()) return folder;
  return std::string(path.substr(0, path.find('.')));  // include/nexus/engine.h
}

Findings CheckIncludes(const SourceFile& file, const Layers& layers) {
  Findings findings;
  if (!file.IsCpp() || (!file.IsUnder("src") && !file.IsUnder("include"))) return findings;
  const std::string folder = LayerOf(file.path);
  if (layers.count(folder) == 0) {
    return {{file.path, 0, absl::StrCat("folder ", folder, " is not in layers.txt")}};
  }
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(file.text, '\n')) {
    ++number;
    const absl::string_view header = IncludedHeader(line);
    if (header.empty()) continue;
    const std::string complaint = Complaint(header, folder, layers);
    if (!complaint.empty()) findings.push_back({file.path, number, complaint});
  }
  return findings;
}

Findings CheckCycles(const Layers& layers) {
  Findings findings;
  for (const auto& [folder, layer] : layers) {
    std::set<std::string> seen;
    if (Reaches(layers, folder, folder, seen)) {
      findings.push_back({"tests/tidy/layers.txt", 0, absl::StrCat(folder, " reaches itself")});
    }
    for (const std::string& name : layer.folders) {
      if (name == "*" || layers.count(name) > 0) continue;
      findings.push_back({"tests/tidy/layers.txt", 0, absl::StrCat("no folder ", name)});
    }
  }
  return findings;
}

}  // namespace nexus::tidy
