// docs/reference/grpc-api.md tells of every call and every reason of an error that proto/ has, and
// of no other.

#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "re2/re2.h"
#include "tidy/source_tree.h"

namespace nexus::tidy {
namespace {

using NameSet = std::set<std::string>;

NameSet AllOf(const std::string& text, const re2::RE2& pattern) {
  NameSet names;
  re2::StringPiece rest(text);
  for (std::string name; re2::RE2::FindAndConsume(&rest, pattern, &name);) names.insert(name);
  return names;
}

// The rows of the page, by the heading above them: what stands first in each.
std::map<std::string, NameSet> RowsOf(const std::string& page) {
  static const re2::RE2 line("(?m)^(?:## (\\S+).*|\\| `(\\w+)` \\|.*)$");
  std::map<std::string, NameSet> rows;
  re2::StringPiece rest(page);
  std::string section;
  for (std::string heading, row; re2::RE2::FindAndConsume(&rest, line, &heading, &row);) {
    if (!heading.empty()) section = heading;
    if (!row.empty()) rows[section].insert(row);
  }
  return rows;
}

TEST(GrpcPage, HasEveryCallAndReasonOfTheProtosAndNoOther) {
  std::string page;
  std::map<std::string, NameSet> services;
  NameSet reasons;
  for (const SourceFile& file : ReadSourceTree(SourceRoot())) {
    if (file.path == "docs/reference/grpc-api.md") page = file.text;
    if (file.Extension() != "proto" || !file.IsUnder("proto/nexus")) continue;
    std::string package, service;
    re2::RE2::PartialMatch(file.text, "(?m)^package ([\\w.]+);", &package);
    if (re2::RE2::PartialMatch(file.text, "(?m)^service (\\w+)", &service)) {
      services[absl::StrCat(package, ".", service)] = AllOf(file.text, "(?m)^  rpc (\\w+)\\(");
    }
    reasons.merge(AllOf(file.text, "(?m)^  ERROR_REASON_(\\w+) = [1-9]"));
  }
  ASSERT_GE(services.size(), 4u);
  ASSERT_GT(reasons.size(), 30u);
  const std::map<std::string, NameSet> rows = RowsOf(page);
  for (const auto& [service, calls] : services) {
    ASSERT_TRUE(rows.count(service) == 1) << service;
    EXPECT_EQ(rows.at(service), calls) << service;
  }
  EXPECT_EQ(rows.at("Errors"), reasons);
}

}  // namespace
}  // namespace nexus::tidy
