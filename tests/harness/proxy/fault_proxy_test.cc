#include "harness/proxy/fault_proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "gtest/gtest.h"

namespace nexus::harness {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

class FaultProxyTest : public ::testing::Test {
 protected:
  FaultProxyTest() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = Loopback(0);
    socklen_t size = sizeof(address);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 4);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    proxy_ = std::make_unique<FaultProxy>(ntohs(address.sin_port));
    client_ = Connect();
    server_ = ::accept(listener_, nullptr, nullptr);
  }
  ~FaultProxyTest() override {
    for (const int fd : {listener_, client_, server_}) ::close(fd);
  }
  int Connect() {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = Loopback(proxy_->port());
    EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    return fd;
  }
  static void Say(int fd, const std::string& text) {
    EXPECT_EQ(::send(fd, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  static std::string Hear(int fd) {
    char bytes[64];
    const ssize_t got = ::recv(fd, bytes, sizeof(bytes), 0);
    return got < 0 ? (errno == ECONNRESET ? "reset" : "error")
                   : std::string(bytes, static_cast<size_t>(got));
  }
  static bool Silent(int fd) {
    pollfd polled{fd, POLLIN, 0};
    return ::poll(&polled, 1, 50) == 0;
  }

  int listener_;
  std::unique_ptr<FaultProxy> proxy_;
  int client_ = -1;
  int server_ = -1;
};

TEST_F(FaultProxyTest, PassesBothWays) {
  Say(client_, "question");
  EXPECT_EQ(Hear(server_), "question");
  Say(server_, "answer");
  EXPECT_EQ(Hear(client_), "answer");
  EXPECT_EQ(proxy_->bytes_passed(), 8u);
}

TEST_F(FaultProxyTest, ResetsBothSides) {
  Say(client_, "x");
  EXPECT_EQ(Hear(server_), "x");
  proxy_->ResetAll();
  EXPECT_EQ(Hear(client_), "reset");
  EXPECT_EQ(Hear(server_), "reset");
}

TEST_F(FaultProxyTest, HoldsAnswersBackAndLetsThemGo) {
  proxy_->HoldAnswers(true);
  Say(client_, "question");
  EXPECT_EQ(Hear(server_), "question");
  Say(server_, "answer");
  EXPECT_TRUE(Silent(client_));
  proxy_->HoldAnswers(false);
  EXPECT_EQ(Hear(client_), "answer");
}

TEST_F(FaultProxyTest, SwallowsNothingInABlackhole) {
  proxy_->Blackhole(true);
  Say(client_, "question");
  EXPECT_TRUE(Silent(server_));
  proxy_->Blackhole(false);
  EXPECT_EQ(Hear(server_), "question");
}

TEST_F(FaultProxyTest, LeavesTheClientAloneWhenTheServerIsGone) {
  Say(client_, "x");
  EXPECT_EQ(Hear(server_), "x");
  proxy_->HalfOpen();
  EXPECT_EQ(Hear(server_), "reset");
  Say(client_, "into the void");
  EXPECT_TRUE(Silent(client_));
  const int other = Connect();
  const int its_server = ::accept(listener_, nullptr, nullptr);
  Say(other, "y");
  EXPECT_EQ(Hear(its_server), "y");
  for (const int fd : {other, its_server}) ::close(fd);
}

TEST_F(FaultProxyTest, RefusesNewConnectionsOnly) {
  proxy_->Refuse(true);
  const int other = Connect();
  EXPECT_EQ(Hear(other), "reset");
  ::close(other);
  Say(client_, "x");
  EXPECT_EQ(Hear(server_), "x");
}

}  // namespace
}  // namespace nexus::harness
