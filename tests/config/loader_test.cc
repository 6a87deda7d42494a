#include "config/loader.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "fake/temp_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

class LoaderTest : public ::testing::Test {
 protected:
  absl::StatusOr<LoadedConfig> LoadText(const std::string& yaml) {
    return Load({.files = {folder_.Write("nexusd.yaml", yaml)}});
  }
  // "nexusd.yaml:2: key: message" for each problem.
  std::vector<std::string> Problems(const absl::Status& status) {
    std::vector<std::string> problems;
    for (const Violation& v : DetailsOf(status).violations) {
      problems.push_back(absl::StrReplaceAll(
          absl::StrCat(v.pointer, ": ", v.field, ": ", v.message), {{folder_.path() + "/", ""}}));
    }
    return problems;
  }
  std::vector<std::string> ProblemsOf(const std::string& yaml) {
    return Problems(LoadText(yaml).status());
  }

  fake::TempFolder folder_;
};

TEST_F(LoaderTest, GivesTheDefaultsWithoutAnySource) {
  const auto loaded = Load({});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->config.data, "./data");
  EXPECT_EQ(loaded->config.grpc.address, "127.0.0.1:7070");
  EXPECT_EQ(loaded->config.policy.timeout_ms, 20u);
  EXPECT_EQ(loaded->config.policy.query_timeout_ms, 50u);
  EXPECT_EQ(loaded->sources.at("data"), "default");
}

TEST_F(LoaderTest, ReadsEveryTypeOfValue) {
  const auto loaded = LoadText(R"(
data: /var/lib/nexus
grpc: {reflection: false}
policy:
  timeout_ms: 20
route:
  criticality:
    threshold: 0.75
    type_weights: {order-placed: 1, note: 0.25}
  ordered_categories: [order, "payment"]
  kafka:
    properties:
      security.protocol: ssl
tokens:
  - principal: ada
    token: secret-1
    roles: [admin, writer]
)");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  const NexusConfig& config = loaded->config;
  EXPECT_EQ(config.data, "/var/lib/nexus");
  EXPECT_FALSE(config.grpc.reflection);
  EXPECT_EQ(config.policy.timeout_ms, 20u);
  EXPECT_EQ(config.route.criticality.threshold, 0.75);
  EXPECT_THAT(config.route.criticality.type_weights,
              UnorderedElementsAre(Pair("order-placed", 1), Pair("note", 0.25)));
  EXPECT_THAT(config.route.ordered_categories, ElementsAre("order", "payment"));
  EXPECT_THAT(config.route.kafka.properties, ElementsAre(Pair("security.protocol", "ssl")));
  EXPECT_THAT(config.tokens, ElementsAre(TokenConfig{"ada", "secret-1", "", {"admin", "writer"}}));
}

TEST_F(LoaderTest, LetsLaterSourcesWin) {
  const std::string first = folder_.Write("a.yaml", "log: {level: error}\nworkers: {threads: 3}\n");
  const std::string second = folder_.Write("b.yaml", "log: {level: warning}\ndata: from-b\n");
  const auto loaded =
      Load({.files = {first, second},
            .environment = {{"NEXUS_DATA", "from-env"}},
            .flags = {{"--grpc", "grpc.address", "127.0.0.1:0"}, {"--set", "data", "from-flag"}}});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->config.workers.threads, 3u);
  EXPECT_EQ(loaded->config.log.level, "warning");
  EXPECT_EQ(loaded->config.data, "from-flag");
}

TEST_F(LoaderTest, RemembersTheSourceOfEachValue) {
  const auto loaded = Load({.files = {folder_.Write("a.yaml", "\nlog:\n  level: error\n")},
                            .environment = {{"NEXUS_HTTP__ADDRESS", "127.0.0.1:0"}},
                            .flags = {{"--data", "data", "d"}}});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->sources.at("log.level"), folder_.At("a.yaml") + ":3");
  EXPECT_EQ(loaded->sources.at("http.address"), "NEXUS_HTTP__ADDRESS");
  EXPECT_EQ(loaded->sources.at("data"), "--data");
  EXPECT_EQ(loaded->sources.at("policy.timeout_ms"), "default");
}

TEST_F(LoaderTest, ReplacesListsAndMapsAsAWhole) {
  const std::string first = folder_.Write("a.yaml", "schema: {optional_categories: [a, b]}\n");
  const std::string second = folder_.Write("b.yaml", "schema: {optional_categories: [c]}\n");
  EXPECT_THAT(Load({.files = {first, second}})->config.schema.optional_categories,
              ElementsAre("c"));
}

TEST_F(LoaderTest, ReadsTheFilesOfAFolderByName) {
  folder_.Write("conf.d/20.yaml", "log: {level: error}\n");
  folder_.Write("conf.d/10.yaml", "log: {level: debug}\n");
  folder_.Write("conf.d/README", "not: {a: config}\n");
  const auto loaded = Load({.files = {folder_.At("conf.d")}});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->config.log.level, "error");
  EXPECT_THAT(loaded->files,
              ElementsAre(folder_.At("conf.d/10.yaml"), folder_.At("conf.d/20.yaml")));
}

TEST_F(LoaderTest, PassesOverDefaultFilesThatAreNotThere) {
  const std::string there = folder_.Write("there.yaml", "data: here\n");
  const auto loaded = Load({.default_files = {folder_.At("absent.yaml"), there}});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->config.data, "here");
}

TEST_F(LoaderTest, IgnoresDefaultFilesWhenOneIsNamed) {
  const std::string named = folder_.Write("named.yaml", "");
  const std::string other = folder_.Write("other.yaml", "data: other\n");
  EXPECT_EQ(Load({.files = {named}, .default_files = {other}})->config.data, "./data");
}

TEST_F(LoaderTest, RefusesANamedFileThatIsNotThere) {
  const auto loaded = Load({.files = {folder_.At("absent.yaml")}});
  EXPECT_EQ(ReasonOf(loaded.status()), ErrorReason::kConfigurationInvalid);
  EXPECT_THAT(Problems(loaded.status()),
              ElementsAre(AllOf(StartsWith("absent.yaml: "), HasSubstr("No such file"))));
}

TEST_F(LoaderTest, TakesAnEmptyFileAndAnEmptySection) {
  EXPECT_TRUE(LoadText("").ok());
  EXPECT_TRUE(LoadText("# only a comment\n").ok());
  EXPECT_TRUE(LoadText("policy:\n").ok());
}

TEST_F(LoaderTest, RefusesAnUnknownKeyAndGuessesWhatWasMeant) {
  EXPECT_THAT(ProblemsOf("data: d\npolicy:\n  opa:\n    adress: x\n"),
              ElementsAre("nexusd.yaml:4: policy.opa.adress: unknown key; did you mean "
                          "policy.opa.address?"));
}

TEST_F(LoaderTest, RefusesAnUnknownSection) {
  EXPECT_THAT(ProblemsOf("polcy: {timeout_ms: 1}\n"),
              ElementsAre("nexusd.yaml:1: polcy: unknown key; did you mean policy?"));
  EXPECT_THAT(ProblemsOf("quantum_flux: 1\n"),
              ElementsAre("nexusd.yaml:1: quantum_flux: unknown key"));
}

TEST_F(LoaderTest, TellsAllProblemsAtOnce) {
  const auto problems = Problems(Load({.files = {folder_.Write("nexusd.yaml",
                                                               "grpc:\n"
                                                               "  reflection: perhaps\n"
                                                               "workers: {threads: many}\n"
                                                               "log: {level: loud}\n"
                                                               "nope: 1\n")},
                                       .environment = {{"NEXUS_POLICY__TIMEOUT_MS", "0"}},
                                       .flags = {{"--set", "dat", "x"}}})
                                     .status());
  EXPECT_THAT(
      problems,
      UnorderedElementsAre(
          "nexusd.yaml:2: grpc.reflection: must be true or false; it is 'perhaps'",
          "nexusd.yaml:3: workers.threads: must be a whole number; it is 'many'",
          "nexusd.yaml:4: log.level: must be one of debug, info, warning, error; it is 'loud'",
          "nexusd.yaml:5: nope: unknown key",
          "NEXUS_POLICY__TIMEOUT_MS: policy.timeout_ms: must be from 1 to 60000 (ms); it is 0",
          "--set: dat: unknown key; did you mean data?"));
}

TEST_F(LoaderTest, NamesTheLineOfAValueInsideAList) {
  EXPECT_THAT(ProblemsOf("tokens:\n  - principal: ada\n    tokn: x\n"),
              ElementsAre("nexusd.yaml:3: tokens[0].tokn: unknown key; there are principal, token, "
                          "token_file and roles"));
}

TEST_F(LoaderTest, RefusesAListWhereTextIsWanted) {
  EXPECT_THAT(ProblemsOf("data: [a]\n"),
              ElementsAre("nexusd.yaml:1: data: must be text; it is a list"));
  EXPECT_THAT(ProblemsOf("data:\n"),
              ElementsAre("nexusd.yaml:1: data: must be text; it is nothing"));
}

TEST_F(LoaderTest, RefusesTextWhereAListOrAMapIsWanted) {
  EXPECT_THAT(ProblemsOf("schema: {optional_categories: a}\n"),
              ElementsAre(HasSubstr("must be a list; it is text")));
  EXPECT_THAT(ProblemsOf("route: {kafka: {properties: a}}\n"),
              ElementsAre(HasSubstr("must be a map; it is text")));
  EXPECT_THAT(ProblemsOf("policy: yes\n"), ElementsAre(HasSubstr("must be a map; it is text")));
  EXPECT_THAT(ProblemsOf("tokens: {a: b}\n"),
              ElementsAre(HasSubstr("must be a list; it is a map")));
  EXPECT_THAT(ProblemsOf("tokens: [a]\n"), ElementsAre(HasSubstr("tokens[0]: must be a map")));
  EXPECT_THAT(ProblemsOf("schema: {optional_categories: [{a: b}]}\n"),
              ElementsAre(HasSubstr("optional_categories[0]: must be text; it is a map")));
}

TEST_F(LoaderTest, RefusesNumbersOutOfRangeOrOfAnotherForm) {
  for (const char* number : {"-1", "1.5", "0x10", "+5", "99999999999999999999", "''", "1e3"}) {
    EXPECT_FALSE(LoadText(absl::StrCat("workers: {threads: ", number, "}\n")).ok()) << number;
  }
  for (const char* number : {"-0.1", "1.01", "nan", "inf", "half"}) {
    EXPECT_FALSE(LoadText(absl::StrCat("route: {criticality: {threshold: ", number, "}}\n")).ok())
        << number;
  }
  EXPECT_FALSE(LoadText("route: {criticality: {type_weights: {a: 2}}}\n").ok());
}

TEST_F(LoaderTest, RefusesLimitsAboveThoseOfTheFormat) {
  EXPECT_THAT(ProblemsOf("limits: {event_bytes_max: 1048577}\n"),
              ElementsAre(HasSubstr("must be from 1 to 1048576 (bytes); it is 1048577")));
  EXPECT_TRUE(LoadText("limits: {event_bytes_max: 1048576}\n").ok());
}

TEST_F(LoaderTest, RefusesLimitsThatDoNotFitEachOther) {
  EXPECT_THAT(ProblemsOf("limits:\n  commit_bytes_max: 1000\n"),
              ElementsAre(HasSubstr("limits.event_bytes_max: must not be more than")));
  EXPECT_THAT(ProblemsOf("grpc: {message_bytes_max: 65536}\n"),
              ElementsAre(HasSubstr("must not be more than grpc.message_bytes_max (65536)")));
}

TEST_F(LoaderTest, RefusesLimitsOfAPrincipalThatItCannotRead) {
  EXPECT_THAT(ProblemsOf("access: {rates_of_principals: {batch: requests=5}}\n"),
              ElementsAre(HasSubstr("access.rates_of_principals.batch: 'requests=5': no such")));
  EXPECT_THAT(ProblemsOf("access: {rates_of_roles: {importer: events_per_second=x}}\n"),
              ElementsAre(HasSubstr("access.rates_of_roles.importer: 'events_per_second=x'")));
  EXPECT_TRUE(LoadText("access: {rates_of_roles: {importer: events_per_second=9}}\n").ok());
}

TEST_F(LoaderTest, RefusesARepeatedKey) {
  EXPECT_THAT(ProblemsOf("data: a\ndata: b\n"), ElementsAre("nexusd.yaml:2: data: is there twice"));
  EXPECT_THAT(ProblemsOf("route: {kafka: {properties: {a: 1, a: 2}}}\n"),
              ElementsAre(HasSubstr("properties.a: is there twice")));
  EXPECT_THAT(ProblemsOf("route: {criticality: {type_weights: {a: 1, a: 0}}}\n"),
              ElementsAre(HasSubstr("type_weights.a: is there twice")));
}

TEST_F(LoaderTest, NamesTheLineOfMalformedYaml) {
  EXPECT_THAT(ProblemsOf("data: a\nlog: [\n"),
              ElementsAre(StartsWith("nexusd.yaml:3: : it is no YAML")));
  EXPECT_THAT(ProblemsOf("a: b: c\n"), ElementsAre(StartsWith("nexusd.yaml:1: : it is no YAML")));
}

TEST_F(LoaderTest, RefusesHostileYaml) {
  EXPECT_FALSE(LoadText("data: a\n---\ndata: b\n").ok()) << "two documents";
  EXPECT_FALSE(LoadText("- a\n- b\n").ok()) << "a list at the top";
  EXPECT_FALSE(LoadText("just text").ok());
  EXPECT_FALSE(LoadText(std::string("\0\xFF\xFE\x01", 4)).ok());
  EXPECT_FALSE(LoadText(absl::StrCat("data: ", std::string(100'000, '['))).ok()) << "deep";
  EXPECT_FALSE(LoadText(std::string((1 << 20) + 1, '#')).ok()) << "larger than a configuration";
  EXPECT_FALSE(LoadText("[a, b]: c\n").ok()) << "a list as a key";
  EXPECT_FALSE(LoadText("data: *unknown\n").ok()) << "an alias of nothing";
}

TEST_F(LoaderTest, RefusesAliasesThatExpandWithoutEnd) {
  std::string bomb = "x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n";
  for (int i = 1; i < 12; ++i) {
    absl::StrAppend(&bomb, "x", i, ": &x", i, " [");
    for (int k = 0; k < 10; ++k) absl::StrAppend(&bomb, k == 0 ? "" : ", ", "*x", i - 1);
    absl::StrAppend(&bomb, "]\n");
  }
  EXPECT_THAT(ProblemsOf(bomb), ElementsAre(HasSubstr("expands to too much")));
}

TEST_F(LoaderTest, RefusesAFolderAsAFlagsFile) {
  EXPECT_TRUE(Load({.files = {folder_.path()}}).ok()) << "an empty folder has no files";
}

TEST_F(LoaderTest, RefusesMalformedAddresses) {
  for (const char* address : {"", "7070", "localhost", ":7070", "localhost:", "localhost:65536",
                              "localhost:-1", "::1:7070", "a:b", "[]:1"}) {
    EXPECT_THAT(ProblemsOf(absl::StrCat("http: {address: '", address, "'}\n")),
                ElementsAre(HasSubstr("http.address: must be host:port")))
        << address;
  }
  for (const char* address : {"localhost:0", "127.0.0.1:65535", "[::1]:7070"}) {
    EXPECT_TRUE(LoadText(absl::StrCat("http: {address: '", address, "'}\n")).ok()) << address;
  }
}

TEST_F(LoaderTest, RefusesToListenInTheClearWhereOthersCanReachIt) {
  for (const char* address :
       {"0.0.0.0:7070", "[::]:7070", "10.0.0.7:0", "nexus.example.com:7070", "128.0.0.1:1"}) {
    for (const std::string& key : {std::string("grpc: {address"), std::string("http: {address"),
                                   std::string("http: {schema_registry_address")}) {
      const std::string text = absl::StrCat(key, ": '", address, "'}\n");
      EXPECT_THAT(ProblemsOf(text), ElementsAre(HasSubstr("can be reached by other machines")))
          << text;
      EXPECT_TRUE(LoadText(text + "tls: {allow_plaintext_network: true}\n").ok()) << text;
      EXPECT_TRUE(LoadText(text + "tls: {certificate: c.pem, key: k.pem}\n").ok()) << text;
    }
  }
  EXPECT_THAT(
      ProblemsOf("http: {address: '0.0.0.0:1'}\ntls: {certificate: c, key: k, http: false}\n"),
      ElementsAre(HasSubstr("http.address: '0.0.0.0:1' can be reached")));
  EXPECT_TRUE(LoadText("grpc: {address: '127.9.9.9:1'}\n").ok());
}

TEST_F(LoaderTest, ChecksThatWhatTlsNeedsIsThere) {
  EXPECT_THAT(ProblemsOf("tls: {certificate: c}\n"),
              ElementsAre(HasSubstr("tls.key: must be given too")));
  EXPECT_THAT(ProblemsOf("tls: {key: k}\n"),
              ElementsAre(HasSubstr("tls.certificate: must be given too")));
  EXPECT_THAT(ProblemsOf("tls: {client_ca: c}\n"),
              ElementsAre(HasSubstr("tls.client_ca: needs tls.certificate")));
  for (const char* key : {"client_certificates", "http_client_certificates"}) {
    EXPECT_THAT(ProblemsOf(absl::StrCat("tls: {certificate: c, key: k, ", key, ": require}\n")),
                ElementsAre(HasSubstr("tls.client_ca does not say whose")));
  }
  EXPECT_TRUE(LoadText("tls: {certificate: c, key: k, client_ca: a, client_certificates: require, "
                       "http_client_certificates: none}\n")
                  .ok());
}

TEST_F(LoaderTest, RefusesOneAddressForBothPorts) {
  EXPECT_THAT(ProblemsOf("grpc: {address: 'localhost:1'}\nhttp: {address: 'localhost:1'}\n"),
              ElementsAre("nexusd.yaml:2: http.address: is grpc.address too"));
  EXPECT_TRUE(LoadText("grpc: {address: 'localhost:0'}\nhttp: {address: 'localhost:0'}\n").ok());
}

TEST_F(LoaderTest, ChecksWhereThePolicyEngineIs) {
  EXPECT_TRUE(LoadText("policy: {engine: opa, opa: {address: 'unix:/run/opa.sock'}}\n").ok());
  EXPECT_TRUE(LoadText("policy: {engine: opa, opa: {address: 'http://opa:8181'}}\n").ok());
  EXPECT_TRUE(LoadText("policy: {engine: opa, opa: {address: 'opa:8181'}}\n").ok());
  EXPECT_THAT(ProblemsOf("policy: {engine: opa, opa: {address: 'ftp//x'}}\n"),
              ElementsAre(HasSubstr("policy.opa.address: must be")));
  EXPECT_THAT(ProblemsOf("policy: {engine: opa, opa: {program: ''}}\n"),
              ElementsAre(HasSubstr("policy.opa.program: must not be empty")));
  EXPECT_TRUE(
      LoadText("policy: {engine: opa, opa: {address: 'unix:/o', operations: [read]}}\n").ok());
  EXPECT_THAT(
      ProblemsOf("policy: {engine: opa, opa: {address: 'unix:/o', operations: [append]}}\n"),
      ElementsAre(HasSubstr("policy.opa.operations: \"append\" is none of")));
  EXPECT_THAT(ProblemsOf("policy: {engine: opa, opa: {operations: [read]}}\n"),
              ElementsAre(HasSubstr("policy.opa.address is not")));
  EXPECT_THAT(ProblemsOf("policy: {opa: {folder: p}}\n"),
              ElementsAre(HasSubstr("policy.opa.folder: is set, but policy.engine is embedded")));
  EXPECT_THAT(ProblemsOf("policy: {engine: opa, embedded: {bundle: b}}\n"),
              ElementsAre(HasSubstr("policy.embedded.bundle: is set, but policy.engine is opa")));
  EXPECT_THAT(ProblemsOf("policy: {engine: opa, embedded: {url: 'https://b'}}\n"),
              ElementsAre(HasSubstr("policy.embedded.url: is set, but policy.engine is opa")));
}

TEST_F(LoaderTest, ChecksCategoriesAndTopics) {
  EXPECT_THAT(ProblemsOf("schema: {optional_categories: [ok, or-der]}\n"),
              ElementsAre(HasSubstr("schema.optional_categories[1]: a category has no dash")));
  EXPECT_THAT(ProblemsOf("route: {ordered_categories: ['']}\n"),
              ElementsAre(HasSubstr("route.ordered_categories[0]: ")));
  EXPECT_THAT(ProblemsOf("route: {kafka: {topic: 'a b'}}\n"),
              ElementsAre(HasSubstr("route.kafka.topic: must be 1 to 249")));
}

TEST_F(LoaderTest, RefusesAnEmptyDataFolder) {
  EXPECT_THAT(ProblemsOf("data: ''\n"), ElementsAre(HasSubstr("data: must not be empty")));
}

TEST_F(LoaderTest, ReadsTokensFromFiles) {
  const std::string file = folder_.Write("ada.token", "  secret-1\n");
  const auto loaded =
      LoadText(absl::StrCat("tokens: [{principal: ada, token_file: ", file, "}]\n"));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->config.tokens[0].token, "secret-1");
}

TEST_F(LoaderTest, RefusesTokensThatCannotWork) {
  EXPECT_THAT(ProblemsOf("tokens: [{principal: a, token_file: /absent/file}]\n"),
              ElementsAre(HasSubstr("tokens[0].token_file: /absent/file: it cannot be read")));
  EXPECT_THAT(ProblemsOf("tokens: [{principal: a, token: t, token_file: f}]\n"),
              ElementsAre(HasSubstr("is given beside a token")));
  EXPECT_THAT(ProblemsOf("tokens: [{token: t}]\n"),
              ElementsAre(HasSubstr("tokens[0].principal: must not be empty")));
  EXPECT_THAT(ProblemsOf("tokens: [{principal: a}]\n"),
              ElementsAre(HasSubstr("tokens[0].token: must not be empty")));
  EXPECT_THAT(ProblemsOf("tokens: [{principal: anonymous, token: t}]\n"),
              ElementsAre(HasSubstr("choose another name")));
  EXPECT_THAT(ProblemsOf("tokens: [{principal: a, token: 'x y'}]\n"),
              ElementsAre(HasSubstr("without spaces")));
  EXPECT_THAT(ProblemsOf("tokens: [{principal: a, token: t}, {principal: b, token: t}]\n"),
              ElementsAre(HasSubstr("tokens[1].token: is another principal's too")));
}

TEST_F(LoaderTest, PutsEveryProblemIntoTheMessage) {
  const absl::Status status = LoadText("nope: 1\ndata: []\n").status();
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("nexusd.yaml:1: nope: unknown key"),
                    HasSubstr("nexusd.yaml:2: data: must be text; it is a list")));
}

TEST_F(LoaderTest, ShowsNoTokenInItsProblems) {
  const absl::Status status =
      LoadText("tokens: [{principal: a, token: hush-hush}, {principal: b, token: hush-hush}]\n")
          .status();
  EXPECT_EQ(status.message().find("hush"), absl::string_view::npos);
}

TEST(DefaultFiles, StandInEtc) {
  EXPECT_THAT(DefaultFiles(), ElementsAre("/etc/nexus/nexusd.yaml", "/etc/nexus/conf.d"));
}

}  // namespace
}  // namespace nexus::config
