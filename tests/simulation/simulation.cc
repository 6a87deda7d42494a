#include "simulation/simulation.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "history/check.h"
#include "simulation/client.h"
#include "simulation/world.h"

namespace nexus::simulation {
namespace {

constexpr uint64_t kStepsMax = 50'000;

class Run {
 public:
  Run(uint64_t seed, const SimulationOptions& options)
      : options_(options), world_(seed), store_(world_.chance, options.planted) {
    history::CommitMix mix;
    mix.hot_streams = static_cast<int>(world_.chance.Between(1, 3));
    mix.tags = 4;
    mix.repeat_one_in = 8;
    for (int i = 0; i < options.clients; ++i) {
      clients_.push_back(std::make_unique<Client>(static_cast<uint32_t>(i), world_, mix,
                                                  options.operations, i % 2 == 0));
    }
    subscribers_.push_back(std::make_unique<Subscriber>(100, world_, ""));
    subscribers_.push_back(std::make_unique<Subscriber>(101, world_, "hot-0"));
  }

  SimulationResult Go() {
    StartProcess();
    PlanFaults();
    for (const auto& client : clients_) client->Start();
    for (const auto& subscriber : subscribers_) subscriber->Start();
    while (world_.complaints.empty() && !AtRest()) {
      if (!world_.loop.Step() || world_.loop.steps() > kStepsMax) {
        ComplainOfUnrest();
        break;
      }
      EndFailedProcess();
      if (!mended_ && NobodyHasMoreToDo()) {
        mended_ = true;
        store_.Mend();
      }
    }
    return Judge();
  }

 private:
  void StartProcess() {
    world_.process = std::make_unique<Process>(world_.loop, ++owner_, world_.chance, world_.clock,
                                               store_, options_.planted);
    ending_ = false;
  }

  void PlanFaults() {
    const uint64_t crashes = world_.chance.Below(static_cast<uint64_t>(options_.crashes_max) + 1);
    for (uint64_t i = 0; i < crashes; ++i) {
      world_.loop.Post(kWorld, absl::Microseconds(world_.chance.Between(1, 6'000)), [this] {
        if (world_.process == nullptr) return;
        if (world_.process->log().syncing()) world_.chance.Reached("a crash during a sync");
        Crash();
      });
    }
    if (world_.chance.BuggifyRun("an orderly stop")) {
      world_.loop.Post(kWorld, absl::Microseconds(world_.chance.Between(1, 6'000)), [this] {
        if (world_.process == nullptr) return;
        world_.process->engine().Drain([this, owner = owner_] {
          world_.loop.Post(kWorld, absl::ZeroDuration(), [this, owner] {
            if (world_.process != nullptr && owner == owner_) Crash();
          });
        });
      });
    }
    if (world_.chance.BuggifyRun("the clock jumps")) {
      world_.loop.Post(kWorld, absl::Milliseconds(2), [this] {
        world_.clock.Jump(absl::Hours(24 * 365) * (world_.chance.OneIn(2) ? 1 : -1));
      });
    }
  }

  void Crash() {
    history_.crashes.push_back(world_.ticks.Next());
    for (const auto& client : clients_) client->OnCrash();
    for (const auto& subscriber : subscribers_) subscriber->OnCrash();
    world_.loop.Drop(owner_);
    world_.process.reset();
    if (world_.chance.OneIn(2)) {
      world_.chance.Reached("a power cut");
      store_.CutPower();
    } else {
      world_.chance.Reached("a kill");
      store_.Kill();
    }
    world_.loop.Post(kWorld, absl::Microseconds(world_.chance.Between(10, 2'000)),
                     [this] { StartProcess(); });
  }

  // After a failed write nothing can be known any more: the daemon stops itself.
  void EndFailedProcess() {
    if (world_.process == nullptr || ending_ || !world_.process->log().failed()) return;
    ending_ = true;
    world_.loop.Post(kWorld, absl::Microseconds(world_.chance.Below(100)), [this, owner = owner_] {
      if (world_.process != nullptr && owner == owner_) Crash();
    });
  }

  bool NobodyHasMoreToDo() const {
    return std::all_of(clients_.begin(), clients_.end(),
                       [](const auto& client) { return client->left() == 0; });
  }

  bool AtRest() const {
    return NobodyHasMoreToDo() && world_.process != nullptr && !world_.process->log().failed() &&
           std::all_of(clients_.begin(), clients_.end(),
                       [](const auto& client) { return client->done(); }) &&
           std::all_of(subscribers_.begin(), subscribers_.end(),
                       [](const auto& subscriber) { return subscriber->CaughtUp(); });
  }

  void ComplainOfUnrest() {
    for (const auto& client : clients_) {
      if (!client->done()) world_.Complain("a client was never answered");
    }
    for (const auto& subscriber : subscribers_) {
      if (!subscriber->CaughtUp()) {
        world_.Complain(absl::StrCat("a subscriber stopped at ", subscriber->seen()));
      }
    }
  }

  // The log as the next process finds it.
  std::vector<history::LoggedEvent> FinalEvents() {
    if (world_.process != nullptr) {
      history_.crashes.push_back(world_.ticks.Next());
      for (const auto& subscriber : subscribers_) subscriber->OnCrash();
      world_.loop.Drop(owner_);
      world_.process.reset();
      store_.CutPower();
    }
    StartProcess();
    while (true) {
      auto events = history::ReadLog(world_.process->log());
      if (events.ok()) return *std::move(events);
    }
  }

  SimulationResult Judge() {
    SimulationResult result;
    result.steps = world_.loop.steps();
    result.trace = world_.loop.trace();
    history_.log = FinalEvents();
    for (const auto& client : clients_) history_.Add(client->TakeJournal());
    for (const auto& subscriber : subscribers_) history_.Add(subscriber->TakeJournal());
    for (const std::string& complaint : world_.complaints) {
      absl::StrAppend(&result.faults, complaint, "\n");
    }
    absl::StrAppend(&result.faults, history::Check(history_).ToString());
    result.events = history_.log.size();
    result.coverage = world_.chance.coverage();
    world_.loop.Drop(owner_);
    return result;
  }

  const SimulationOptions options_;
  World world_;
  SimulatedStore store_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
  EventLoop::Owner owner_ = kWorld;
  bool ending_ = false;
  bool mended_ = false;
  history::History history_;
};

}  // namespace

SimulationResult Simulate(uint64_t seed, const SimulationOptions& options) {
  return Run(seed, options).Go();
}

}  // namespace nexus::simulation
