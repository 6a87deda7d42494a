#include "history/made_history.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "history/commit_maker.h"

namespace nexus::history {
namespace {

// The rules of appending once more, over a vector.
class ModelLog {
 public:
  absl::StatusOr<CommitReceipt> Decide(const Commit& commit) {
    if (const auto known = commits_.find(commit.id); known != commits_.end()) {
      CommitReceipt receipt = known->second;
      receipt.repeated = true;
      return receipt;
    }
    if (const CommitReceipt* same = FindByEvents(commit); same != nullptr) {
      CommitReceipt receipt = *same;
      receipt.repeated = true;
      return receipt;
    }
    ErrorDetails details;
    for (const CommitEvent& entry : commit.events) {
      const std::string& stream = commit.streams[entry.stream_index].name.str();
      const auto taken = ids_.find(std::make_pair(stream, entry.event.id));
      if (taken == ids_.end()) continue;
      details.taken_event_ids.push_back({stream, entry.event.id, Revision(taken->second)});
    }
    for (const CommitStream& stream : commit.streams) {
      const std::optional<Revision> last = Last(stream.name.str());
      if (stream.expected.Holds(last)) continue;
      details.failed_expectations.push_back({stream.name.str(), stream.expected, last});
    }
    for (uint32_t i = 0; i < commit.conditions.size(); ++i) {
      const auto match = FirstMatch(commit.conditions[i]);
      if (match.has_value()) details.failed_conditions.push_back({i, Position(*match)});
    }
    details.reason = ReasonOf(details);
    if (details.reason != ErrorReason::kUnspecified) return MakeError("refused", details);
    return Store(commit);
  }

  const std::vector<LoggedEvent>& events() const { return events_; }
  const std::vector<uint64_t>& stream(const std::string& name) { return streams_[name]; }
  SeenEvent SeenAt(uint64_t position) const {
    const LoggedEvent& event = events_[position - 1];
    return {event.position, event.revision, event.digest};
  }

 private:
  // The commit of exactly these events; null if there is none.
  const CommitReceipt* FindByEvents(const Commit& commit) const {
    const std::string& stream = commit.streams[commit.events[0].stream_index].name.str();
    const auto first = ids_.find(std::make_pair(stream, commit.events[0].event.id));
    if (first == ids_.end()) return nullptr;
    const uint64_t position = streams_.at(stream)[first->second];
    const CommitReceipt& receipt = commits_.at(events_[position - 1].commit);
    const AppendCall call = Begin(0, 0, commit);
    if (receipt.first.value != position ||
        receipt.last.value - position + 1 != call.events.size()) {
      return nullptr;
    }
    for (size_t i = 0; i < call.events.size(); ++i) {
      if (events_[position - 1 + i].digest != call.events[i].digest) return nullptr;
    }
    return &receipt;
  }

  static ErrorReason ReasonOf(const ErrorDetails& details) {
    if (!details.taken_event_ids.empty()) return ErrorReason::kEventIdTaken;
    if (!details.failed_expectations.empty()) return ErrorReason::kRevisionConflict;
    if (!details.failed_conditions.empty()) return ErrorReason::kAppendConditionFailed;
    return ErrorReason::kUnspecified;
  }

  std::optional<Revision> Last(const std::string& stream) {
    const std::vector<uint64_t>& positions = streams_[stream];
    if (positions.empty()) return std::nullopt;
    return Revision(positions.size() - 1);
  }

  std::optional<uint64_t> FirstMatch(const AppendCondition& condition) const {
    for (uint64_t at = condition.after.value; at < events_.size(); ++at) {
      const LoggedEvent& event = events_[at];
      const std::vector<absl::string_view> tags(event.tags.begin(), event.tags.end());
      if (condition.fail_if_match.Matches({event.stream, event.type, tags, event.correlation})) {
        return at + 1;
      }
    }
    return std::nullopt;
  }

  CommitReceipt Store(const Commit& commit) {
    CommitReceipt receipt;
    receipt.id = commit.id;
    receipt.first = Position(events_.size() + 1);
    for (const CommitStream& stream : commit.streams)
      receipt.streams.push_back({stream.name, {}, {}, 0});
    const AppendCall call = Begin(0, 0, commit);
    for (size_t i = 0; i < commit.events.size(); ++i) {
      const Event& event = commit.events[i].event;
      StreamOutcome& outcome = receipt.streams[commit.events[i].stream_index];
      const std::string& name = outcome.stream.str();
      std::vector<uint64_t>& positions = streams_[name];
      outcome.last = Revision(positions.size());
      if (outcome.events++ == 0) outcome.first = outcome.last;
      ids_.emplace(std::make_pair(name, event.id), positions.size());
      positions.push_back(events_.size() + 1);
      events_.push_back({events_.size() + 1, outcome.last.value, name, event.id, commit.id,
                         event.type, event.tags, "", Timestamp{1}, call.events[i].digest});
    }
    receipt.last = Position(events_.size());
    commits_.emplace(commit.id, receipt);
    return receipt;
  }

  std::vector<LoggedEvent> events_;
  absl::flat_hash_map<std::string, std::vector<uint64_t>> streams_;
  absl::flat_hash_map<std::pair<std::string, EventId>, uint64_t> ids_;
  absl::flat_hash_map<CommitId, CommitReceipt> commits_;
};

// One client: a call is invoked, takes effect, and returns, at three different steps.
struct Client {
  Client(uint32_t number, uint64_t seed) : maker(number, seed, {}) {}

  CommitMaker maker;
  std::optional<Commit> commit;  // of the append under way
  std::optional<Commit> retry;   // of an unknown outcome
  AppendCall append;
  std::optional<absl::StatusOr<CommitReceipt>> verdict;
  std::optional<ReadCall> read;
  bool applied = false;
};

class Maker {
 public:
  explicit Maker(const MadeOptions& options) : options_(options), random_(options.seed) {
    for (int i = 0; i < options.clients; ++i) {
      clients_.push_back(std::make_unique<Client>(static_cast<uint32_t>(i), random_.Next()));
    }
    sessions_.push_back(Session{});
  }

  History Run() {
    const size_t until_crash =
        options_.operations / (static_cast<size_t>(options_.crashes) + 1) + 1;
    size_t next_crash = until_crash;
    while (invoked_ < options_.operations) {
      Step(*clients_[random_.Below(clients_.size())]);
      if (random_.OneIn(20)) Deliver();
      if (invoked_ < next_crash) continue;
      Crash();
      next_crash += until_crash;
    }
    for (const auto& client : clients_) {
      while (client->commit.has_value() || client->read.has_value()) Step(*client);
    }
    Deliver();
    history_.calls.sessions = std::move(sessions_);
    history_.log = log_.events();
    return std::move(history_);
  }

 private:
  void Step(Client& client) {
    if (client.commit.has_value() || client.read.has_value()) {
      if (client.applied) return Return(client);
      return Apply(client);
    }
    ++invoked_;
    client.applied = false;
    const auto number = static_cast<uint32_t>(invoked_ % 1'000);
    if (!client.retry.has_value() && random_.OneIn(4)) {
      client.read = NewRead(client);
      client.read->client = number;
      client.read->invoked = ticks_.Next();
      return;
    }
    client.commit = client.retry.has_value() ? *std::move(client.retry) : client.maker.Next();
    client.retry.reset();
    client.append = Begin(number, ticks_.Next(), *client.commit);
  }

  ReadCall NewRead(Client& client) {
    ReadCall read;
    if (!random_.OneIn(3)) read.stream = client.maker.AnyStream();
    read.direction = random_.OneIn(2) ? Direction::kForward : Direction::kBackward;
    read.from = random_.Below(log_.events().size() + 2);
    return read;
  }

  void Apply(Client& client) {
    client.applied = true;
    if (client.commit.has_value()) {
      client.verdict = log_.Decide(*client.commit);
    } else {
      Show(*client.read);
    }
  }

  void Show(ReadCall& read) {
    const uint64_t head = log_.events().size();
    read.head = head;
    const uint64_t base = read.stream.empty() ? 1 : 0;
    const uint64_t count = read.stream.empty() ? head : log_.stream(read.stream).size();
    read.not_found = !read.stream.empty() && count == 0;
    const auto at = [&](uint64_t place) {
      return log_.SeenAt(read.stream.empty() ? place : log_.stream(read.stream)[place]);
    };
    if (read.direction == Direction::kForward) {
      uint64_t place = std::max(read.from, base);
      for (; place < count + base && read.events.size() < 4; ++place)
        read.events.push_back(at(place));
      read.complete = place >= count + base;
      return;
    }
    if (count == 0 || read.from < base) {
      read.complete = true;
      return;
    }
    uint64_t left = std::min(read.from, count + base - 1) - base + 1;
    for (; left > 0 && read.events.size() < 4; --left) read.events.push_back(at(left - 1 + base));
    read.complete = left == 0;
  }

  void Return(Client& client) {
    if (client.read.has_value()) {
      client.read->returned = ticks_.Next();
      history_.calls.reads.push_back(*std::move(client.read));
      client.read.reset();
      return;
    }
    if (random_.OneIn(50)) {
      client.append.returned = ticks_.Next();  // the answer is lost
      client.retry = *client.commit;
    } else {
      Answer(client.append, ticks_.Next(), *client.verdict);
      client.maker.Learn(client.append);
    }
    history_.calls.appends.push_back(std::move(client.append));
    client.commit.reset();
  }

  void Deliver() {
    Session& session = sessions_.back();
    Delivery delivery;
    delivery.head = log_.events().size();
    for (; next_ <= delivery.head && delivery.events.size() < 100; ++next_) {
      delivery.events.push_back(log_.SeenAt(next_));
    }
    delivery.checkpoint = next_ - 1;
    delivery.at = ticks_.Next();
    session.deliveries.push_back(std::move(delivery));
  }

  // Whatever is under way ends without an answer; some of it has happened.
  void Crash() {
    for (const auto& client : clients_) {
      client->read.reset();
      if (!client->commit.has_value()) continue;
      history_.calls.appends.push_back(std::move(client->append));
      client->retry = std::move(client->commit);
      client->commit.reset();
    }
    history_.crashes.push_back(ticks_.Next());
    sessions_.push_back(Session{});
    sessions_.back().next = next_;
  }

  const MadeOptions options_;
  Random random_;
  Ticks ticks_;
  ModelLog log_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<Session> sessions_;
  uint64_t next_ = 1;  // for the subscriber
  size_t invoked_ = 0;
  History history_;
};

}  // namespace

History MakeHistory(const MadeOptions& options) { return Maker(options).Run(); }

}  // namespace nexus::history
