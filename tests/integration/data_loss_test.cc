// A log that lost acknowledged events: refused, and opened again only by an operator's word.

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "integration/daemon_fixture.h"

namespace nexus::integration {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr int kExitDataDamaged = 65;
constexpr int kExitUsage = 2;

class DataLossTest : public DaemonFixture {
 protected:
  // Ten orders; killed. The newest write-ahead log is the one that holds them.
  void KillWithOrders() {
    StartDaemon();
    RegisterOrders();
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(AppendOrder("order-1", R"({"total": 5})").ok());
    daemon_->Kill();
  }
  std::string NewestWal() const {
    std::string newest;
    for (const auto& entry : fs::directory_iterator(folder_ / "data/log")) {
      if (entry.path().extension() == ".log") newest = std::max(newest, entry.path().string());
    }
    return newest;
  }
  static void FlipByteInTheMiddle(const std::string& path) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const auto at = static_cast<std::streamoff>(fs::file_size(path) / 2);
    file.seekg(at);
    const char flipped = static_cast<char>(file.get() ^ 1);
    file.seekp(at);
    file.put(flipped);
  }
  // nexusd with a command of its own; its data folder is the test's unless the command says
  // another.
  std::string RunOffline(std::vector<std::string> command, int expected_code) {
    harness::ChildOptions options;
    options.command = {harness::DefaultNexusd(), "--data", folder_ / "data"};
    if (std::count(command.begin(), command.end(), "--data") > 0) options.command.resize(1);
    options.command.insert(options.command.end(), command.begin(), command.end());
    auto child = harness::ChildProcess::Start(options);
    EXPECT_TRUE(child.ok()) << child.status();
    if (!child.ok()) return "";
    const auto exit = (*child)->WaitForExit(absl::Seconds(60));
    EXPECT_TRUE(exit.ok() && exit->code == expected_code)
        << (exit.ok() ? exit->ToString() : "still running") << "\n"
        << (*child)->Output();
    return (*child)->Output();
  }
  admin::v1::GetStatusResponse Status() {
    admin::v1::GetStatusResponse status;
    EXPECT_TRUE(admin_->GetStatus(Context().get(), {}, &status).ok());
    return status;
  }
};

TEST_F(DataLossTest, EndsWithItsOwnCodeAndSaysWhatCanBeDone) {
  KillWithOrders();
  FlipByteInTheMiddle(NewestWal());
  const std::string said = FailToStart({}, kExitDataDamaged);
  EXPECT_THAT(said, HasSubstr("acknowledged data is damaged"));
  EXPECT_THAT(said, HasSubstr("restore the data folder from a backup"));
  EXPECT_THAT(said, HasSubstr("--accept-data-loss="));
  const auto from = [](const std::string& text) { return text.substr(text.find("nexusd: ")); };
  EXPECT_EQ(from(FailToStart({}, kExitDataDamaged)), from(said));
}

TEST_F(DataLossTest, OpensAfterTheLossWasAcceptedAndRecordsIt) {
  KillWithOrders();
  FlipByteInTheMiddle(NewestWal());
  const std::string said = FailToStart({}, kExitDataDamaged);
  const std::string position = std::to_string(std::stoull(said.substr(said.rfind('=') + 1)));
  FailToStart({"--accept-data-loss=999"}, kExitDataDamaged);
  StartDaemon({"--accept-data-loss=" + position});
  EXPECT_EQ(Status().incarnation(), 2u);
  const std::vector<v1::Event> audit = ReadStream("$system");
  ASSERT_EQ(audit.size(), 1u);
  EXPECT_EQ(audit[0].type(), "$data-loss-accepted");
  EXPECT_THAT(audit[0].data(), HasSubstr("\"incarnation\":2"));
  EXPECT_THAT(audit[0].data(), HasSubstr("\"after\":" + position));
  EXPECT_THAT(audit[0].data(), HasSubstr("acknowledged data is damaged"));
  // Once; and the flag is for one start.
  ASSERT_TRUE(daemon_->Terminate().ok());
  EXPECT_THAT(FailToStart({"--accept-data-loss=" + position}, kExitUsage),
              HasSubstr("no loss is to be accepted"));
  StartDaemon();
  EXPECT_EQ(ReadStream("$system").size(), 1u);
  EXPECT_EQ(Status().incarnation(), 2u);
}

// The programs for a folder whose daemon is stopped.
TEST_F(DataLossTest, IsSeenByVerifyAndDoctorWithoutAStart) {
  KillWithOrders();
  EXPECT_THAT(RunOffline({"verify"}, 0), HasSubstr(" 0 errors"));
  EXPECT_THAT(RunOffline({"doctor"}, 0), HasSubstr("nothing is wrong"));
  EXPECT_THAT(RunOffline({"doctor", "--free-ballast"}, 0), HasSubstr("freed"));
  EXPECT_FALSE(fs::exists(folder_ / "data/ballast"));
  FlipByteInTheMiddle(NewestWal());
  EXPECT_THAT(RunOffline({"verify"}, kExitDataDamaged), HasSubstr("acknowledged data is damaged"));
  EXPECT_THAT(RunOffline({"doctor"}, kExitDataDamaged), HasSubstr("acknowledged data is damaged"));
  EXPECT_THAT(RunOffline({"verify", "--data", folder_ / "nowhere"}, kExitUsage),
              HasSubstr("is not a data folder"));
}

TEST_F(DataLossTest, IsFoundByVerifyInATableFileToo) {
  KillWithOrders();
  StartDaemon();  // what was in the write-ahead log is in table files now
  ASSERT_TRUE(daemon_->Terminate().ok());
  std::string table;
  for (const auto& entry : fs::directory_iterator(folder_ / "data/log")) {
    if (entry.path().extension() == ".sst") table = entry.path().string();
  }
  ASSERT_FALSE(table.empty());
  std::fstream file(table, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(10);
  file.put('?');
  file.close();
  EXPECT_THAT(RunOffline({"verify"}, kExitDataDamaged), HasSubstr("is not what was written"));
}

TEST_F(DataLossTest, IsLookedForByTheServerItself) {
  StartDaemon();
  RegisterOrders();
  ASSERT_TRUE(AppendOrder("order-1", R"({"total": 5})").ok());
  const auto context = Context();
  const auto reader = admin_->VerifyLog(context.get(), {});
  admin::v1::VerifyLogResponse last;
  for (admin::v1::VerifyLogResponse next; reader->Read(&next);) last = next;
  const grpc::Status status = reader->Finish();
  ASSERT_TRUE(status.ok()) << status.error_code() << " " << status.error_message();
  EXPECT_TRUE(last.done());
  EXPECT_EQ(last.errors(), 0u);
  EXPECT_EQ(last.position(), Status().head());
}

TEST_F(DataLossTest, RefusesToBeginANewLogWhereTheOldOneWas) {
  KillWithOrders();
  fs::remove_all(folder_ / "data/log");
  EXPECT_THAT(FailToStart({}, kExitDataDamaged), HasSubstr("the log is gone"));
  EXPECT_FALSE(fs::exists(folder_ / "data/log/CURRENT"));
}

}  // namespace
}  // namespace nexus::integration
