#include "policy/bundle/wasm_bundle.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "policy/bundle/archive.h"
#include "policy/temporary_folder.h"

namespace nexus::policy {
namespace {

using testing::HasSubstr;

absl::Status Refusal(const std::vector<PolicyFile>& files) {
  const absl::Status status = MakeWasmBundle(files).status();
  EXPECT_EQ(ReasonOf(status), ErrorReason::kConfigurationInvalid) << status;
  return status;
}

TEST(WasmBundle, TakesTheFilesApart) {
  const auto bundle = MakeWasmBundle(
      {{"data.json", "{\"a\":1}"},
       {"policy.wasm", "W"},
       {".manifest", R"({"metadata":{"nexus":{"reads":{"append":[["a"],["b","c"]],"x":[]}}}})"}});
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_EQ(bundle->wasm, "W");
  EXPECT_EQ(bundle->data_json, "{\"a\":1}");
  EXPECT_EQ(bundle->reads, (std::map<std::string, InputReads>{
                               {"append", {{{"a"}, {"b", "c"}}, {{"a"}, {"b", "c"}}}}, {"x", {}}}));
  EXPECT_EQ(bundle->revision.size(), 64);
}

TEST(WasmBundle, HasARevisionOfItsContentInWhateverOrder) {
  const PolicyFile wasm{"policy.wasm", "W"};
  const PolicyFile data{"data.json", "{}"};
  EXPECT_EQ(MakeWasmBundle({wasm, data})->revision, MakeWasmBundle({data, wasm})->revision);
  EXPECT_NE(MakeWasmBundle({wasm, data})->revision, MakeWasmBundle({wasm})->revision);
  EXPECT_NE(MakeWasmBundle({wasm, data})->revision,
            MakeWasmBundle({wasm, {"data.json", "{ }"}})->revision);
}

TEST(WasmBundle, RefusesWhatItCannotRun) {
  EXPECT_THAT(Refusal({{"a.rego", "package a"}}).message(), HasSubstr("no policy.wasm"));
  EXPECT_THAT(Refusal({{"policy.wasm", "W"}, {"b.wasm", "W"}}).message(), HasSubstr("b.wasm"));
  EXPECT_THAT(Refusal({{"policy.wasm", "W"}, {"a/data.json", "{}"}}).message(),
              HasSubstr("a/data.json"));
  EXPECT_THAT(Refusal({{"policy.wasm", "W"}, {"data.yaml", "a: 1"}}).message(),
              HasSubstr("data.yaml"));
  EXPECT_THAT(Refusal({{"policy.wasm", "W"}, {"data.json", "[]"}}).message(),
              HasSubstr("not a JSON object"));
  EXPECT_THAT(Refusal({{"policy.wasm", "W"}, {".manifest", "{"}}).message(), HasSubstr("manifest"));
}

TEST(WasmBundle, RefusesAListOfReadsThatItCannotTrust) {
  for (const std::string reads : {"[1]", "[[]]", "[[1]]", "{}", "1"}) {
    EXPECT_THAT(
        Refusal({{"policy.wasm", "W"},
                 {".manifest", R"({"metadata":{"nexus":{"reads":{"append":)" + reads + "}}}}"}})
            .message(),
        HasSubstr("metadata.nexus.reads"));
  }
}

TEST(WasmBundle, FindsAgainTheReadsThatWereAdded) {
  const std::map<std::string, InputReads> reads{
      {"append", {{{"a\"b"}, {"c", "*", "d"}}, {{"a\"b", "?"}}}}, {"x", {}}};
  const auto manifest = AddReads(R"({"revision":"","metadata":{"x":1}})", reads);
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(MakeWasmBundle({{"policy.wasm", "W"}, {".manifest", *manifest}})->reads, reads);
  EXPECT_THAT(*manifest, HasSubstr(R"("revision":"")"));
}

TEST(WasmBundle, IsTheSameAsAFolderAndAsAFile) {
  const TemporaryFolder folder;
  folder.Write("unpacked/policy.wasm", "W");
  folder.Write("unpacked/data.json", "{}");
  folder.Write("unpacked/..data/policy.wasm", "W");  // as Kubernetes mounts it
  folder.Write("packed.tar.gz", *WriteArchive({{"data.json", "{}"}, {"policy.wasm", "W"}}));
  const auto unpacked = LoadWasmBundle(folder.Sub("unpacked"));
  const auto packed = LoadWasmBundle(folder.Sub("packed.tar.gz"));
  ASSERT_TRUE(unpacked.ok()) << unpacked.status();
  ASSERT_TRUE(packed.ok()) << packed.status();
  EXPECT_EQ(unpacked->revision, packed->revision);
  EXPECT_THAT(LoadWasmBundle(folder.Sub("none")).status().message(), HasSubstr("none"));
}

TEST(WasmBundle, TellsSourcesFromWhatIsCompiled) {
  const TemporaryFolder folder;
  folder.Write("sources/a/b.rego", "package b");
  folder.Write("compiled/policy.wasm", "W");
  folder.Write("compiled/a/b.rego", "package b");
  EXPECT_TRUE(IsSourceFolder(folder.Sub("sources")));
  EXPECT_FALSE(IsSourceFolder(folder.Sub("compiled")));
  EXPECT_FALSE(IsSourceFolder(folder.Sub("sources/a/b.rego")));
  EXPECT_FALSE(IsSourceFolder(folder.Sub("none")));
}

}  // namespace
}  // namespace nexus::policy
