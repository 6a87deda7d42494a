// A worker that decides at once: what a command costs more if it is decided elsewhere. bench/remote
// runs it.
//
//   remote_worker SERVER AGGREGATE EVENT [FORGETFUL]
//
// It keeps how many events each stream has, and answers each command with one event. With FORGETFUL
// it keeps nothing, and is sent every event each time.

#include <cstdio>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/client/client.h"
#include "nexus/client/command.h"
#include "nexus/core/random_ids.h"
#include "nexus/core/system_clock.h"

namespace nexus::bench {
namespace {

struct State {
  uint64_t events = 0;
};

class Worker {
 public:
  Worker(client::HandlerSession& session, std::string event, bool forgetful)
      : session_(session), event_(std::move(event)), forgetful_(forgetful) {}

  void Take(const v1::HandleResponse& message) {
    if (message.has_task()) {
      const v1::Task& task = message.task();
      stream_of_[task.task_id()] = task.stream();
      if (!task.has_state_revision()) states_[task.stream()] = State();
      Fold(task);
    } else if (message.has_task_events()) {
      Fold(message.task_events());
    }
  }

 private:
  template <typename Page>
  void Fold(const Page& page) {
    const auto stream = stream_of_.find(page.task_id());
    State& state = states_[stream->second];
    state.events += static_cast<uint64_t>(page.events_size());
    if (page.more_events()) return;
    v1::HandleRequest request;
    v1::TaskAnswer& answer = *request.mutable_answer();
    answer.set_task_id(page.task_id());
    answer.set_keeps_state(!forgetful_);
    v1::HandlerEvent& event = *answer.mutable_events()->add_events();
    event.set_type(event_);
    event.set_data(
        absl::StrCat(R"({"number":)", state.events, R"(,"note":")", std::string(180, 'n'), "\"}"));
    stream_of_.erase(stream);
    session_.Send(request);
  }

  client::HandlerSession& session_;
  const std::string event_;
  const bool forgetful_;
  std::map<std::string, std::string> stream_of_;  // by task
  std::map<std::string, State> states_;
};

int Run(const std::string& server, const std::string& aggregate, const std::string& event,
        bool forgetful) {
  SystemClock clock;
  RandomIds ids(clock);
  client::ClientOptions options;
  options.server = server;
  auto client = client::Client::Connect(options, clock, ids);
  if (!client.ok()) {
    std::fprintf(stderr, "%s\n", client.status().ToString().c_str());
    return 1;
  }
  v1::HandlerHello hello;
  hello.add_aggregates(aggregate);
  hello.set_tasks_max(256);
  hello.set_worker("bench");
  client::CommandClient commands(**client);
  const auto session = commands.Handle(hello);
  Worker worker(*session, event, forgetful);
  absl::Duration beat = clock.Monotonic();
  for (;;) {
    const auto message = session->Next();
    if (!message.ok()) {
      std::fprintf(stderr, "%s\n", message.status().ToString().c_str());
      return 1;
    }
    if (!message->has_value()) return 0;
    if ((*message)->has_welcome()) {
      std::printf("ready\n");
      std::fflush(stdout);
    }
    worker.Take(**message);
    if (clock.Monotonic() - beat < absl::Seconds(2)) continue;
    beat = clock.Monotonic();
    v1::HandleRequest request;
    request.mutable_heartbeat();
    session->Send(request);
  }
}

}  // namespace
}  // namespace nexus::bench

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "remote_worker SERVER AGGREGATE EVENT [FORGETFUL]\n");
    return 2;
  }
  return nexus::bench::Run(argv[1], argv[2], argv[3], argc > 4);
}
