#include "engine/append_order.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::engine {
namespace {

using ::testing::ElementsAre;

TEST(AppendOrderTest, RunsStepsInTheOrderOfTheirTickets) {
  AppendOrder order;
  std::vector<int> ran;
  const auto first = order.Take();
  const auto second = order.Take();
  const auto third = order.Take();
  order.Release(third, [&] { ran.push_back(3); });
  order.Release(second, [&] { ran.push_back(2); });
  EXPECT_TRUE(ran.empty());
  order.Release(first, [&] { ran.push_back(1); });
  EXPECT_THAT(ran, ElementsAre(1, 2, 3));
}

TEST(AppendOrderTest, AllowsAStepToReleaseTheNext) {
  AppendOrder order;
  std::vector<int> ran;
  const auto first = order.Take();
  const auto second = order.Take();
  order.Release(first, [&] {
    order.Release(second, [&] { ran.push_back(2); });
    ran.push_back(1);
  });
  EXPECT_THAT(ran, ElementsAre(1, 2));
}

TEST(AppendOrderTest, KeepsTheOrderUnderRacingReleases) {
  for (int round = 0; round < 200; ++round) {
    AppendOrder order;
    absl::Mutex mutex;
    std::vector<AppendOrder::Ticket> ran;
    std::vector<AppendOrder::Ticket> tickets;
    for (int i = 0; i < 16; ++i) tickets.push_back(order.Take());
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (size_t i = static_cast<size_t>(t); i < tickets.size(); i += 4) {
          order.Release(tickets[i], [&, ticket = tickets[i]] {
            absl::MutexLock lock(&mutex);
            ran.push_back(ticket);
          });
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(ran, tickets);
  }
}

}  // namespace
}  // namespace nexus::engine
