#include "tidy/links.h"

#include <filesystem>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::tidy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Findings Check(const std::string& path, const std::string& text) {
  return CheckLinks({path, text}, [](const std::string& target) {
    return target == "README.md" || target == "docs/a.md" || target == "docs/";
  });
}

TEST(Links, FindsATargetThatIsNotThere) {
  EXPECT_THAT(Check("docs/x.md", "one\n[a](a.md) and [b](b.md#part)\n"),
              ElementsAre(Finding{"docs/x.md", 2, "nothing is at b.md#part"}));
}

TEST(Links, FollowsTheFolderOfThePage) {
  EXPECT_THAT(Check("docs/x.md", "[up](../README.md) [side](a.md#x) [here](.)\n"), IsEmpty());
  EXPECT_THAT(Check("x.md", "[side](a.md)\n"), testing::SizeIs(1));
}

TEST(Links, LeavesCodeAndAddressesAlone) {
  EXPECT_THAT(Check("x.md", "`[a](b)` [w](https://example.org/x) [h](#top)\n```\n[c](d)\n```\n"),
              IsEmpty());
}

TEST(Repository, PagesLinkToWhatIsThere) {
  const std::string root = SourceRoot();
  Findings findings;
  for (const SourceFile& file : ReadSourceTree(root)) {
    if (file.Extension() != "md") continue;
    Append(findings, CheckLinks(file, [&](const std::string& target) {
             return std::filesystem::exists(root + "/" + target);
           }));
  }
  EXPECT_THAT(findings, IsEmpty());
}

}  // namespace
}  // namespace nexus::tidy
