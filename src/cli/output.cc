#include "cli/output.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "nexus/core/text.h"

namespace nexus::cli {
namespace {

constexpr size_t kRowsBeforeWidths = 100;
constexpr char kBold[] = "\x1b[1m";
constexpr char kPlain[] = "\x1b[0m";

bool StartsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// Characters, not bytes; wide ones count as one.
size_t Width(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), StartsCharacter));
}

}  // namespace

void Listing::AddRow(std::vector<std::string> cells) {
  if (!widths_.empty()) {
    PrintRow(cells);
    return;
  }
  waiting_.push_back(std::move(cells));
  if (waiting_.size() >= kRowsBeforeWidths) Flush();
}

void Listing::AddJson(const std::string& json) {
  if (style_.format == Format::kJson) out_ << (any_json_ ? ",\n" : "[");
  out_ << json;
  if (style_.format == Format::kJsonLines) out_ << '\n';
  any_json_ = true;
}

void Listing::Flush() {
  if (style_.format == Format::kTable && widths_.empty() && !waiting_.empty()) {
    for (const std::string& column : columns_) widths_.push_back(Width(column));
    for (const auto& row : waiting_) {
      for (size_t i = 0; i < row.size(); ++i) widths_[i] = std::max(widths_[i], Width(row[i]));
    }
    if (style_.color) out_ << kBold;
    PrintRow(columns_);
    if (style_.color) out_ << kPlain;
    for (const auto& row : waiting_) PrintRow(row);
    waiting_.clear();
  }
  out_.flush();
}

void Listing::End() {
  Flush();
  if (style_.format == Format::kJson) out_ << (any_json_ ? "]\n" : "[]\n");
  out_.flush();
}

void Listing::PrintRow(const std::vector<std::string>& cells) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    line += cells[i];
    if (i + 1 == cells.size()) break;
    const size_t width = Width(cells[i]);
    line.append(widths_[i] > width ? widths_[i] - width + 2 : 2, ' ');
  }
  out_ << line << '\n';
}

void PrintObject(std::ostream& out, OutputStyle style,
                 const std::vector<std::pair<std::string, std::string>>& fields,
                 const std::string& json) {
  if (style.format != Format::kTable) {
    out << json << std::endl;
    return;
  }
  size_t width = 0;
  for (const auto& field : fields) width = std::max(width, field.first.size());
  for (const auto& [name, value] : fields) {
    if (style.color) out << kBold;
    out << name;
    if (style.color) out << kPlain;
    out << std::string(width - name.size() + 2, ' ') << value << '\n';
  }
  out.flush();
}

std::string Printable(const std::string& text, size_t characters_max) {
  std::string out;
  size_t characters = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (StartsCharacter(text[i]) && ++characters > characters_max && characters_max > 0) {
      return out + "...";
    }
    const auto byte = static_cast<unsigned char>(text[i]);
    out.push_back(byte < 0x20 || byte == 0x7F ? ' ' : text[i]);
  }
  return out;
}

}  // namespace nexus::cli
