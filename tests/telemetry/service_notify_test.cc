#include "telemetry/service_notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "fake/temp_folder.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus::telemetry {
namespace {

// What systemd is to a service.
class Receiver {
 public:
  explicit Receiver(const std::string& name) : fd_(socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&address), length), 0);
  }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;
  ~Receiver() { close(fd_); }

  std::string Receive() {
    char bytes[1'024];
    const ssize_t n = recv(fd_, bytes, sizeof(bytes), MSG_DONTWAIT);
    return n < 0 ? "nothing" : std::string(bytes, static_cast<size_t>(n));
  }

 private:
  const int fd_;
};

TEST(ServiceNotifierTest, SendsOneDatagramToAPath) {
  fake::TempFolder folder;
  Receiver manager(folder.At("notify"));
  ASSERT_TRUE(ServiceNotifier(folder.At("notify")).Notify("READY=1\nSTATUS=serving").ok());
  EXPECT_EQ(manager.Receive(), "READY=1\nSTATUS=serving");
  EXPECT_EQ(manager.Receive(), "nothing");
}

TEST(ServiceNotifierTest, SendsToAnAbstractName) {
  const std::string name = absl::StrCat("@nexus-test-", getpid());
  Receiver manager(name);
  ASSERT_TRUE(ServiceNotifier(name).Notify("STOPPING=1").ok());
  EXPECT_EQ(manager.Receive(), "STOPPING=1");
}

TEST(ServiceNotifierTest, DoesNothingWhereNobodyListens) {
  EXPECT_TRUE(ServiceNotifier("").Notify("READY=1").ok());
}

TEST(ServiceNotifierTest, SaysWhyItCannot) {
  EXPECT_EQ(ReasonOf(ServiceNotifier("/absent/socket").Notify("READY=1")), ErrorReason::kInternal);
  EXPECT_EQ(ReasonOf(ServiceNotifier(std::string(500, 'x')).Notify("READY=1")),
            ErrorReason::kInternal);
}

}  // namespace
}  // namespace nexus::telemetry
