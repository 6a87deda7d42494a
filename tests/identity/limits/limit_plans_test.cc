#include "identity/limits/limit_plans.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nexus::identity {
namespace {

ClientLimits RequestsOf(double per_second, uint64_t open_max = 0) {
  ClientLimits limits;
  limits.rates[static_cast<size_t>(LimitKind::kRequests)] = {per_second, per_second};
  limits.subscriptions_open_max = open_max;
  return limits;
}

double RequestsFor(const LimitPlans& plans, const std::string& name,
                   const std::vector<std::string>& roles = {}) {
  std::optional<LimitPlans::Plan> room;
  const LimitPlans::Plan& plan = plans.Of({name, roles}, room);
  return plan.limits.rates[static_cast<size_t>(LimitKind::kRequests)].per_second;
}

TEST(LimitPlansTest, ThePrincipalGoesBeforeItsRolesAndTheyBeforeAll) {
  LimitPlansOptions options;
  options.of_all = RequestsOf(10);
  options.of_principals.emplace("batch", RequestsOf(5));
  options.of_roles.emplace("importer", RequestsOf(100));
  const LimitPlans plans(options);
  EXPECT_EQ(RequestsFor(plans, "anna"), 10);
  EXPECT_EQ(RequestsFor(plans, "anna", {"reader"}), 10);
  EXPECT_EQ(RequestsFor(plans, "anna", {"reader", "importer"}), 100);
  EXPECT_EQ(RequestsFor(plans, "batch", {"importer"}), 5);
}

TEST(LimitPlansTest, OfSeveralRolesTheMostGenerousLimitCounts) {
  LimitPlansOptions options;
  options.of_all = RequestsOf(1, 1);
  options.of_roles.emplace("small", RequestsOf(10, 50));
  options.of_roles.emplace("large", RequestsOf(100, 5));
  options.of_roles.emplace("free", RequestsOf(0, 0));
  const LimitPlans plans(options);
  std::optional<LimitPlans::Plan> room;
  const std::vector<std::string> two = {"small", "large"};
  const LimitPlans::Plan& both = plans.Of({"anna", two}, room);
  EXPECT_EQ(both.limits, RequestsOf(100, 50));
  EXPECT_EQ(RequestsFor(plans, "anna", {"large", "free", "small"}), 0) << "no limit";
}

TEST(LimitPlansTest, KnowsWhetherAnybodyIsLimited) {
  LimitPlansOptions options;
  options.of_all.rates = {};
  EXPECT_FALSE(LimitPlans(options).limits_rates());
  options.of_roles.emplace("small", RequestsOf(10));
  EXPECT_TRUE(LimitPlans(options).limits_rates());
}

}  // namespace
}  // namespace nexus::identity
