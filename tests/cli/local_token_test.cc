#include "cli/local_token.h"

#include "fake/temp_folder.h"
#include "gtest/gtest.h"

namespace nexus::cli {
namespace {

TEST(LocalTokenTest, IsForTheServerOfThatFolderAndNoOther) {
  const fake::TempFolder folder;
  EXPECT_EQ(FindLocalToken(folder.path(), "127.0.0.1:7070"), "");
  folder.Write("admin.token", "nxt_1_2\n");
  EXPECT_EQ(FindLocalToken(folder.path(), "127.0.0.1:7070"), "") << "no server runs there";
  folder.Write("endpoints.json", R"({"grpc":"127.0.0.1:7070","http":"127.0.0.1:7071","pid":7})");
  EXPECT_EQ(FindLocalToken(folder.path(), "127.0.0.1:7070"), "nxt_1_2");
  EXPECT_EQ(FindLocalToken(folder.path(), "127.0.0.1:70701"), "");
  EXPECT_EQ(FindLocalToken(folder.path(), "example.com:7070"), "");
  EXPECT_EQ(FindLocalToken(folder.path(), "127.0.0.1:7071"), "") << "that is another port of it";
}

}  // namespace
}  // namespace nexus::cli
