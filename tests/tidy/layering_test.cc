#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tidy/layers.h"
#include "tidy/source_tree.h"

namespace nexus::tidy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kSmall[] =
    "# a comment\n"
    "@posix = unistd.h, sys/\n"
    "proto:\n"
    "core:\n"
    "port: core\n"
    "storage/rocks: core port | rocksdb/, @posix\n"
    "engine: core port\n"
    "rpc: core engine proto | grpcpp/\n"
    "app: *\n";

Layers Small() {
  absl::StatusOr<Layers> layers = ParseLayers(kSmall);
  EXPECT_TRUE(layers.ok()) << layers.status();
  return *layers;
}

std::vector<std::string> Complaints(const std::string& path, const std::string& text) {
  std::vector<std::string> out;
  for (const Finding& f : CheckIncludes({path, text}, Small())) {
    out.push_back(absl::StrCat(f.line, ": ", f.message));
  }
  return out;
}

TEST(Layering, AllowsArrowsThatPointDown) {
  EXPECT_THAT(Complaints("src/storage/rocks/a.cc",
                         "#include \"storage/rocks/a.h\"\n#include <rocksdb/db.h>\n"
                         "#include <unistd.h>\n#include <sys/stat.h>\n#include <vector>\n"
                         "#include \"absl/time/time.h\"\n#include \"nexus/port/sink.h\"\n"),
              IsEmpty());
  EXPECT_THAT(Complaints("src/app/main.cc", "#include \"rpc/server.h\"\n"), IsEmpty());
  EXPECT_THAT(Complaints("src/rpc/a.cc", "#include \"nexus/v1/event.pb.h\"\n"), IsEmpty());
}

TEST(Layering, RefusesAnArrowThatPointsUp) {
  EXPECT_THAT(Complaints("include/nexus/core/a.h", "\n#include \"nexus/port/sink.h\"\n"),
              ElementsAre("2: core may not include port (nexus/port/sink.h)"));
  EXPECT_THAT(Complaints("src/engine/a.cc", "# include \"rpc/server.h\"\n"),
              ElementsAre("1: engine may not include rpc (rpc/server.h)"));
  EXPECT_THAT(Complaints("include/nexus/engine.h", "#include \"nexus/v1/event.pb.h\"\n"),
              ElementsAre("1: engine may not include proto (nexus/v1/event.pb.h)"));
}

TEST(Layering, RefusesAVendorOutsideItsFolder) {
  EXPECT_THAT(Complaints("src/rpc/a.cc", "#include <rocksdb/db.h>\n"),
              ElementsAre("1: rpc may not include <rocksdb/db.h>: no vendor of that folder"));
  EXPECT_THAT(Complaints("src/app/a.cc", "#include <grpcpp/grpcpp.h>\n"), testing::SizeIs(1));
  EXPECT_THAT(Complaints("src/core/a.cc", "#include <unistd.h>\n"), testing::SizeIs(1));
}

TEST(Layering, RefusesRelativePathsAndTestCode) {
  EXPECT_THAT(Complaints("src/rpc/a.cc", "#include \"a.h\"\n#include \"../rpc/a.h\"\n"),
              testing::SizeIs(2));
  EXPECT_THAT(Complaints("src/rpc/a.cc", "#include \"fake/manual_clock.h\"\n"), testing::SizeIs(1));
}

TEST(Layering, RefusesAFolderThatIsNotListed) {
  EXPECT_THAT(Complaints("src/storage/rocks/impl/a.cc", ""),
              ElementsAre("0: folder storage/rocks/impl is not in layers.txt"));
}

TEST(Layering, FindsCyclesAndUnknownFoldersInTheTable) {
  const absl::StatusOr<Layers> layers = ParseLayers("a: b\nb: c\nc: a d\n");
  ASSERT_TRUE(layers.ok());
  EXPECT_THAT(CheckCycles(*layers), testing::SizeIs(4));
  EXPECT_THAT(CheckCycles(Small()), IsEmpty());
}

TEST(Layering, RefusesABrokenTable) {
  EXPECT_FALSE(ParseLayers("core\n").ok());
  EXPECT_FALSE(ParseLayers("core:\ncore:\n").ok());
  EXPECT_FALSE(ParseLayers("core: | @none\n").ok());
  EXPECT_FALSE(ParseLayers("@none\n").ok());
}

class RepositoryLayers : public testing::Test {
 protected:
  RepositoryLayers() : files_(ReadSourceTree(SourceRoot())) {
    const absl::StatusOr<Layers> layers = ParseLayers(TextOf("tests/tidy/layers.txt"));
    EXPECT_TRUE(layers.ok()) << layers.status();
    if (layers.ok()) layers_ = *layers;
  }

  std::string TextOf(const std::string& path) const {
    for (const SourceFile& file : files_) {
      if (file.path == path) return file.text;
    }
    ADD_FAILURE() << "no file " << path;
    return "";
  }

  const std::vector<SourceFile> files_;
  Layers layers_;
};

TEST_F(RepositoryLayers, PointDown) {
  Findings findings = CheckCycles(layers_);
  for (const SourceFile& file : files_) Append(findings, CheckIncludes(file, layers_));
  EXPECT_THAT(findings, IsEmpty());
}

TEST_F(RepositoryLayers, AreTheFoldersThatTheBuildKnows) {
  const std::string build = TextOf("CMakeLists.txt");
  std::set<std::string> missing;
  for (const SourceFile& file : files_) {
    if (!file.IsUnder("src") || !file.IsCpp()) continue;
    const std::string folder = absl::StrCat("src/", LayerOf(file.path));
    if (!absl::StrContains(build, absl::StrCat(folder, "\n"))) missing.insert(folder);
  }
  EXPECT_THAT(missing, IsEmpty()) << "sources that no CMakeLists.txt builds";
}

}  // namespace
}  // namespace nexus::tidy
