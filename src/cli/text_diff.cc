#include "cli/text_diff.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace nexus::cli {
namespace {

using Lines = std::vector<absl::string_view>;

constexpr size_t kContext = 3;
constexpr size_t kCellsMax = 4'000'000;  // of the table: 2,000 lines against 2,000

struct Edit {
  char mark;  // ' ', '-' or '+'
  absl::string_view line;
};

Lines SplitLines(absl::string_view text) {
  Lines lines = absl::StrSplit(text, '\n');
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

// The middle of two texts, whose first and last lines differ: by the longest common subsequence.
void CompareMiddle(const Lines& a, size_t a_end, const Lines& b, size_t b_end, size_t begin,
                   std::vector<Edit>& edits) {
  const size_t rows = a_end - begin;
  const size_t columns = b_end - begin;
  size_t i = 0;
  size_t j = 0;
  if ((rows + 1) * (columns + 1) <= kCellsMax) {
    const size_t width = columns + 1;
    std::vector<uint32_t> common((rows + 1) * width, 0);  // of what is behind (i, j)
    for (size_t row = rows; row-- > 0;) {
      for (size_t column = columns; column-- > 0;) {
        common[row * width + column] =
            a[begin + row] == b[begin + column]
                ? common[(row + 1) * width + column + 1] + 1
                : std::max(common[(row + 1) * width + column], common[row * width + column + 1]);
      }
    }
    while (i < rows && j < columns) {
      if (a[begin + i] == b[begin + j]) {
        edits.push_back({' ', a[begin + i]});
        ++i;
        ++j;
      } else if (common[(i + 1) * width + j] >= common[i * width + j + 1]) {
        edits.push_back({'-', a[begin + i++]});
      } else {
        edits.push_back({'+', b[begin + j++]});
      }
    }
  }
  while (i < rows) edits.push_back({'-', a[begin + i++]});
  while (j < columns) edits.push_back({'+', b[begin + j++]});
}

std::vector<Edit> Compare(const Lines& a, const Lines& b) {
  std::vector<Edit> edits;
  size_t begin = 0;
  while (begin < a.size() && begin < b.size() && a[begin] == b[begin]) {
    edits.push_back({' ', a[begin++]});
  }
  size_t a_end = a.size();
  size_t b_end = b.size();
  while (a_end > begin && b_end > begin && a[a_end - 1] == b[b_end - 1]) {
    --a_end;
    --b_end;
  }
  CompareMiddle(a, a_end, b, b_end, begin, edits);
  for (; a_end < a.size(); ++a_end) edits.push_back({' ', a[a_end]});
  return edits;
}

// "12,5", or "0,0" where nothing is.
std::string Range(size_t first, size_t count) {
  return absl::StrCat(count == 0 ? first : first + 1, ",", count);
}

}  // namespace

std::string UnifiedDiff(const std::string& before, const std::string& after) {
  const std::vector<Edit> edits = Compare(SplitLines(before), SplitLines(after));
  std::string out;
  size_t old_line = 0;
  size_t new_line = 0;
  size_t i = 0;
  while (i < edits.size()) {
    // The next change, and how far the hunk around it goes.
    size_t change = i;
    while (change < edits.size() && edits[change].mark == ' ') ++change;
    if (change == edits.size()) break;
    const size_t begin = std::max(i, change - std::min(change, kContext));
    size_t end = change;
    for (size_t k = change; k < edits.size() && k <= end + 2 * kContext; ++k) {
      if (edits[k].mark != ' ') end = k;
    }
    end = std::min(edits.size(), end + 1 + kContext);
    old_line += begin - i;
    new_line += begin - i;
    size_t old_count = 0;
    size_t new_count = 0;
    std::string body;
    for (size_t k = begin; k < end; ++k) {
      old_count += edits[k].mark != '+' ? 1 : 0;
      new_count += edits[k].mark != '-' ? 1 : 0;
      absl::StrAppend(&body, absl::string_view(&edits[k].mark, 1), edits[k].line, "\n");
    }
    absl::StrAppend(&out, "@@ -", Range(old_line, old_count), " +", Range(new_line, new_count),
                    " @@\n", body);
    old_line += old_count;
    new_line += new_count;
    i = end;
  }
  return out;
}

}  // namespace nexus::cli
