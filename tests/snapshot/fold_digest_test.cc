#include "snapshot/fold_digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "snapshot/domain_maker.h"

namespace nexus::snapshot {
namespace {

using ::testing::ElementsAre;

std::string DigestOf(const DomainMaker& maker, uint32_t version = 1) {
  const auto state = maker.Make();
  return FoldDigest(*state->aggregates().front(), state->upcasters(),
                    [version](absl::string_view) { return version; });
}

std::vector<std::string> Reached(const std::vector<domain::PackageFile>& files) {
  domain::DomainPackage package;
  package.files = files;
  std::vector<std::string> paths;
  for (const domain::PackageFile* file : ReachedFiles(package, "order.js")) {
    paths.push_back(file->path);
  }
  return paths;
}

TEST(ReachedFilesTest, FollowsImportsAndNothingElse) {
  EXPECT_THAT(Reached({{"a.js", "import './b.js'"},
                       {"b.js", ""},
                       {"c.js", "import './order.js'"},
                       {"order.js", "import { x } from \"./a.js\""},
                       {"schema.json", ""}}),
              ElementsAre("a.js", "b.js", "order.js"));
}

TEST(ReachedFilesTest, TakesAllWhereAPathMayBeWrittenWithEscapes) {
  EXPECT_THAT(Reached({{"a.js", ""}, {"order.js", "import { x } from \"./\\x61.js\""}}),
              ElementsAre("a.js", "order.js"));
}

TEST(FoldDigestTest, IsTheSameForTheSame) {
  EXPECT_EQ(DigestOf({}), DigestOf({}));
  EXPECT_EQ(DigestOf({}).size(), 64u);
}

TEST(FoldDigestTest, SeesTheFilesThatTheScriptReaches) {
  DomainMaker own;
  own.files[0].text += " // changed";
  EXPECT_NE(DigestOf(own), DigestOf({}));
  DomainMaker reached;
  reached.files[1].text = "export const a = 2;";
  EXPECT_NE(DigestOf(reached), DigestOf({}));
}

TEST(FoldDigestTest, DoesNotSeeWhatFoldsNothing) {
  DomainMaker other;
  other.files[2].text = "export const b = 2;";
  EXPECT_EQ(DigestOf(other), DigestOf({}));
  DomainMaker declared;
  declared.commands = R"(["PlaceOrder", "CancelOrder"])";
  declared.events = R"(["OrderPlaced", "OrderCancelled"])";
  declared.snapshots = R"({"mode": "adaptive"})";
  declared.version = 2;
  EXPECT_EQ(DigestOf(declared), DigestOf({}));
}

TEST(FoldDigestTest, SeesTheUpcastersWithTheirCode) {
  const DomainMaker with = DomainMaker().Upcaster("OrderPlaced", 1, "lib/b.js");
  EXPECT_NE(DigestOf(with), DigestOf({}));
  DomainMaker changed = with;
  changed.files[2].text = "export const b = 2;";
  EXPECT_NE(DigestOf(changed), DigestOf(with));
  EXPECT_NE(DigestOf(DomainMaker().Upcaster("OrderPlaced", 2, "lib/b.js")), DigestOf(with));
}

// What a stored event is given as depends on the latest version of its type.
TEST(FoldDigestTest, SeesANewVersionOfASchema) {
  EXPECT_EQ(DigestOf({}, 1), DigestOf({}, 0));
  EXPECT_NE(DigestOf({}, 2), DigestOf({}, 1));
  EXPECT_NE(DigestOf({}, 3), DigestOf({}, 2));
}

// The types that were met although nobody declares them.
TEST(FoldDigestTest, SeesANewVersionOfATypeThatWasMet) {
  const auto digest = [](const OtherTypes& others, uint32_t version) {
    const auto state = DomainMaker().Make();
    return FoldDigest(
        *state->aggregates().front(), state->upcasters(),
        [version](absl::string_view type) { return type == "Weighed" ? version : 1; }, others);
  };
  EXPECT_EQ(digest({"Weighed"}, 1), digest({}, 1));
  EXPECT_EQ(digest({}, 2), digest({}, 1)) << "nobody has met it";
  EXPECT_NE(digest({"Weighed"}, 2), digest({"Weighed"}, 1));
}

// Upcasters of other domains, for what an upcaster before them leads to.
TEST(FoldDigestTest, SeesTheUpcastersOfOtherDomainsForWhatWasMet) {
  const auto of = [](const char* domain, const char* type, const char* to) {
    domain::UpcasterRecord upcaster =
        DomainMaker().Upcaster(type, 1, "lib/b.js").Make()->upcasters()[0];
    upcaster.domain = domain;
    upcaster.declaration.to_type = to;
    return upcaster;
  };
  const auto state = DomainMaker().Make();
  const auto digest = [&](const std::vector<domain::UpcasterRecord>& upcasters,
                          const OtherTypes& others) {
    return FoldDigest(
        *state->aggregates().front(), upcasters, [](absl::string_view) { return 1; }, others);
  };
  const auto first = of("depot", "Weighed", "Measured");
  const auto second = of("lab", "Measured", "Known");
  EXPECT_EQ(digest({second, first}, {}), digest({}, {}));
  EXPECT_NE(digest({first}, {"Weighed"}), digest({}, {"Weighed"}));
  EXPECT_NE(digest({second, first}, {"Weighed"}), digest({first}, {"Weighed"}));
}

TEST(FoldDigestsTest, KeepsThoseOfOtherTypesApart) {
  const auto state = DomainMaker().Make();
  uint32_t version = 2;
  FoldDigests digests({[&] { return state; }, [] { return uint64_t{1}; },
                       [&](absl::string_view) { return version; }});
  const domain::AggregateRecord& order = *state->aggregates().front();
  const std::string without = digests.Of(order);
  const std::string with = digests.Of(order, {"Weighed"});
  EXPECT_NE(with, without);
  EXPECT_EQ(digests.Of(order), without);
  SnapshotInfo info;
  info.code_digest = with;
  EXPECT_FALSE(digests.AreOf(order, info));
  info.other_types = {"Weighed"};
  EXPECT_TRUE(digests.AreOf(order, info));
}

TEST(SourcesMarkTest, IsOfWhatItWasMadeOfAndKeepsNoneOfIt) {
  FoldDigests::Sources sources{DomainMaker().Make(), 3};
  const SourcesMark mark(sources);
  EXPECT_TRUE(mark.IsOf(sources));
  EXPECT_FALSE(mark.IsOf({sources.domains, 4}));
  EXPECT_FALSE(mark.IsOf({DomainMaker().Make(), 3}));
  EXPECT_FALSE(SourcesMark().IsOf(sources));
  EXPECT_FALSE(SourcesMark().IsOf({}));
  const std::weak_ptr<const domain::DomainState> domains = sources.domains;
  sources.domains.reset();
  EXPECT_TRUE(domains.expired());
  EXPECT_FALSE(mark.IsOf(sources));
}

TEST(FoldDigestsTest, FollowsDomainsAndSchemas) {
  std::shared_ptr<const domain::DomainState> state = DomainMaker().Make();
  uint64_t epoch = 1;
  uint32_t version = 1;
  int asked = 0;
  FoldDigests digests({[&] { return state; }, [&] { return epoch; },
                       [&](absl::string_view) {
                         ++asked;
                         return version;
                       }});
  const std::string first = digests.Of(*state->aggregates().front());
  EXPECT_EQ(digests.Of(*state->aggregates().front()), first);
  EXPECT_EQ(asked, 1) << "it is kept while nothing changes";
  version = 2;
  ++epoch;
  const std::string second = digests.Of(*state->aggregates().front());
  EXPECT_NE(second, first);
  DomainMaker changed;
  changed.files[0].text += " // changed";
  state = changed.Make();
  EXPECT_NE(digests.Of(*state->aggregates().front()), second);
}

}  // namespace
}  // namespace nexus::snapshot
