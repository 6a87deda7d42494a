#include "cli/domain_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/json.h"
#include "cli/route_text.h"
#include "cli/text_diff.h"
#include "domain/policy_declaration.h"
#include "nexus/core/time_text.h"
#include "policy/bundle/wasm_bundle.h"

namespace nexus::cli {
namespace {

using admin::v1::DomainChange;

std::string ChangeText(const DomainChange& change) {
  switch (change.change()) {
    case admin::v1::DOMAIN_CHANGE_KIND_CREATE:
      return "create";
    case admin::v1::DOMAIN_CHANGE_KIND_UPDATE:
      return "update";
    case admin::v1::DOMAIN_CHANGE_KIND_REMOVE:
      return "remove";
    default:
      return "unchanged";
  }
}

char MarkOf(const DomainChange& change) {
  switch (change.change()) {
    case admin::v1::DOMAIN_CHANGE_KIND_CREATE:
      return '+';
    case admin::v1::DOMAIN_CHANGE_KIND_UPDATE:
      return '~';
    case admin::v1::DOMAIN_CHANGE_KIND_REMOVE:
      return '-';
    default:
      return ' ';
  }
}

absl::string_view ColorOf(char mark) {
  if (mark == '+') return "\x1b[32m";
  if (mark == '-') return "\x1b[31m";
  return mark == '~' ? "\x1b[33m" : "\x1b[36m";
}

void PrintLine(std::ostream& out, OutputStyle style, char mark, const std::string& line) {
  const bool color = style.color && mark != ' ';
  out << (color ? std::string(ColorOf(mark)) : "") << line << (color ? "\x1b[0m" : "") << '\n';
}

// JSON that stands on one line, with a line for each of its members: a diff of lines then shows
// which of them changed.
std::string OneMemberALine(const std::string& text) {
  if (!absl::StartsWith(text, "{") || absl::StrContains(text, '\n')) return text;
  std::string out;
  size_t depth = 0;
  bool quoted = false;
  const auto new_line = [&] { absl::StrAppend(&out, "\n", std::string(2 * depth, ' ')); };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      out.push_back(c);
      if (c == '\\' && i + 1 < text.size()) out.push_back(text[++i]);
      if (c == '"') quoted = false;
      continue;
    }
    if ((c == '}' || c == ']') && depth > 0) {
      --depth;
      if (!absl::EndsWith(out, "{") && !absl::EndsWith(out, "[")) new_line();
    }
    if (c != ' ') out.push_back(c);
    if (c == '"') quoted = true;
    if (c == ':') out.push_back(' ');
    const bool opens = c == '{' || c == '[';
    if (opens) ++depth;
    const bool empty = opens && i + 1 < text.size() && (text[i + 1] == '}' || text[i + 1] == ']');
    if (c == ',' || (opens && !empty)) new_line();
  }
  return out;
}

void PrintDifference(std::ostream& out, OutputStyle style, const DomainChange& change) {
  const std::string diff =
      UnifiedDiff(OneMemberALine(change.before()), OneMemberALine(change.after()));
  for (const absl::string_view line : absl::StrSplit(absl::StripSuffix(diff, "\n"), '\n')) {
    if (line.empty()) continue;
    PrintLine(out, style, line.front(), absl::StrCat("    ", Printable(std::string(line))));
  }
}

std::string HeadOf(const DomainChange& change) {
  std::string head = absl::StrCat(std::string(1, MarkOf(change)), " ", change.kind(), " ",
                                  Printable(change.name(), 255));
  if (change.detail().empty()) return head;
  const std::string detail = Printable(change.detail(), 300);
  return change.change() == admin::v1::DOMAIN_CHANGE_KIND_UPDATE
             ? absl::StrCat(head, ": ", detail)
             : absl::StrCat(head, " (", detail, ")");
}

// The compiled rules of a policy: nothing for people to read.
bool IsBundle(const admin::v1::DomainFile& file) {
  return absl::EndsWith(file.path(), absl::StrCat("/", domain::kBundleFile));
}

// Empty: it is none that can be read.
std::string RevisionOf(const admin::v1::DomainFile& bundle) {
  std::string archive;
  if (!absl::Base64Unescape(bundle.text(), &archive)) return "";
  const auto parsed = policy::ParseWasmBundle(archive);
  return parsed.ok() ? parsed->revision : "";
}

std::string FilesJson(const google::protobuf::RepeatedPtrField<admin::v1::DomainFile>& files) {
  std::vector<std::string> items;
  for (const admin::v1::DomainFile& file : files) {
    JsonObject item;
    item.Text("path", file.path());
    if (IsBundle(file)) {
      item.Number("bytes", file.text().size()).Text("policy_revision", RevisionOf(file));
    } else {
      item.Text("text", file.text());
    }
    items.push_back(item.Take());
  }
  return JsonArray(items);
}

std::string NamesJson(const google::protobuf::RepeatedPtrField<std::string>& names) {
  return JsonTexts({names.begin(), names.end()});
}

}  // namespace

std::string FileText(const admin::v1::DomainFile& file) {
  const std::string what =
      IsBundle(file) ? absl::StrCat(", policy revision ", RevisionOf(file)) : "";
  return absl::StrCat(Printable(file.path()), " (", file.text().size(), " bytes", what, ")");
}

bool ChangesSomething(const admin::v1::ApplyDomainResponse& applied) {
  return std::any_of(applied.changes().begin(), applied.changes().end(),
                     [](const DomainChange& change) { return MarkOf(change) != ' '; });
}

void PrintDomainChanges(std::ostream& out, OutputStyle style,
                        const admin::v1::ApplyDomainResponse& applied) {
  size_t same = 0;
  for (const DomainChange& change : applied.changes()) {
    if (MarkOf(change) == ' ') {
      ++same;
      continue;
    }
    PrintLine(out, style, MarkOf(change), HeadOf(change));
    if (change.change() == admin::v1::DOMAIN_CHANGE_KIND_UPDATE) {
      PrintDifference(out, style, change);
    }
  }
  if (same > 0) out << "  " << same << (same == 1 ? " stays as it is\n" : " stay as they are\n");
}

std::string AppliedJson(const admin::v1::ApplyDomainResponse& applied) {
  std::vector<std::string> changes;
  for (const DomainChange& change : applied.changes()) {
    JsonObject one;
    one.Text("change", ChangeText(change)).Text("kind", change.kind()).Text("name", change.name());
    one.Text("path", change.path()).Text("detail", change.detail());
    one.Text("before", change.before()).Text("after", change.after());
    changes.push_back(one.Take());
  }
  JsonObject json;
  json.Bool("changed", ChangesSomething(applied)).Number("position", applied.position());
  json.Raw("changes", JsonArray(changes)).Raw("domain", DomainJson(applied.domain()));
  return json.Take();
}

std::string DomainJson(const admin::v1::Domain& domain) {
  JsonObject json;
  json.Text("name", domain.name()).Number("version", domain.version());
  json.Text("digest", domain.digest()).Text("comment", domain.comment());
  json.Text("applied_by", domain.applied_by());
  if (domain.has_apply_time()) json.Text("applied", TimeText(TimeOf(domain.apply_time())));
  json.Number("position", domain.position()).Bool("removed", domain.removed());
  json.Number("rolled_back_to", domain.rolled_back_to());
  json.Raw("aggregates", NamesJson(domain.aggregates()));
  json.Raw("commands", NamesJson(domain.commands()));
  if (domain.declarations_size() > 0) json.Raw("declarations", FilesJson(domain.declarations()));
  if (domain.files_size() > 0) json.Raw("files", FilesJson(domain.files()));
  return json.Take();
}

}  // namespace nexus::cli
