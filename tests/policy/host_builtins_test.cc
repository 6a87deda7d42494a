#include "policy/wasm/host_builtins.h"

#include <gtest/gtest.h>

#include <string>

namespace nexus::policy {
namespace {

// "failed" where the function fails.
std::string Call(const std::string& name, const std::string& operands) {
  const NamedBuiltin* const builtin = FindHostBuiltin(name);
  if (builtin == nullptr) return "no such function";
  const std::vector<RegoValue> values = ParseRegoValue(operands)->items;
  EXPECT_EQ(values.size(), builtin->operands) << name;
  const absl::StatusOr<RegoValue> value = builtin->call(values);
  return value.ok() ? PrintRegoValue(*value) : "failed";
}

TEST(HostBuiltins, AreNoneThatReadTheWorld) {
  for (const std::string name : {"time.now_ns", "rand.intn", "http.send", "uuid.rfc4122",
                                 "opa.runtime", "net.lookup_ip_addr", "trace"}) {
    EXPECT_EQ(FindHostBuiltin(name), nullptr) << name;
  }
}

TEST(HostBuiltins, OfText) {
  EXPECT_EQ(Call("sprintf", R"(["%d", [1]])"), "\"1\"");
  EXPECT_EQ(Call("sprintf", R"(["%d", 1])"), "failed");
  EXPECT_EQ(Call("indexof_n", R"(["äaa", "a"])"), "[1, 2]");
  EXPECT_EQ(Call("indexof_n", R"(["a", ""])"), "failed");
  EXPECT_EQ(Call("strings.count", R"(["cheese", "e"])"), "3");
  EXPECT_EQ(Call("strings.any_prefix_match", R"([["a/b", "c"], {"x", "a/"}])"), "true");
  EXPECT_EQ(Call("strings.any_suffix_match", R"(["a/b", "a"])"), "false");
  EXPECT_EQ(Call("strings.any_suffix_match", R"(["a/b", [1]])"), "failed");
}

TEST(HostBuiltins, OfEncodings) {
  EXPECT_EQ(Call("hex.encode", R"(["lorem"])"), "\"6c6f72656d\"");
  EXPECT_EQ(Call("hex.decode", R"(["6C6f"])"), "\"lo\"");
  EXPECT_EQ(Call("hex.decode", R"(["6"])"), "failed");
  EXPECT_EQ(Call("urlquery.encode", R"(["a b&ü"])"), "\"a+b%26%C3%BC\"");
  EXPECT_EQ(Call("urlquery.decode", R"(["a+b%26"])"), "\"a b&\"");
  EXPECT_EQ(Call("urlquery.decode", R"(["%2"])"), "failed");
  EXPECT_EQ(Call("urlquery.encode_object", R"([{"b": "1", "a": ["2", "3"]}])"), "\"a=2&a=3&b=1\"");
  EXPECT_EQ(Call("urlquery.decode_object", R"(["a=1&b=2&a=3"])"),
            R"({"a": ["1", "3"], "b": ["2"]})");
}

TEST(HostBuiltins, OfDigests) {
  EXPECT_EQ(Call("crypto.sha256", R"([""])"),
            "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"");
  EXPECT_EQ(Call("crypto.md5", R"(["a"])"), "\"0cc175b9c0f1b6a831c399e269772661\"");
  EXPECT_EQ(Call("crypto.hmac.equal", R"(["a", "a"])"), "true");
  EXPECT_EQ(Call("crypto.hmac.equal", R"(["a", "b"])"), "false");
}

TEST(HostBuiltins, OfVersions) {
  EXPECT_EQ(Call("semver.compare", R"(["1.2.3", "v1.2.10"])"), "-1");
  EXPECT_EQ(Call("semver.compare", R"(["1.0.0", "1.0.0-rc.1"])"), "1");
  EXPECT_EQ(Call("semver.compare", R"(["1.0.0-rc.2", "1.0.0-rc.10+x"])"), "-1");
  EXPECT_EQ(Call("semver.compare", R"(["1.0", "1.0.0"])"), "failed");
  EXPECT_EQ(Call("semver.is_valid", R"(["1.0.01"])"), "false");
  EXPECT_EQ(Call("semver.is_valid", R"([1])"), "false");
}

TEST(HostBuiltins, OfUnits) {
  EXPECT_EQ(Call("units.parse", R"(["10K"])"), "10000");
  EXPECT_EQ(Call("units.parse", R"(["1.5Mi"])"), "1572864");
  EXPECT_EQ(Call("units.parse", R"(["5m"])"), "0.0050000000");
  EXPECT_EQ(Call("units.parse_bytes", R"(["1.5kb"])"), "1500");
  EXPECT_EQ(Call("units.parse_bytes", R"(["1e3KiB"])"), "1024000");
  EXPECT_EQ(Call("units.parse_bytes", R"(["KB"])"), "failed");
  EXPECT_EQ(Call("units.parse_bytes", R"(["1 KB"])"), "failed");
  EXPECT_EQ(Call("units.parse_bytes", R"(["1XB"])"), "failed");
}

TEST(HostBuiltins, OfPatterns) {
  EXPECT_EQ(Call("regex.find_n", R"(["a.", "ab-ac-ad", 2])"), R"(["ab", "ac"])");
  EXPECT_EQ(Call("regex.split", R"(["-+", "a--b-c"])"), R"(["a", "b", "c"])");
  EXPECT_EQ(Call("regex.replace", R"(["-ab-axxb-", "a(x*)b", "${1}W"])"), R"("-W-xxW-")");
  EXPECT_EQ(Call("regex.replace", R"(["a", "(", "b"])"), "failed");
  EXPECT_EQ(Call("regex.template_match", R"(["urn:{.*}:x", "urn:abc:x", "{", "}"])"), "true");
  EXPECT_EQ(Call("regex.template_match", R"(["a{", "a", "{", "}"])"), "failed");
  EXPECT_EQ(Call("glob.quote_meta", R"(["*.x"])"), R"("\\*.x")");
}

TEST(HostBuiltins, OfObjects) {
  EXPECT_EQ(Call("object.subset", R"([{"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}])"), "true");
  EXPECT_EQ(Call("object.subset", R"([[1, 2, 3], {1, 3}])"), "true");
  EXPECT_EQ(Call("object.subset", R"([{1}, [1]])"), "failed");
  EXPECT_EQ(Call("numbers.range_step", "[0, 10, 4]"), "[0, 4, 8]");
  EXPECT_EQ(Call("numbers.range_step", "[3, 1, 1]"), "[3, 2, 1]");
  EXPECT_EQ(Call("numbers.range_step", "[1, 9223372036854775807, 1]"), "failed");
}

}  // namespace
}  // namespace nexus::policy
