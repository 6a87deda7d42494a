#include "harness/nats/nats_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "fake/eventually.h"
#include "harness/nexusd/free_port.h"
#include "nexus/core/status_macros.h"

namespace nexus::harness {
namespace {

constexpr char kProgram[] = "/usr/sbin/nats-server";
constexpr absl::Duration kStart = absl::Seconds(60);

// Whether the server greets who connects.
bool Greets(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  const timeval limit{2, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  char greeting[5] = "";
  const bool greeted = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
                       ::recv(fd, greeting, 4, MSG_WAITALL) == 4 && std::string(greeting) == "INFO";
  ::close(fd);
  return greeted;
}

}  // namespace

absl::Status NatsServer::FindPrograms() {
  if (access(kProgram, X_OK) == 0) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat("NATS (", kProgram, ") is missing: run scripts/install test"));
}

absl::StatusOr<std::unique_ptr<NatsServer>> NatsServer::Start(const Options& options) {
  NEXUS_RETURN_IF_ERROR(FindPrograms());
  std::unique_ptr<NatsServer> server(new NatsServer(FreePort()));
  NEXUS_RETURN_IF_ERROR(server->RestartWith(options));
  return server;
}

std::string NatsServer::address() const { return absl::StrCat("127.0.0.1:", port_); }

void NatsServer::WriteConfig(const Options& options) {
  std::string config = absl::StrCat("listen: \"127.0.0.1:", port_, "\"\n", options.extra_config);
  if (options.jetstream) {
    absl::StrAppend(&config, "jetstream { store_dir: \"", folder_ / "data",
                    "\", max_mem: 64MB, max_file: 8GB }\n");
  }
  std::ofstream(folder_ / "server.conf") << config;
}

absl::Status NatsServer::RestartWith(const Options& options) {
  Kill();
  WriteConfig(options);
  return Restart();
}

absl::Status NatsServer::Restart() {
  ChildOptions options;
  options.command = {kProgram, "-c", folder_ / "server.conf"};
  NEXUS_ASSIGN_OR_RETURN(child_, ChildProcess::Start(options));
  return WaitUntilReady();
}

absl::Status NatsServer::WaitUntilReady() {
  const bool ready = fake::Eventually(
      [this] {
        return !child_->Running() ||
               (absl::StrContains(child_->Output(), "Server is ready") && Greets(port_));
      },
      kStart);
  if (ready && child_->Running()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("NATS does not start\n", child_->Output()));
}

void NatsServer::Kill() {
  if (!child_) return;
  kill(-child_->pid(), SIGKILL);
  child_->WaitForExit(kStart).IgnoreError();
  child_.reset();
}

void NatsServer::Stop() {
  if (!child_) return;
  child_->Signal(SIGTERM);
  child_->WaitForExit(kStart).IgnoreError();
  child_.reset();
}

void NatsServer::Pause() { kill(-child_->pid(), SIGSTOP); }
void NatsServer::GoOn() { kill(-child_->pid(), SIGCONT); }

}  // namespace nexus::harness
