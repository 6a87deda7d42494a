#include "config/render.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "config/environment.h"
#include "config/option_table.h"
#include "config/show_field.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"

namespace nexus::config {
namespace {

constexpr size_t kColumns = 100;
constexpr size_t kSourceColumn = 56;
constexpr double kUnbounded = 1e15;  // the table's word for as much as there is

// Names the sections that begin with each option: "policy.opa.address" after
// "policy.timeout_ms" opens "opa". Writes their headings and gives the indent of the option's own
// line.
class Headings {
 public:
  std::string Open(absl::string_view key, std::string& out) {
    std::vector<std::string> path = absl::StrSplit(key, '.');
    path.pop_back();
    size_t same = 0;
    while (same < path.size() && same < open_.size() && path[same] == open_[same]) ++same;
    for (size_t depth = same; depth < path.size(); ++depth) {
      absl::StrAppend(&out, depth == 0 ? "\n" : "", std::string(2 * depth, ' '), path[depth],
                      ":\n");
    }
    // A blank line before each top-level entry, but not before the first.
    if (path.empty() && !first_) absl::StrAppend(&out, "\n");
    first_ = false;
    open_ = path;
    return std::string(2 * path.size(), ' ');
  }

 private:
  std::vector<std::string> open_;
  bool first_ = true;
};

std::string LastPart(absl::string_view key) {
  const size_t dot = key.rfind('.');
  return std::string(dot == absl::string_view::npos ? key : key.substr(dot + 1));
}

std::string Wrap(const std::string& text, const std::string& prefix) {
  std::string out;
  std::string line = prefix;
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    if (line.size() + 1 + word.size() > kColumns && line.size() > prefix.size()) {
      absl::StrAppend(&out, line, "\n");
      line = prefix;
    }
    absl::StrAppend(&line, line.size() == prefix.size() ? "" : " ", word);
  }
  return absl::StrCat(out, line, "\n");
}

std::string ShowNumber(double number) {
  return number == static_cast<double>(static_cast<int64_t>(number))
             ? absl::StrCat(static_cast<int64_t>(number))
             : absl::StrCat(number);
}

// "bytes, 1 to 1048576", "one of opa, allow_all", or nothing.
std::string Values(const Option& option) {
  if (!option.choices.empty()) {
    return absl::StrCat("one of ", absl::StrReplaceAll(option.choices, {{"|", ", "}}));
  }
  std::vector<std::string> parts;
  if (!option.unit.empty()) parts.emplace_back(option.unit);
  const absl::string_view type = TypeName(option);
  if (type == "integer" || type == "number" || type == "map of numbers") {
    parts.push_back(option.max >= kUnbounded
                        ? absl::StrCat("at least ", ShowNumber(option.min))
                        : absl::StrCat(ShowNumber(option.min), " to ", ShowNumber(option.max)));
  }
  return absl::StrJoin(parts, ", ");
}

std::string ShowProblem(const Violation& violation) {
  return absl::StrCat("{\"where\": ", JsonString(violation.pointer),
                      ", \"key\": ", JsonString(violation.field),
                      ", \"message\": ", JsonString(violation.message), "}");
}

}  // namespace

std::string RenderReference() {
  const NexusConfig defaults;
  std::string page =
      "# Configuration\n\n"
      "Defaults < files < environment < flags: each overrides what stands before it.\n\n"
      "* Files are YAML. `--config FILE` names one and may be repeated; a folder stands for its\n"
      "  `*.yaml` files, by name. Without it `nexusd` reads `/etc/nexus/nexusd.yaml` and\n"
      "  `/etc/nexus/conf.d`, where they exist.\n"
      "* The environment variable of an option is `NEXUS_` and its key in capitals, a dot written\n"
      "  as two underscores. A secret may come from a file: `NEXUS_<KEY>_FILE`. Lists are written\n"
      "  `a,b` or as YAML `[a, b]`, maps `a=1,b=2` or `{a: 1, b: 2}`.\n"
      "* Flags: `--data`, `--grpc`, `--http`, and `--set key=value` for every option.\n\n"
      "An unknown key, a wrong type and a value out of range are refused, all of them at once.\n"
      "`nexusd --check-config` only checks (`-o json` for programs); `nexusd --print-config` "
      "shows\n"
      "each value with its source. Changes take effect at the next start.\n\n"
      "This page is `nexusd --print-config-reference`; a test compares the two.\n";
  std::string section;
  for (const Option& option : AllOptions()) {
    const std::string own(option.key.substr(0, option.key.find('.')));
    if (own != section) {
      section = own;
      absl::StrAppend(&page, "\n## ", section,
                      "\n\n| key | type | default | values | meaning |\n|---|---|---|---|---|\n");
    }
    absl::StrAppend(&page, "| `", option.key, "` | ", TypeName(option), " | `",
                    ShowField(option, defaults), "` | ", Values(option), " | ", option.help,
                    option.secret ? " Secret: starred when printed." : "", " |\n");
  }
  return page;
}

std::string RenderTemplate() {
  const NexusConfig defaults;
  std::string out =
      "# Every option of nexusd with its default. What is not here keeps its default anyway.\n"
      "# nexusd --config THIS --check-config tells what is wrong with it, all at once.\n\n";
  Headings headings;
  for (const Option& option : AllOptions()) {
    const std::string indent = headings.Open(option.key, out);
    const std::string values = Values(option);
    absl::StrAppend(&out,
                    Wrap(absl::StrCat(option.help, values.empty() ? "" : " (", values,
                                      values.empty() ? "" : ")"),
                         absl::StrCat(indent, "# ")),
                    indent, LastPart(option.key), ": ", ShowField(option, defaults), "\n");
  }
  return out;
}

std::string RenderConfig(const LoadedConfig& loaded) {
  std::string out;
  Headings headings;
  for (const Option& option : AllOptions()) {
    const std::string indent = headings.Open(option.key, out);
    std::string line =
        absl::StrCat(indent, LastPart(option.key), ": ", ShowField(option, loaded.config));
    if (line.size() < kSourceColumn) line.resize(kSourceColumn, ' ');
    absl::StrAppend(&out, line, "  # ", loaded.sources.at(std::string(option.key)), "\n");
  }
  return out;
}

std::string RenderConfigJson(const LoadedConfig& loaded) {
  std::vector<std::string> shown;
  for (const Option& option : AllOptions()) {
    shown.push_back(absl::StrCat(
        "  {\"key\": ", JsonString(option.key), ", \"value\": ", ShowField(option, loaded.config),
        ", \"source\": ", JsonString(loaded.sources.at(std::string(option.key))), "}"));
  }
  return absl::StrCat("{\"options\": [\n", absl::StrJoin(shown, ",\n"), "\n]}\n");
}

std::string RenderCheckJson(const absl::Status& status) {
  std::vector<std::string> problems;
  for (const Violation& violation : DetailsOf(status).violations) {
    problems.push_back(ShowProblem(violation));
  }
  return absl::StrCat("{\"valid\": ", status.ok() ? "true" : "false", ", \"problems\": [",
                      absl::StrJoin(problems, ", "), "]}\n");
}

}  // namespace nexus::config
