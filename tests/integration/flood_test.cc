// More than the daemon can take at once: it refuses, or lets senders wait, and keeps its size.

#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "integration/daemon_fixture.h"

namespace nexus::integration {
namespace {

constexpr size_t kMiB = 1 << 20;

// "VmHWM" of /proc/PID/status: the most that was ever resident, bytes.
size_t PeakResidentBytes(pid_t pid) {
  std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
  for (std::string word; status >> word;) {
    size_t kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib * 1024;
  }
  return 0;
}

class FloodTest : public DaemonFixture {
 protected:
  // What `clients` threads are told, each sending `count` events of `bytes` one after the other.
  void Flood(int clients, int count, size_t bytes) {
    const std::string data =
        absl::StrCat("{\"total\": 1, \"pad\": \"", std::string(bytes, 'x'), "\"}");
    std::vector<std::thread> threads;
    for (int client = 0; client < clients; ++client) {
      threads.emplace_back([this, client, count, &data] {
        const auto stub = v1::EventStoreService::NewStub(daemon_->Channel());
        const v1::AppendRequest request =
            OneEvent(absl::StrCat("order-", client), "order.placed", data);
        v1::AppendResponse response;
        for (int i = 0; i < count; ++i) {
          const grpc::Status status = stub->Append(Context().get(), request, &response);
          const std::string reason = ReasonOf(status);
          if (status.ok()) {
            ++stored_;
          } else if (reason == "OVERLOADED" ||
                     status.error_code() == grpc::StatusCode::UNAVAILABLE) {
            // Without memory gRPC takes no new connection.
            ++refused_;
          } else {
            ADD_FAILURE() << reason << ": " << status.error_message();
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  std::atomic<int> stored_{0};
  std::atomic<int> refused_{0};
};

TEST_F(FloodTest, KeepsTheMemoryBounded) {
  StartDaemon({"--set", "append.bytes_max=8388608", "--set", "grpc.memory_bytes_max=67108864"});
  RegisterOrders();
  ASSERT_TRUE(AppendOrder("order-warm", R"({"total": 1})").ok());
  const size_t before = PeakResidentBytes(daemon_->pid());

  Flood(/*clients=*/256, /*count=*/2, /*bytes=*/900'000);  // 460 MB, up to 230 MB at once

  // Both bounds, memtables, caches, and what allocators keep; without bounds it is 480 MiB more.
  EXPECT_LT(PeakResidentBytes(daemon_->pid()), before + 256 * kMiB);
  EXPECT_GT(stored_, 0);
  EXPECT_EQ(stored_ + refused_, 256 * 2);
  EXPECT_EQ(ReadStream("order-warm").size(), 1u);
  EXPECT_TRUE(AppendOrder("order-later", R"({"total": 1})").ok());
}

TEST_F(FloodTest, RefusesWhatIsTooMuchAndTakesItLater) {
  StartDaemon({"--set", "append.commits_max=1"});
  RegisterOrders();
  Flood(/*clients=*/16, /*count=*/20, /*bytes=*/10);
  EXPECT_GT(stored_, 0);
  EXPECT_GT(refused_, 0);
  EXPECT_TRUE(AppendOrder("order-later", R"({"total": 1})").ok());
}

}  // namespace
}  // namespace nexus::integration
