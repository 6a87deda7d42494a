#pragma once

// Data on standard output: as a table for people, as JSON for programs.

#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace nexus::cli {

enum class Format { kTable, kJson, kJsonLines };

struct OutputStyle {
  Format format = Format::kTable;
  bool color = false;
};

// A list of any length: a table, a JSON array, or one JSON object a line. The table's columns get
// their widths from the rows that are there at the first Flush() or after 100 rows.
class Listing {
 public:
  Listing(std::ostream& out, OutputStyle style, std::vector<std::string> columns)
      : out_(out), style_(style), columns_(std::move(columns)) {}

  // Calls `cells` (one text a column) or `json`, whichever is needed.
  template <typename Cells, typename Json>
  void Add(Cells cells, Json json) {
    if (style_.format == Format::kTable) {
      AddRow(cells());
    } else {
      AddJson(json());
    }
  }
  void Flush();
  void End();

 private:
  void AddRow(std::vector<std::string> cells);
  void AddJson(const std::string& json);
  void PrintRow(const std::vector<std::string>& cells);

  std::ostream& out_;
  const OutputStyle style_;
  const std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> waiting_;
  std::vector<size_t> widths_;  // empty: no row is printed yet
  bool any_json_ = false;
};

// One thing: "name  value" lines, or its JSON.
void PrintObject(std::ostream& out, OutputStyle style,
                 const std::vector<std::pair<std::string, std::string>>& fields,
                 const std::string& json);

// For a table's cell: control characters would break the terminal.
std::string Printable(const std::string& text, size_t characters_max = 0);

}  // namespace nexus::cli
