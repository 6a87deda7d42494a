#include "harness/kafka/kafka_server.h"

#include <librdkafka/rdkafka.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "harness/nexusd/free_port.h"
#include "nexus/core/status_macros.h"
#include "sink/kafka/kafka_producer.h"
#include "sink/kafka/kafka_topic.h"

namespace nexus::harness {
namespace {

constexpr absl::string_view kVersion = "3.9.1";
// Sixteen bytes in base64, as Kafka wants it.
constexpr absl::string_view kClusterId = "nexusTestClusterAAAAAA";
constexpr absl::Duration kStart = absl::Seconds(90);  // sanitizers and a busy machine are slow

std::string JarFolder() {
  const char* tools = std::getenv("NEXUS_TOOLS");
  const char* home = std::getenv("HOME");
  const std::string root = tools != nullptr && *tools != '\0'
                               ? std::string(tools)
                               : absl::StrCat(home != nullptr ? home : "", "/.cache/nexus/tools");
  return absl::StrCat(root, "/kafka-", kVersion, "/lib");
}

std::string FindJava() {
  const char* path = std::getenv("PATH");
  for (const auto& folder : std::vector<std::string>(
           absl::StrSplit(path != nullptr ? path : "", ':', absl::SkipEmpty()))) {
    const std::string program = folder + "/java";
    if (access(program.c_str(), X_OK) == 0) return program;
  }
  return "";
}

std::vector<std::string> JavaCommand(const std::string& folder) {
  return {FindJava(),
          "-Xms256m",
          "-Xmx256m",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          absl::StrCat("-Dlog4j.configuration=file:", folder, "/log4j.properties"),
          "-cp",
          absl::StrCat(JarFolder(), "/*")};
}

std::string Properties(const std::string& folder, const std::string& controller,
                       const std::string& listeners) {
  return absl::StrCat(
      "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@", controller,
      listeners,
      "offsets.topic.replication.factor=1\ntransaction.state.log.replication.factor=1\n"
      "transaction.state.log.min.isr=1\noffsets.topic.num.partitions=1\n"
      "transaction.state.log.num.partitions=1\ngroup.initial.rebalance.delay.ms=0\n"
      "num.network.threads=2\nnum.io.threads=2\nauto.create.topics.enable=false\n"
      "broker.session.timeout.ms=3000\nlog.dirs=",
      folder, "/data\n");
}

void WriteFile(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

absl::Status Failed(absl::string_view what, const std::string& output) {
  return absl::UnavailableError(absl::StrCat("Kafka: ", what, "\n", output));
}

}  // namespace

absl::Status KafkaServer::FindPrograms() {
  if (!std::filesystem::is_directory(JarFolder()) || FindJava().empty()) {
    return absl::NotFoundError(absl::StrCat("Kafka ", kVersion, " (", JarFolder(),
                                            ") or Java is missing: run scripts/install test"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<KafkaServer>> KafkaServer::Start(int proxied_port, int proxy_port) {
  return Start(Addresses{.proxied = proxied_port, .proxy = proxy_port});
}

absl::StatusOr<std::unique_ptr<KafkaServer>> KafkaServer::Start(Addresses addresses) {
  NEXUS_RETURN_IF_ERROR(FindPrograms());
  std::unique_ptr<KafkaServer> server(new KafkaServer(std::move(addresses)));
  NEXUS_RETURN_IF_ERROR(server->Format());
  NEXUS_RETURN_IF_ERROR(server->Restart());
  return server;
}

absl::StatusOr<std::unique_ptr<KafkaServer>> KafkaServer::StartSecured(std::string user,
                                                                       std::string password) {
  return Start(
      Addresses{.secured = FreePort(), .user = std::move(user), .password = std::move(password)});
}

std::string KafkaServer::brokers() const { return absl::StrCat("127.0.0.1:", at_.port); }
std::string KafkaServer::secured_brokers() const { return absl::StrCat("127.0.0.1:", at_.secured); }
std::string KafkaServer::Controller() const { return absl::StrCat("127.0.0.1:", at_.controller); }

void KafkaServer::SetPassword(std::string password) {
  at_.password = std::move(password);
  WriteProperties();
}

// Where it listens, and what it tells clients: each address those that came there.
std::string KafkaServer::Listeners(const Addresses& at) {
  const std::string direct = absl::StrCat("PLAINTEXT://127.0.0.1:", at.port);
  const std::string secured =
      at.secured == 0 ? "" : absl::StrCat(",SECURED://127.0.0.1:", at.secured);
  const bool proxied = at.proxy != 0;
  return absl::StrCat(
      "\nlisteners=", direct, ",CONTROLLER://127.0.0.1:", at.controller, secured,
      proxied ? absl::StrCat(",PROXIED://127.0.0.1:", at.proxied) : "",
      "\nadvertised.listeners=", direct, secured,
      proxied ? absl::StrCat(",PROXIED://127.0.0.1:", at.proxy) : "",
      "\ncontroller.listener.names=CONTROLLER\ninter.broker.listener.name=PLAINTEXT\n"
      "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,"
      "SECURED:SASL_PLAINTEXT\n");
}

// Whoever comes to the other addresses is anonymous and may do everything.
std::string KafkaServer::Security(const Addresses& at) {
  if (at.secured == 0) return "";
  return absl::StrCat(
      "sasl.enabled.mechanisms=PLAIN\nlistener.name.secured.plain.sasl.jaas.config="
      "org.apache.kafka.common.security.plain.PlainLoginModule required user_",
      at.user, "=\"", at.password,
      "\";\nauthorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n"
      "super.users=User:ANONYMOUS\n");
}

void KafkaServer::WriteProperties() const {
  WriteFile(folder_ / "server.properties",
            absl::StrCat(Properties(folder_.path(), Controller(), Listeners(at_)), Security(at_)));
}

absl::Status KafkaServer::Format() {
  WriteFile(folder_ / "log4j.properties",
            "log4j.rootLogger=WARN, stdout\n"
            "log4j.appender.stdout=org.apache.log4j.ConsoleAppender\n"
            "log4j.appender.stdout.layout=org.apache.log4j.PatternLayout\n"
            "log4j.appender.stdout.layout.ConversionPattern=%d %p %m (%c)%n\n");
  WriteProperties();
  ChildOptions options;
  options.command = JavaCommand(folder_.path());
  for (const std::string& argument :
       {std::string("kafka.tools.StorageTool"), std::string("format"), std::string("-t"),
        std::string(kClusterId), std::string("-c"), folder_ / "server.properties"}) {
    options.command.push_back(argument);
  }
  NEXUS_ASSIGN_OR_RETURN(const std::unique_ptr<ChildProcess> format, ChildProcess::Start(options));
  NEXUS_ASSIGN_OR_RETURN(const ExitStatus exit, format->WaitForExit(kStart));
  return exit.Succeeded() ? absl::OkStatus() : Failed("format failed", format->Output());
}

void KafkaServer::Kill() {
  if (!child_) return;
  child_->Signal(SIGKILL);
  child_->WaitForExit(kStart).IgnoreError();
  child_.reset();
}

absl::Status KafkaServer::Stop() {
  if (!child_) return absl::OkStatus();
  child_->Signal(SIGTERM);
  const absl::StatusOr<ExitStatus> exit = child_->WaitForExit(kStart);
  if (!exit.ok()) return Failed("does not stop", child_->Output());
  child_.reset();
  return absl::OkStatus();
}

void KafkaServer::Pause() { child_->Signal(SIGSTOP); }
void KafkaServer::GoOn() { child_->Signal(SIGCONT); }

absl::Status KafkaServer::Restart() {
  ChildOptions options;
  options.command = JavaCommand(folder_.path());
  options.command.push_back("kafka.Kafka");
  options.command.push_back(folder_ / "server.properties");
  NEXUS_ASSIGN_OR_RETURN(child_, ChildProcess::Start(options));
  return WaitUntilReady(kStart);
}

absl::Status KafkaServer::WaitUntilReady(absl::Duration timeout) {
  NEXUS_ASSIGN_OR_RETURN(
      const auto client,
      sink::KafkaProducer::Create(
          {{"bootstrap.servers", brokers()}, {"reconnect.backoff.max.ms", "200"}}, "none"));
  const absl::Time deadline = absl::Now() + timeout;
  while (absl::Now() < deadline) {
    if (!child_->Running()) return Failed("ended", child_->Output());
    const rd_kafka_metadata_t* metadata = nullptr;
    // Waits for a broker by itself.
    if (rd_kafka_metadata(client->handle(), 0, nullptr, &metadata, 500) !=
        RD_KAFKA_RESP_ERR_NO_ERROR) {
      continue;
    }
    const bool ready = metadata->broker_cnt > 0;
    rd_kafka_metadata_destroy(metadata);
    if (ready) return absl::OkStatus();
  }
  return Failed("does not answer", child_->Output());
}

absl::Status KafkaServer::CreateTopic(const std::string& topic, int partitions) {
  return sink::CreateKafkaTopic({{"bootstrap.servers", brokers()}}, {topic, partitions, 1},
                                absl::Seconds(30));
}

absl::Status KafkaServer::SetTopic(
    const std::string& topic, const std::vector<std::pair<std::string, std::string>>& settings) {
  NEXUS_ASSIGN_OR_RETURN(const auto client,
                         sink::KafkaProducer::Create({{"bootstrap.servers", brokers()}}, topic));
  rd_kafka_ConfigResource_t* resource =
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
  for (const auto& [name, value] : settings) {
    rd_kafka_ConfigResource_set_config(resource, name.c_str(), value.c_str());
  }
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client->handle());
  rd_kafka_AlterConfigs(client->handle(), &resource, 1, nullptr, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 30'000);
  absl::Status status = absl::UnavailableError("the broker does not answer");
  if (event != nullptr && rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    size_t count = 0;
    const rd_kafka_ConfigResource_t** done =
        rd_kafka_AlterConfigs_result_resources(rd_kafka_event_AlterConfigs_result(event), &count);
    const bool good =
        count == 1 && rd_kafka_ConfigResource_error(done[0]) == RD_KAFKA_RESP_ERR_NO_ERROR;
    status = good ? absl::OkStatus() : absl::UnavailableError("the topic does not take it");
  }
  if (event != nullptr) rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_ConfigResource_destroy(resource);
  return status;
}

}  // namespace nexus::harness
