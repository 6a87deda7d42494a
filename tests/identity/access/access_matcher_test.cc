#include "identity/access/access_matcher.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "nexus/core/stream_name.h"

namespace nexus::identity {
namespace {

using enum Operation;

AccessMatcher Allowing(OperationSet operations, Selector selector, bool system = false) {
  AccessMatcher matcher;
  matcher.Add(Effect::kAllow, operations, selector, system);
  return matcher;
}

TEST(AccessMatcherTest, AllowsNothingWithoutARule) {
  const AccessMatcher matcher;
  for (const Operation operation : OperationSet::All().ToList()) {
    EXPECT_FALSE(matcher.Allows(operation, "order-1", "placed"));
    EXPECT_FALSE(matcher.AllowsStream(operation, "order-1"));
    EXPECT_FALSE(matcher.AllowsEverything(operation));
    EXPECT_FALSE(matcher.AllowsSomething(operation));
    EXPECT_FALSE(matcher.AllowsSubject(operation, "placed"));
    EXPECT_FALSE(matcher.AllowsServer(operation));
  }
}

TEST(AccessMatcherTest, AllowsTheOperationsOfARuleOnly) {
  const AccessMatcher matcher = Allowing({kAppend}, {});
  EXPECT_TRUE(matcher.Allows(kAppend, "order-1", "placed"));
  EXPECT_FALSE(matcher.Allows(kRead, "order-1", "placed"));
}

TEST(AccessMatcherTest, KnowsACategoryFromAPrefixOfIt) {
  const AccessMatcher matcher = Allowing({kAppend}, {.categories = {"order"}});
  EXPECT_TRUE(matcher.Allows(kAppend, "order-1", "placed"));
  EXPECT_TRUE(matcher.Allows(kAppend, "order", "placed"));
  EXPECT_FALSE(matcher.Allows(kAppend, "orders-1", "placed"));
  EXPECT_FALSE(matcher.Allows(kAppend, "orde-1", "placed"));
  EXPECT_FALSE(matcher.Allows(kAppend, "", "placed"));
}

TEST(AccessMatcherTest, TakesPrefixesOfStreamsLiterally) {
  const AccessMatcher matcher = Allowing({kAppend}, {.stream_prefixes = {"order-eu-", "a"}});
  EXPECT_TRUE(matcher.Allows(kAppend, "order-eu-7", "placed"));
  EXPECT_TRUE(matcher.Allows(kAppend, "a", "placed"));
  EXPECT_FALSE(matcher.Allows(kAppend, "order-us-7", "placed"));
  EXPECT_FALSE(matcher.Allows(kAppend, "order-eu", "placed"));
}

TEST(AccessMatcherTest, LooksAtTheTypeInTheSameRule) {
  AccessMatcher matcher =
      Allowing({kAppend}, {.categories = {"order"}, .event_types = {"placed", "billing.*"}});
  matcher.Add(Effect::kAllow, {kAppend}, {.categories = {"log"}}, false);
  EXPECT_TRUE(matcher.Allows(kAppend, "order-1", "placed"));
  EXPECT_TRUE(matcher.Allows(kAppend, "order-1", "billing.paid"));
  EXPECT_FALSE(matcher.Allows(kAppend, "order-1", "sent"));
  EXPECT_TRUE(matcher.Allows(kAppend, "log-1", "sent"));
  EXPECT_FALSE(matcher.AllowsStream(kAppend, "order-1")) << "only some of its types";
  EXPECT_TRUE(matcher.AllowsStream(kAppend, "log-1"));
}

TEST(AccessMatcherTest, LeavesTheServersOwnStreamsOutUnlessTheyAreNamed) {
  const AccessMatcher clients = Allowing({kRead}, {});
  EXPECT_FALSE(clients.Allows(kRead, "$access", "$token-created"));
  EXPECT_FALSE(clients.AllowsEverything(kRead));
  const AccessMatcher all = Allowing({kRead}, {}, /*system=*/true);
  EXPECT_TRUE(all.Allows(kRead, "$access", "$token-created"));
  EXPECT_TRUE(all.AllowsEverything(kRead));
  const AccessMatcher named = Allowing({kRead}, {.categories = {"$schemas"}});
  EXPECT_TRUE(named.AllowsStream(kRead, "$schemas"));
  EXPECT_FALSE(named.AllowsStream(kRead, "$access"));
}

TEST(AccessMatcherTest, PutsADenialBeforeEveryPermission) {
  AccessMatcher matcher = Allowing({kRead, kAppend}, {}, /*system=*/true);
  matcher.Add(Effect::kDeny, {kRead}, {.categories = {"salary"}, .event_types = {"raised"}}, true);
  EXPECT_FALSE(matcher.Allows(kRead, "salary-1", "raised"));
  EXPECT_TRUE(matcher.Allows(kRead, "salary-1", "hired"));
  EXPECT_FALSE(matcher.AllowsStream(kRead, "salary-1")) << "it holds events that are denied";
  EXPECT_FALSE(matcher.AllowsEverything(kRead));
  EXPECT_TRUE(matcher.AllowsSomething(kRead));
  EXPECT_TRUE(matcher.Allows(kAppend, "salary-1", "raised"));
}

TEST(AccessMatcherTest, SeparatesSubjectsAndTheServerFromStreams) {
  const AccessMatcher whole = Allowing({kSchemaWrite, kMaintain}, {});
  EXPECT_TRUE(whole.AllowsSubject(kSchemaWrite, "placed"));
  EXPECT_TRUE(whole.AllowsServer(kMaintain));
  const AccessMatcher typed = Allowing({kSchemaWrite, kMaintain}, {.event_types = {"billing.*"}});
  EXPECT_TRUE(typed.AllowsSubject(kSchemaWrite, "billing.paid"));
  EXPECT_FALSE(typed.AllowsSubject(kSchemaWrite, "placed"));
  EXPECT_FALSE(typed.AllowsServer(kMaintain));
  const AccessMatcher placed = Allowing({kSchemaWrite, kMaintain}, {.categories = {"order"}});
  EXPECT_FALSE(placed.AllowsSubject(kSchemaWrite, "placed"));
  EXPECT_FALSE(placed.AllowsServer(kMaintain));
}

// The same rules, read one by one without any structure.
struct PlainRule {
  Effect effect;
  Selector selector;
  bool system;

  bool IsAbout(const std::string& stream, const std::string& type) const {
    bool here = selector.AnyStream() && (system || !absl::StartsWith(stream, "$"));
    for (const std::string& category : selector.categories) {
      here |= StreamName::CategoryOf(stream) == category;
    }
    for (const std::string& prefix : selector.stream_prefixes) {
      here |= absl::StartsWith(stream, prefix);
    }
    bool meant = selector.event_types.empty();
    for (absl::string_view pattern : selector.event_types) {
      meant |=
          absl::ConsumeSuffix(&pattern, "*") ? absl::StartsWith(type, pattern) : type == pattern;
    }
    return here && meant;
  }
};

rc::Gen<std::vector<std::string>> SomeOf(std::vector<std::string> words) {
  return rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::move(words)));
}

RC_GTEST_PROP(AccessMatcherTest, DecidesAsTheRulesReadOneByOne, ()) {
  const std::vector<std::string> streams = {"a",   "a-1", "a-12", "ab-1", "b-1",
                                            "b-a", "$a",  "$a-1", "$b",   "ö-1"};
  const std::vector<std::string> types = {"x", "xy", "y", "y.z", "$x"};
  const auto count = *rc::gen::inRange(0, 6);
  std::vector<PlainRule> rules;
  AccessMatcher matcher;
  for (int i = 0; i < count; ++i) {
    PlainRule rule;
    rule.effect = *rc::gen::weightedElement<Effect>({{3, Effect::kAllow}, {1, Effect::kDeny}});
    rule.system = *rc::gen::arbitrary<bool>();
    // Empty lists mean everything, so they should be met often.
    if (*rc::gen::inRange(0, 2) == 0) rule.selector.categories = *SomeOf({"a", "b", "$a", "ö"});
    if (*rc::gen::inRange(0, 2) == 0) {
      rule.selector.stream_prefixes = *SomeOf({"a", "a-", "a-1", "$", "b-"});
    }
    if (*rc::gen::inRange(0, 2) == 0) {
      rule.selector.event_types = *SomeOf({"x", "x*", "y", "y.*", "*"});
    }
    matcher.Add(rule.effect, {kRead}, rule.selector, rule.system);
    rules.push_back(std::move(rule));
  }
  for (const std::string& stream : streams) {
    bool all = true;
    for (const std::string& type : types) {
      bool allowed = false;
      bool denied = false;
      for (const PlainRule& rule : rules) {
        if (!rule.IsAbout(stream, type)) continue;
        (rule.effect == Effect::kAllow ? allowed : denied) = true;
      }
      RC_ASSERT(matcher.Allows(kRead, stream, type) == (allowed && !denied));
      all &= allowed && !denied;
    }
    bool some = false;
    for (const std::string& type : types) some |= matcher.Allows(kRead, stream, type);
    if (some) RC_ASSERT(matcher.AllowsSomeOf(kRead, stream));
    // Sound: what is said of all types holds for each.
    if (matcher.AllowsStream(kRead, stream)) RC_ASSERT(all);
    if (matcher.AllowsEverything(kRead)) RC_ASSERT(all);
    if (all) RC_ASSERT(matcher.AllowsSomething(kRead));
  }
}

}  // namespace
}  // namespace nexus::identity
