// Commands that workers decide, over the real wire and against the real daemon.

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "integration/daemon_fixture.h"
#include "integration/remote_worker.h"
#include "nexus/admin/v1/domain.grpc.pb.h"

namespace nexus::integration {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr uint64_t kSeats = 25;

class RemoteHandlersTest : public DaemonFixture {
 protected:
  void SetUp() override { Start({}); }
  void Start(std::vector<std::string> settings) {
    std::vector<std::string> arguments;
    for (std::string& setting : settings) {
      arguments.emplace_back("--set");
      arguments.push_back(std::move(setting));
    }
    StartDaemon(arguments);
    commands_ = v1::CommandService::NewStub(daemon_->Channel());
    Apply();
  }
  void Restart(std::vector<std::string> settings) {
    const auto exit = daemon_->Terminate();
    ASSERT_TRUE(exit.ok() && exit->Succeeded()) << daemon_->Output();
    Start(std::move(settings));
  }

  // A hall has so many places, and a worker that says no if they are taken. A door has a script.
  void Apply() {
    admin::v1::ApplyDomainRequest request;
    request.set_name("halls");
    const auto declare = [&](const char* kind, const char* name, absl::string_view spec) {
      admin::v1::DomainFile& file = *request.add_declarations();
      file.set_path(absl::StrCat(kind, "-", name, ".yaml"));
      file.set_text(absl::StrCat(R"({"apiVersion":"nexus/v1","kind":")", kind,
                                 R"(","metadata":{"name":")", name, R"("},"spec":)", spec, "}"));
    };
    declare("Schema", "Enter", R"({"definition":{"type":"object","required":["hall"]}})");
    declare("Schema", "Open", R"({"definition":{"type":"object","required":["door"]}})");
    declare("Schema", "Entered", R"({"definition":{"type":"object","required":["seat"],
        "properties":{"seat":{"type":"integer"}}}})");
    declare("Aggregate", "hall", R"({"id":"/hall","commands":["Enter"],"events":["Entered"]})");
    declare("Aggregate", "door", R"({"script":"door.js","id":"/door","commands":["Open"],
        "events":["Entered"]})");
    admin::v1::DomainFile& code = *request.add_files();
    code.set_path("door.js");
    code.set_text("export function evolve(s) { return s }\nexport function decide() {}\n");
    admin::v1::ApplyDomainResponse response;
    const auto domains = admin::v1::DomainService::NewStub(daemon_->Channel());
    const grpc::Status status = domains->ApplyDomain(Context().get(), request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  static bool Admit(const v1::Task&, uint64_t events, v1::TaskAnswer& answer) {
    if (events >= kSeats) {
      answer.mutable_rejection()->set_reason("full");
      answer.mutable_rejection()->set_details(absl::StrCat("{\"seats\":", kSeats, "}"));
      return true;
    }
    v1::HandlerEvent& event = *answer.mutable_events()->add_events();
    event.set_type("Entered");
    event.set_data(absl::StrCat("{\"seat\":", events, "}"));
    return true;
  }
  std::unique_ptr<RemoteWorker> Connect(RemoteWorker::Decide decide = &Admit) {
    auto worker = std::make_unique<RemoteWorker>(
        daemon_->Channel(), std::vector<std::string>{"hall"}, std::move(decide));
    EXPECT_TRUE(worker->AwaitWelcome());
    return worker;
  }

  grpc::Status Enter(const std::string& hall, v1::ExecuteResponse* receipt = nullptr,
                     const std::string& id = "") {
    v1::ExecuteRequest request;
    request.mutable_command()->set_type("Enter");
    request.mutable_command()->set_data(absl::StrCat("{\"hall\":\"", hall, "\"}"));
    request.mutable_command()->set_command_id(id);
    v1::ExecuteResponse ignored;
    return commands_->Execute(Context().get(), request, receipt != nullptr ? receipt : &ignored);
  }

  std::unique_ptr<v1::CommandService::Stub> commands_;
};

TEST_F(RemoteHandlersTest, AWorkerDecides) {
  const auto worker = Connect();
  EXPECT_EQ(worker->welcome().tasks_max(), 16u);
  EXPECT_EQ(worker->welcome().heartbeat_interval().seconds(), 5);
  constexpr char kId[] = "018f0000-0000-7000-8000-0000000000cc";
  v1::ExecuteResponse receipt;
  grpc::Status status = Enter("a", &receipt, kId);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(receipt.stream(), "hall-a");
  EXPECT_THAT(receipt.events(), SizeIs(1));
  ASSERT_TRUE(Enter("a", &receipt, kId).ok());
  EXPECT_TRUE(receipt.repeated_command());
  for (uint64_t i = 1; i < kSeats; ++i) ASSERT_TRUE(Enter("a").ok());
  status = Enter("a");
  EXPECT_EQ(ReasonOf(status), "COMMAND_REJECTED");
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  EXPECT_EQ(info.metadata().at("rejection"), "full");
  EXPECT_EQ(info.metadata().at("details"), "{\"seats\":25}");
  const std::vector<v1::Event> events = ReadStream("hall-a");
  ASSERT_THAT(events, SizeIs(kSeats));
  EXPECT_EQ(events[0].metadata().at("$handler"), "anonymous test");
  // The state was kept.
  EXPECT_EQ(worker->with_state(), static_cast<int>(kSeats));
}

TEST_F(RemoteHandlersTest, AnswersHeartbeats) {
  const auto worker = Connect();
  v1::HandleRequest beat;
  beat.mutable_heartbeat();
  worker->Send(beat);
  EXPECT_TRUE(fake::Eventually([&] { return worker->heartbeats() == 1; }));
}

TEST_F(RemoteHandlersTest, SendsALongHistoryInSeveralMessages) {
  v1::AppendRequest request;
  v1::StreamAppend& append = *request.add_streams();
  append.set_stream("hall-long");
  append.mutable_expected_revision()->mutable_any();
  for (int i = 0; i < 5'000; ++i) {
    v1::NewEvent& event = *append.add_events();
    event.set_type("Entered");
    event.set_data(absl::StrCat("{\"seat\":", i, ",\"note\":\"", std::string(300, 'n'), "\"}"));
  }
  ASSERT_TRUE(Append(request).ok());
  uint64_t seen = 0;
  const auto worker = Connect([&](const v1::Task& task, uint64_t events, v1::TaskAnswer& answer) {
    seen = events;
    EXPECT_TRUE(task.more_events());
    return Admit(task, 0, answer);
  });
  v1::ExecuteResponse receipt;
  const grpc::Status status = Enter("long", &receipt);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(seen, 5'000u);
  EXPECT_EQ(receipt.revision(), 5'000u);
}

TEST_F(RemoteHandlersTest, SaysWhyAWorkerIsNotTaken) {
  const auto end_of = [&](const std::vector<std::string>& aggregates) {
    RemoteWorker worker(daemon_->Channel(), aggregates, &Admit);
    return ReasonOf(worker.AwaitEnd());
  };
  EXPECT_EQ(end_of({"nobody"}), "NOT_FOUND");
  EXPECT_EQ(end_of({"door"}), "MALFORMED_REQUEST");
  EXPECT_EQ(end_of({}), "MALFORMED_REQUEST");
  const auto worker = Connect();
  v1::HandleRequest again;
  again.mutable_hello()->add_aggregates("hall");
  worker->Send(again);
  EXPECT_EQ(ReasonOf(worker->AwaitEnd()), "MALFORMED_REQUEST");
  const auto wordless = Connect();
  wordless->Send(v1::HandleRequest());
  EXPECT_EQ(ReasonOf(wordless->AwaitEnd()), "MALFORMED_REQUEST");
}

TEST_F(RemoteHandlersTest, SaysSoIfNobodyDecides) {
  Restart({"command.remote_absence_ms=200"});
  EXPECT_EQ(ReasonOf(Enter("a")), "HANDLER_UNAVAILABLE");
}

// Workers come and go under load: every command has one answer, what is stored is what was
// answered, and no hall has more visitors than seats.
TEST_F(RemoteHandlersTest, LosesNothingWhileWorkersDie) {
  constexpr int kHalls = 4;
  constexpr int kClients = 6;
  std::atomic<bool> ending = false;
  std::vector<std::unique_ptr<RemoteWorker>> workers;
  workers.push_back(Connect());
  workers.push_back(Connect());
  std::atomic<int> stored = 0;
  std::atomic<int> rejected = 0;
  std::vector<std::string> others;
  absl::Mutex mutex;
  std::vector<std::thread> clients;
  clients.reserve(kClients);
  for (int c = 0; c < kClients; ++c) {
    clients.emplace_back([&, c] {
      for (int i = 0; i < 24; ++i) {
        const grpc::Status status = Enter(absl::StrCat((c + i) % kHalls));
        if (status.ok()) {
          ++stored;
        } else if (ReasonOf(status) == "COMMAND_REJECTED") {
          ++rejected;
        } else {
          absl::MutexLock lock(&mutex);
          others.push_back(ReasonOf(status));
        }
      }
    });
  }
  std::thread reaper([&] {
    for (size_t round = 0; !ending; ++round) {
      const int before = stored + rejected;
      if (!fake::Eventually([&] { return ending || stored + rejected >= before + 10; })) return;
      std::unique_ptr<RemoteWorker> fresh = Connect();
      workers[round % 2]->Kill();
      workers[round % 2] = std::move(fresh);
    }
  });
  for (std::thread& client : clients) client.join();
  ending = true;
  reaper.join();
  EXPECT_THAT(others, SizeIs(0)) << others.front();
  EXPECT_EQ(stored + rejected, kClients * 24);
  size_t events = 0;
  for (int h = 0; h < kHalls; ++h) {
    const std::vector<v1::Event> visits = ReadStream(absl::StrCat("hall-", h));
    EXPECT_LE(visits.size(), kSeats);
    for (size_t i = 0; i < visits.size(); ++i) {
      EXPECT_EQ(visits[i].data(), absl::StrCat("{\"seat\":", i, "}")) << "hall " << h;
    }
    events += visits.size();
  }
  EXPECT_EQ(events, static_cast<size_t>(stored));
}

TEST_F(RemoteHandlersTest, AWorkerThatHangsIsPassedBy) {
  Restart({"command.remote_timeout_ms=300", "command.remote_absence_ms=60000"});
  const auto hanging = Connect([](const v1::Task&, uint64_t, v1::TaskAnswer&) { return false; });
  std::atomic<bool> answered = false;
  std::thread client([&] {
    const grpc::Status status = Enter("a");
    EXPECT_TRUE(status.ok()) << status.error_message();
    answered = true;
  });
  ASSERT_TRUE(fake::Eventually([&] { return hanging->tasks() == 1; }));
  const auto good = Connect();
  client.join();
  EXPECT_TRUE(answered);
  EXPECT_EQ(good->tasks(), 1);
  EXPECT_THAT(ReadStream("hall-a"), SizeIs(1));
}

TEST_F(RemoteHandlersTest, AWorkerThatDrainsEndsWell) {
  absl::Notification go_on;
  const auto worker = Connect([&](const v1::Task& task, uint64_t events, v1::TaskAnswer& answer) {
    go_on.WaitForNotificationWithTimeout(absl::Seconds(60));
    return Admit(task, events, answer);
  });
  std::thread client([&] { EXPECT_TRUE(Enter("a").ok()); });
  ASSERT_TRUE(fake::Eventually([&] { return worker->tasks() == 1; }));
  v1::HandleRequest drain;
  drain.mutable_drain();
  worker->Send(drain);
  const auto next = Connect();
  EXPECT_TRUE(Enter("b").ok());
  EXPECT_EQ(next->tasks(), 1);
  go_on.Notify();
  client.join();
  const grpc::Status end = worker->AwaitEnd();
  EXPECT_TRUE(end.ok()) << end.error_message();
  EXPECT_EQ(worker->tasks(), 1);
}

TEST_F(RemoteHandlersTest, AHalfCloseEndsWellAndGivesUpWhatIsOpen) {
  const auto silent = Connect([](const v1::Task&, uint64_t, v1::TaskAnswer&) { return false; });
  std::thread client([&] { EXPECT_TRUE(Enter("a").ok()); });
  ASSERT_TRUE(fake::Eventually([&] { return silent->tasks() == 1; }));
  const auto next = Connect();
  silent->HalfClose();
  EXPECT_TRUE(silent->AwaitEnd().ok());
  client.join();
  EXPECT_EQ(next->tasks(), 1);
}

TEST_F(RemoteHandlersTest, TheServersEndIsAnEndForWorkersToo) {
  const auto worker = Connect();
  ASSERT_TRUE(Enter("a").ok());
  const auto exit = daemon_->Terminate();
  ASSERT_TRUE(exit.ok() && exit->Succeeded()) << daemon_->Output();
  EXPECT_EQ(ReasonOf(worker->AwaitEnd()), "DRAINING");
}

}  // namespace
}  // namespace nexus::integration
