#include "rpc/call_metrics.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "fake/manual_clock.h"
#include "fake/recording_metrics.h"
#include "nexus/v1/schema_registry.pb.h"

namespace nexus::rpc {
namespace {

class CallMetricsTest : public ::testing::Test {
 protected:
  double Started(const std::string& service, const std::string& method) {
    return registry_.Value(
        absl::StrCat("nexus_grpc_server_started_total{service=", service, ",method=", method, "}"));
  }

  fake::ManualClock clock_;
  fake::RecordingMetrics registry_;
  CallMetrics metrics_{registry_, clock_};
};

TEST_F(CallMetricsTest, KnowsEveryCallOfTheContract) {
  const auto* service = v1::Schema::descriptor()->file()->service(0);
  ASSERT_GT(service->method_count(), 10);
  for (int i = 0; i < service->method_count(); ++i) {
    const std::string name = service->method(i)->name();
    CallMetrics::Scope(metrics_, service->full_name() + "/" + name).Finish(0);
    EXPECT_EQ(Started(service->full_name(), name), 1) << name;
  }
}

TEST_F(CallMetricsTest, CountsACallThatItDoesNotKnow) {
  CallMetrics::Scope(metrics_, "nexus.v1.Nowhere/Nothing").Finish(0);
  EXPECT_EQ(Started("unknown", "unknown"), 1);
}

}  // namespace
}  // namespace nexus::rpc
