#include "harness/rabbitmq/rabbitmq_server.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "fake/eventually.h"
#include "harness/nexusd/free_port.h"
#include "harness/rabbitmq/rabbitmq_reader.h"
#include "nexus/core/status_macros.h"

namespace nexus::harness {
namespace {

// Debian's wrappers in /usr/sbin change the user; these are what they call.
constexpr char kServer[] = "/usr/lib/rabbitmq/bin/rabbitmq-server";
constexpr char kControl[] = "/usr/lib/rabbitmq/bin/rabbitmqctl";
constexpr char kMapper[] = "/usr/bin/epmd";
constexpr absl::Duration kStart = absl::Seconds(90);  // sanitizers and a busy machine are slow

void WriteFile(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

absl::Status Failed(absl::string_view what, const std::string& output) {
  return absl::UnavailableError(absl::StrCat("RabbitMQ: ", what, "\n", output));
}

}  // namespace

absl::Status RabbitMqServer::FindPrograms() {
  for (const char* program : {kServer, kControl, kMapper}) {
    if (access(program, X_OK) == 0) continue;
    return absl::NotFoundError(
        absl::StrCat("RabbitMQ (", program, ") is missing: run scripts/install test"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<RabbitMqServer>> RabbitMqServer::Start(const Options& options) {
  NEXUS_RETURN_IF_ERROR(FindPrograms());
  const bool tls = !options.certificate.empty();
  std::unique_ptr<RabbitMqServer> server(
      new RabbitMqServer(FreePort(), tls ? FreePort() : 0, FreePort(), FreePort()));
  server->WriteConfig(options);
  NEXUS_RETURN_IF_ERROR(server->StartMapper());
  NEXUS_RETURN_IF_ERROR(server->Restart());
  return server;
}

RabbitMqServer::~RabbitMqServer() { Kill(); }

std::string RabbitMqServer::address() const { return absl::StrCat("127.0.0.1:", port_); }

void RabbitMqServer::WriteConfig(const Options& options) {
  std::string config =
      absl::StrCat("listeners.tcp.1 = 127.0.0.1:", port_,
                   "\nlog.console = true\nlog.console.level = warning\nlog.file = false\n",
                   // It must not find a small disk or a busy machine's memory too small for a test.
                   "disk_free_limit.absolute = 1MB\nvm_memory_high_watermark.relative = 0.9\n",
                   options.extra_config);
  if (tls_port_ != 0) {
    WriteFile(folder_ / "server.pem", options.certificate);
    WriteFile(folder_ / "server.key", options.key);
    absl::StrAppend(&config, "listeners.ssl.1 = 127.0.0.1:", tls_port_,
                    "\nssl_options.certfile = ", folder_ / "server.pem",
                    "\nssl_options.keyfile = ", folder_ / "server.key", "\n");
    if (!options.client_ca.empty()) {
      WriteFile(folder_ / "ca.pem", options.client_ca);
      absl::StrAppend(&config, "ssl_options.cacertfile = ", folder_ / "ca.pem",
                      "\nssl_options.verify = verify_peer\n"
                      "ssl_options.fail_if_no_peer_cert = true\n");
    }
  }
  WriteFile(folder_ / "rabbitmq.conf", config);
  WriteFile(folder_ / "enabled_plugins", "[].\n");
  // Broker and control program would each make one of their own.
  WriteFile(folder_ / ".erlang.cookie", absl::StrCat("nexus", getpid(), "x", port_));
  chmod((folder_ / ".erlang.cookie").c_str(), S_IRUSR);
}

std::vector<std::pair<std::string, std::string>> RabbitMqServer::Environment() const {
  return {
      {"HOME", folder_.path()},  // where the cookie is
      {"ERL_EPMD_PORT", absl::StrCat(mapper_port_)},
      {"ERL_EPMD_ADDRESS", "127.0.0.1"},
      {"RABBITMQ_NODENAME", "nexus@localhost"},
      {"RABBITMQ_DIST_PORT", absl::StrCat(node_port_)},
      {"RABBITMQ_MNESIA_BASE", folder_ / "data"},
      {"RABBITMQ_LOG_BASE", folder_ / "log"},
      {"RABBITMQ_CONFIG_FILE", folder_ / "rabbitmq.conf"},
      {"RABBITMQ_ENABLED_PLUGINS_FILE", folder_ / "enabled_plugins"},
      {"RABBITMQ_CONF_ENV_FILE", folder_ / "none"},
      // The start script becomes the broker, which so ends with this process whatever happens.
      {"RABBITMQ_ALLOW_INPUT", "1"},
      {"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
       "-noinput -start_epmd false -kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none"},
      {"RABBITMQ_CTL_ERL_ARGS", "-start_epmd false"},
  };
}

// In the foreground: one that the broker starts by itself would outlive it.
absl::Status RabbitMqServer::StartMapper() {
  ChildOptions options;
  options.command = {kMapper, "-port", absl::StrCat(mapper_port_), "-address", "127.0.0.1"};
  NEXUS_ASSIGN_OR_RETURN(mapper_, ChildProcess::Start(options));
  ChildOptions names;
  names.command = {kMapper, "-port", absl::StrCat(mapper_port_), "-names"};
  const absl::Time deadline = absl::Now() + kStart;
  while (absl::Now() < deadline && mapper_->Running()) {
    NEXUS_ASSIGN_OR_RETURN(const std::unique_ptr<ChildProcess> asks, ChildProcess::Start(names));
    NEXUS_ASSIGN_OR_RETURN(const ExitStatus exit, asks->WaitForExit(kStart));
    if (exit.Succeeded()) return absl::OkStatus();
  }
  return Failed("the port mapper does not answer", mapper_->Output());
}

void RabbitMqServer::Kill() {
  if (!broker_) return;
  kill(-broker_->pid(), SIGKILL);
  broker_->WaitForExit(kStart).IgnoreError();
  broker_.reset();
}

void RabbitMqServer::Stop() {
  if (!broker_) return;
  broker_->Signal(SIGTERM);
  broker_->WaitForExit(kStart).IgnoreError();
  broker_.reset();
}

absl::Status RabbitMqServer::Restart() {
  ChildOptions options;
  options.command = {kServer};
  options.environment = Environment();
  NEXUS_ASSIGN_OR_RETURN(broker_, ChildProcess::Start(options));
  return WaitUntilReady();
}

void RabbitMqServer::Pause() { kill(-broker_->pid(), SIGSTOP); }
void RabbitMqServer::GoOn() { kill(-broker_->pid(), SIGCONT); }

absl::StatusOr<std::string> RabbitMqServer::Control(const std::vector<std::string>& arguments) {
  ChildOptions options;
  options.command = {kControl, "-q", "-n", "nexus@localhost"};
  options.command.insert(options.command.end(), arguments.begin(), arguments.end());
  options.environment = Environment();
  NEXUS_ASSIGN_OR_RETURN(const std::unique_ptr<ChildProcess> control, ChildProcess::Start(options));
  NEXUS_ASSIGN_OR_RETURN(const ExitStatus exit, control->WaitForExit(kStart));
  if (!exit.Succeeded()) return Failed("rabbitmqctl failed", control->Output());
  return control->Output();
}

// It opens its port when all else is done. (The control program is told to wait in vain now and
// then.)
absl::Status RabbitMqServer::WaitUntilReady() {
  const bool ready = fake::Eventually(
      [this] { return RabbitMqReader::Connect(port_).ok() || !broker_->Running(); }, kStart);
  if (!broker_->Running()) return Failed("ended", broker_->Output());
  return ready ? absl::OkStatus() : Failed("does not answer", broker_->Output());
}

}  // namespace nexus::harness
