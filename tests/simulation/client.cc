#include "simulation/client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::simulation {
namespace {

constexpr absl::Duration kPatience = absl::Milliseconds(30);
constexpr int kPipelineCommits = 3;

engine::CommitDraft DraftOf(const Commit& commit) {
  engine::CommitDraft draft;
  draft.commit_id = commit.id.ToString();
  for (const CommitStream& stream : commit.streams) {
    draft.streams.push_back({stream.name.str(), stream.expected, {}});
  }
  for (const AppendCondition& condition : commit.conditions) {
    draft.conditions.push_back({condition.fail_if_match, condition.after});
  }
  for (const CommitEvent& entry : commit.events) {
    engine::EventDraft event;
    event.event_id = entry.event.id.ToString();
    event.type = entry.event.type;
    event.content_type = entry.event.content_type;
    event.data = entry.event.data;
    event.tags = entry.event.tags;
    draft.streams[entry.stream_index].events.push_back(std::move(event));
  }
  return draft;
}

uint64_t Text(const absl::StatusOr<CommitReceipt>& verdict) {
  if (verdict.ok()) return verdict->first.value * 2 + (verdict->repeated ? 1 : 0);
  return 1'000'000 + static_cast<uint64_t>(ReasonOf(verdict.status()));
}

}  // namespace

Client::Client(uint32_t number, World& world, history::CommitMix mix, int operations,
               bool through_engine)
    : number_(number),
      world_(world),
      through_engine_(through_engine),
      maker_(number, world.chance.Next(), mix),
      left_(operations) {}

void Client::Think() {
  world_.loop.Post(kWorld, absl::Microseconds(world_.chance.Between(1, 400)), [this] { Act(); });
}

void Client::Act() {
  if (busy_ || done()) return;
  if (world_.process == nullptr) return Think();
  busy_ = true;
  ++turn_;
  if (left_ > 0) --left_;
  if (retry_.has_value()) return Append();
  const uint64_t draw = world_.chance.Below(8);
  if (draw < 2) return Read();
  if (draw == 2 && through_engine_) return Pipeline();
  Append();
}

void Client::Append() {
  commit_ = retry_.has_value() ? *std::move(retry_) : maker_.Next();
  retry_.reset();
  append_ = history::Begin(number_, world_.ticks.Next(), *commit_);
  world_.loop.Post(kWorld, kPatience, [this, turn = turn_] { GiveUp(turn); });
  Send(*commit_, turn_);
}

void Client::Send(const Commit& commit, uint64_t turn) {
  auto done = [this, turn](const absl::StatusOr<CommitReceipt>& verdict) {
    OnVerdict(turn, verdict);
  };
  if (through_engine_) {
    engine::Caller caller;
    caller.deadline = world_.clock.Monotonic() + kPatience;
    world_.process->engine().Append(DraftOf(commit), caller, done);
    return;
  }
  Commit proposed = commit;
  proposed.proposed = world_.clock.Now();
  world_.process->log().Propose(std::move(proposed), done);
}

void Client::OnVerdict(uint64_t turn, const absl::StatusOr<CommitReceipt>& verdict) {
  if (turn != turn_ || !commit_.has_value()) {
    world_.chance.Reached("an answer comes too late");
    return;
  }
  if (world_.chance.Buggify("an answer is lost")) return;
  world_.loop.Note(Text(verdict));
  history::Answer(append_, world_.ticks.Next(), verdict);
  if (append_.outcome == history::Outcome::kUnknown) retry_ = commit_;
  if (append_.outcome == history::Outcome::kStored && append_.receipt.repeated) {
    const bool renamed = append_.receipt.id != append_.commit;
    world_.chance.Reached(renamed ? "a commit is repeated under another id"
                                  : "a commit is repeated");
  }
  if (append_.outcome == history::Outcome::kRefused) {
    world_.chance.Reached(absl::StrCat("refused: ", ReasonName(append_.reason)));
  }
  maker_.Learn(append_);
  journal_.appends.push_back(std::move(append_));
  commit_.reset();
  Finish();
}

void Client::GiveUp(uint64_t turn) {
  if (turn != turn_ || !commit_.has_value()) return;
  world_.chance.Reached("a client gives up waiting");
  journal_.appends.push_back(std::move(append_));
  retry_ = std::move(commit_);
  commit_.reset();
  Finish();
}

void Client::Finish() {
  busy_ = false;
  Think();
}

void Client::OnCrash() {
  if (!busy_) return;
  ++turn_;
  read_.reset();
  if (commit_.has_value()) {
    world_.chance.Reached("a crash under an append");
    journal_.appends.push_back(std::move(append_));
    retry_ = std::move(commit_);
    commit_.reset();
  }
  Finish();
}

void Client::Read() {
  engine::ReadQuery query;
  if (!world_.chance.OneIn(3)) query.stream = maker_.AnyStream();
  query.direction = world_.chance.OneIn(2) ? Direction::kForward : Direction::kBackward;
  const uint64_t head = maker_.head();
  query.from = head - std::min(head, world_.chance.Below(8));
  if (world_.chance.OneIn(3)) query.min_position = Position(head + world_.chance.Below(2));
  read_ = history::ReadCall();
  read_->client = number_;
  read_->stream = query.stream;
  read_->direction = query.direction;
  read_->from = *query.from;
  read_->min_position = query.min_position.value;
  read_->invoked = world_.ticks.Next();
  engine::Caller caller;
  caller.deadline = world_.clock.Monotonic() + absl::Milliseconds(5);
  world_.process->engine().OpenRead(
      query, caller, [this, turn = turn_](auto cursor) { OnCursor(turn, std::move(cursor)); });
}

void Client::OnCursor(uint64_t turn, absl::StatusOr<std::unique_ptr<engine::ReadCursor>> cursor) {
  if (turn != turn_ || !read_.has_value()) return;
  read_->head = world_.process->log().Head().value;
  absl::Status status = cursor.status();
  while (status.ok()) {
    const absl::StatusOr<std::optional<engine::ReadPage>> page = (*cursor)->Next();
    status = page.status();
    if (!status.ok() || !page->has_value()) break;
    for (const RecordedEvent& event : (*page)->batch.events) {
      read_->events.push_back(history::Seen(event));
      maker_.Saw(std::string(event.stream), event.revision.value, event.position.value);
    }
  }
  read_->complete = true;
  read_->not_found = ReasonOf(status) == ErrorReason::kStreamNotFound;
  read_->returned = world_.ticks.Next();
  world_.loop.Note(read_->events.size());
  if (status.ok() || read_->not_found) {
    if (read_->min_position > 0) world_.chance.Reached("a read that asked for a position");
    journal_.reads.push_back(*std::move(read_));
  } else {
    world_.chance.Reached(absl::StrCat("a read fails: ", ReasonName(ReasonOf(status))));
  }
  read_.reset();
  Finish();
}

struct Client::Flight {
  std::vector<history::AppendCall> calls;
  size_t answered = 0;
  uint64_t last = 0;  // position
};

Client::~Client() = default;

void Client::Pipeline() {
  const auto flight = std::make_shared<Flight>();
  flights_.push_back(flight);
  const auto order = std::make_shared<engine::AppendOrder>();
  engine::Caller caller;
  caller.deadline = world_.clock.Monotonic() + kPatience;
  std::vector<Commit> commits;
  for (int i = 0; i < kPipelineCommits; ++i) {
    commits.push_back(maker_.NewCommit());
    flight->calls.push_back(history::Begin(number_, world_.ticks.Next(), commits.back()));
  }
  // What is not answered in time has an unknown outcome, and nobody asks again.
  world_.loop.Post(kWorld, kPatience * 2, [this, turn = turn_] {
    if (turn == turn_ && busy_) Finish();
  });
  for (size_t i = 0; i < commits.size(); ++i) {
    world_.process->engine().Append(DraftOf(commits[i]), caller, order,
                                    [this, flight, i](const absl::StatusOr<CommitReceipt>& given) {
                                      OnPipelined(*flight, i, given);
                                    });
  }
}

void Client::OnPipelined(Flight& flight, size_t index,
                         const absl::StatusOr<CommitReceipt>& verdict) {
  world_.loop.Note(Text(verdict));
  history::Answer(flight.calls[index], world_.ticks.Next(), verdict);
  maker_.Learn(flight.calls[index]);
  if (verdict.ok() && !verdict->repeated) {
    if (verdict->first.value < flight.last) {
      world_.Complain(absl::StrCat("client ", number_, ": a pipeline stands out of order"));
    }
    flight.last = verdict->first.value;
  }
  if (++flight.answered == flight.calls.size()) world_.chance.Reached("a pipeline is answered");
}

history::Journal Client::TakeJournal() {
  if (commit_.has_value()) journal_.appends.push_back(std::move(append_));
  for (const auto& flight : flights_) {
    for (history::AppendCall& call : flight->calls) journal_.appends.push_back(std::move(call));
  }
  return std::move(journal_);
}

}  // namespace nexus::simulation
