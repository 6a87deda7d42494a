// More than the daemon can take at once: it refuses, or lets senders wait, and keeps its size.

#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "fake/eventually.h"
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

// What AddressSanitizer keeps of freed memory before it gives any back (quarantine_size_mb).
#ifdef __SANITIZE_ADDRESS__
constexpr size_t kQuarantine = 256 << 20;
#else
constexpr size_t kQuarantine = 0;
#endif

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
  EXPECT_LT(PeakResidentBytes(daemon_->pid()), before + 256 * kMiB + kQuarantine);
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

// A page is made by a task of its own, and when no more tasks may wait the read ends with a reason.
TEST_F(FloodTest, AReadThatFindsNoWorkerSaysSo) {
  StartDaemon({"--set", "workers.threads=1", "--set", "workers.queue_max=1"});
  RegisterOrders();
  const std::string data =
      absl::StrCat("{\"total\": 1, \"pad\": \"", std::string(50'000, 'x'), "\"}");
  constexpr size_t kEvents = 100;  // several pages
  for (size_t i = 0; i < kEvents; ++i) ASSERT_TRUE(AppendOrder("order-1", data).ok());

  std::atomic<int> whole{0};
  std::atomic<int> overloaded{0};
  std::vector<std::thread> threads;
  for (int reader = 0; reader < 32; ++reader) {
    threads.emplace_back([&] {
      const auto stub = v1::EventStoreService::NewStub(daemon_->Channel());
      for (int i = 0; i < 10; ++i) {
        const auto context = Context();
        context->set_wait_for_ready(true);  // 32 connections at once take a slow machine its time
        v1::ReadRequest request;
        request.set_stream("order-1");
        const auto stream = stub->Read(context.get(), request);
        size_t events = 0;
        for (v1::ReadResponse page; stream->Read(&page);) events += page.events_size();
        const grpc::Status status = stream->Finish();
        if (status.ok() && events == kEvents) {
          ++whole;
        } else if (ReasonOf(status) == "OVERLOADED") {
          ++overloaded;
        } else {
          ADD_FAILURE() << events << " events, " << status.error_message();
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(overloaded, 0);
  EXPECT_EQ(whole + overloaded, 320);
  // The one place may be taken by the server's own work for a moment.
  EXPECT_TRUE(fake::Eventually([this] { return ReadStream("order-1").size() == kEvents; }));
}

}  // namespace
}  // namespace nexus::integration
