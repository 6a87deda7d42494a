// The reading half of the engine, and its end.

#include <array>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/access_check.h"
#include "engine/admission_gate.h"
#include "engine/engine.h"
#include "engine/filter_check.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::engine {
namespace {

using CursorPtr = std::unique_ptr<ReadCursor>;
using identity::Operation;

// Both the head and the clock may end a wait; the first one does.
class OneAnswer {
 public:
  explicit OneAnswer(absl::AnyInvocable<void(absl::Status)> done) : done_(std::move(done)) {}

  void Give(absl::Status status) {
    absl::AnyInvocable<void(absl::Status)> done;
    {
      absl::MutexLock lock(&mutex_);
      done = std::exchange(done_, nullptr);
    }
    if (done) done(std::move(status));
  }

 private:
  absl::Mutex mutex_;
  absl::AnyInvocable<void(absl::Status)> done_ ABSL_GUARDED_BY(mutex_);
};

constexpr absl::Duration kDrainLook = absl::Milliseconds(5);
constexpr int kFlushLooks = 400;  // two seconds

}  // namespace

absl::Status Engine::AdmitRead(const Caller& caller, Operation operation, absl::string_view stream,
                               const EventFilter& filter, bool by_time, index::Visible& visible) {
  NEXUS_RETURN_IF_ERROR(CheckFilter(filter, "filter"));
  std::vector<Operation> operations = {operation};
  if (by_time) operations.push_back(Operation::kQuery);
  absl::StatusOr<index::Visible> access = ReadAccess(caller, std::move(operations), stream);
  if (!access.ok()) {
    return Deny(caller, identity::OperationName(operation), stream, access.status());
  }
  visible = *std::move(access);
  const std::array<identity::Cost, 2> costs = {
      {{identity::LimitKind::kTemporalReads, by_time ? 1u : 0u},
       {identity::LimitKind::kSubscriptions, operation == Operation::kSubscribe ? 1u : 0u}}};
  return Charge(caller, costs);
}

void Engine::OpenRead(ReadQuery query, Caller caller, Done<CursorPtr> done) {
  const bool by_time = query.from_time.has_value() || query.to_time.has_value();
  absl::Status fault =
      AdmitRead(caller, Operation::kRead, query.stream, query.filter, by_time, query.visible);
  if (Refused(std::move(fault), done)) return;
  auto shared = std::make_shared<ReadQuery>(std::move(query));
  const policy::ReadFacts facts{.call = "read",
                                .stream = shared->stream,
                                .system_events = !shared->exclude_system,
                                .events_max = shared->limit,
                                .filter = &shared->filter,
                                .from_time = shared->from_time,
                                .to_time = shared->to_time};
  questions_.AskAboutRead(facts, Operation::kRead, by_time, caller,
                          [this, shared, deadline = caller.deadline,
                           done = std::move(done)](absl::Status asked) mutable {
                            if (!asked.ok()) return done(std::move(asked));
                            OpenAdmitted(std::move(*shared), deadline, std::move(done));
                          });
}

void Engine::OpenAdmitted(ReadQuery query, absl::Duration deadline, Done<CursorPtr> done) {
  const Position wanted = query.min_position;
  auto open = [this, query = std::move(query),
               done = std::move(done)](absl::Status reached) mutable {
    if (!reached.ok()) {
      done(std::move(reached));
      return;
    }
    const PageLimits limits{options_.limits.page_events_max / 4,
                            options_.limits.page_bytes_max / 3 * 2};
    absl::StatusOr<ReadCursor> cursor =
        ReadCursor::Open(parts_.reader, parts_.filtered, query, limits);
    if (!cursor.ok()) {
      done(cursor.status());
      return;
    }
    done(std::make_unique<ReadCursor>(*std::move(cursor)));
  };
  auto answer = std::make_shared<OneAnswer>(std::move(open));
  if (wanted.value == 0 || parts_.head.head() >= wanted) {
    if (!parts_.workers.TrySubmit([answer] { answer->Give(absl::OkStatus()); })) {
      answer->Give(WorkersFull());
    }
    return;
  }
  const absl::Duration left = deadline - parts_.clock.Monotonic();
  const Position seen(wanted.value - 1);
  const auto waiting = parts_.head.WaitBeyond(seen, [answer] { answer->Give(absl::OkStatus()); });
  if (!waiting.has_value()) {
    answer->Give(absl::OkStatus());
    return;
  }
  parts_.workers.RunAfter(left, [this, answer, waiting, wanted] {
    parts_.head.Cancel(*waiting);
    answer->Give(
        MakeError(ErrorReason::kPositionBeyondHead,
                  absl::StrCat("the log ends at ", Head().value, " and did not reach min_position ",
                               wanted.value, " before the deadline")));
  });
}

void Engine::Subscribe(subscription::SubscribeOptions options, Caller caller,
                       Done<std::unique_ptr<subscription::Subscription>> done) {
  const bool from_time = options.start == subscription::SubscribeOptions::Start::kTime;
  const bool by_time = options.to_time.has_value() || from_time;
  absl::Status fault = AdmitRead(caller, Operation::kSubscribe, options.stream, options.filter,
                                 by_time, options.visible);
  if (fault.ok() && parts_.subscriptions != nullptr) {
    auto lease = parts_.subscriptions->Open({caller.account(), caller.principal.roles});
    fault = lease.status();
    if (lease.ok()) {
      options.held = std::make_shared<identity::OpenSubscriptions::Lease>(*std::move(lease));
    }
  }
  if (Refused(std::move(fault), done)) return;
  auto shared = std::make_shared<subscription::SubscribeOptions>(std::move(options));
  policy::ReadFacts facts{.call = "subscribe",
                          .stream = shared->stream,
                          .system_events = !shared->exclude_system,
                          .filter = &shared->filter,
                          .to_time = shared->to_time};
  if (from_time) facts.from_time = shared->from_time;
  questions_.AskAboutRead(facts, Operation::kSubscribe, by_time, caller,
                          [this, shared, principal = caller.principal.name,
                           done = std::move(done)](absl::Status asked) mutable {
                            if (!asked.ok()) return done(std::move(asked));
                            graph_.subscriptions().Note(principal, shared->stream, shared->filter,
                                                        parts_.clock.Now());
                            SubscribeAdmitted(std::move(*shared), std::move(done));
                          });
}

void Engine::SubscribeAdmitted(subscription::SubscribeOptions options,
                               Done<std::unique_ptr<subscription::Subscription>> done) {
  auto shared = std::make_shared<decltype(done)>(std::move(done));
  const bool accepted = parts_.workers.TrySubmit([this, shared, options = std::move(options)] {
    (*shared)(
        subscription::Subscription::Open({parts_.reader, parts_.filtered, parts_.head,
                                          parts_.workers, parts_.clock, options_.limits, pages_},
                                         options));
  });
  if (!accepted) (*shared)(WorkersFull());
}

void Engine::AdmitQuery(const char* call, std::string stream, std::optional<Timestamp> from_time,
                        std::optional<Timestamp> to_time, Caller caller,
                        Done<index::Visible> done) {
  index::Visible visible;
  absl::Status fault =
      AdmitRead(caller, Operation::kRead, stream, EventFilter(), /*by_time=*/true, visible);
  if (Refused(std::move(fault), done)) return;
  const policy::ReadFacts facts{
      .call = call, .stream = stream, .from_time = from_time, .to_time = to_time};
  questions_.AskAboutRead(
      facts, Operation::kRead, /*by_time=*/true, caller,
      [visible = std::move(visible), done = std::move(done)](absl::Status asked) mutable {
        if (!asked.ok()) return done(std::move(asked));
        done(std::move(visible));
      });
}

void Engine::GetStream(std::string name, Caller caller, Done<StreamInfo> done) {
  absl::StatusOr<StreamName> stream = StreamName::Parse(name);
  absl::Status fault = stream.status();
  if (fault.ok()) {
    fault = Deny(caller, "read", name, ReadAccess(caller, {Operation::kRead}, name).status());
  }
  if (Refused(std::move(fault), done)) return;
  auto shared = std::make_shared<Done<StreamInfo>>(std::move(done));
  questions_.AskAboutRead({.call = "get_stream", .stream = name}, Operation::kRead,
                          /*by_time=*/false, caller,
                          [this, shared, stream = *stream](absl::Status asked) {
                            if (!asked.ok()) return (*shared)(std::move(asked));
                            const bool accepted = parts_.workers.TrySubmit([this, shared, stream] {
                              (*shared)(parts_.reader.GetStream(stream));
                            });
                            if (!accepted) (*shared)(WorkersFull());
                          });
}

void Engine::ListStreams(StreamQuery query, Caller caller, Done<StreamPage> done) {
  absl::Status denied =
      Deny(caller, "read", "", ReadAccess(caller, {Operation::kRead}, "").status());
  if (Refused(std::move(denied), done)) return;
  const bool list_system = query.include_system;
  auto shared = std::make_shared<Done<StreamPage>>(std::move(done));
  auto list = [this, shared, query = std::move(query), access = caller.access] {
    absl::StatusOr<StreamPage> page = parts_.reader.ListStreams(query);
    if (page.ok() && access != nullptr && !page->streams.empty()) {
      page->looked_to = page->streams.back().name;
      std::erase_if(page->streams, [&](const StreamInfo& info) {
        return !access->AllowsSomeOf(Operation::kRead, info.name);
      });
    }
    (*shared)(std::move(page));
  };
  questions_.AskAboutRead({.call = "list_streams", .system_events = list_system}, Operation::kRead,
                          /*by_time=*/false, caller,
                          [this, shared, list = std::move(list)](absl::Status asked) mutable {
                            if (!asked.ok()) return (*shared)(std::move(asked));
                            if (!parts_.workers.TrySubmit(std::move(list)))
                              (*shared)(WorkersFull());
                          });
}

void Engine::Drain(absl::AnyInvocable<void()> drained) {
  gate_.Close();
  WaitDrained(std::move(drained));
}

void Engine::WaitDrained(absl::AnyInvocable<void()> drained) {
  parts_.workers.RunAfter(kDrainLook, [this, drained = std::move(drained)]() mutable {
    if (gate_.commits() > 0) {
      WaitDrained(std::move(drained));
      return;
    }
    WaitFlushed(std::move(drained), kFlushLooks);
  });
}

// It tells of the drain too, and may need several commits. A log that takes none must not keep the
// server from ending.
void Engine::WaitFlushed(absl::AnyInvocable<void()> drained, int looks) {
  if (parts_.ledger == nullptr || parts_.ledger->Flush() || looks == 0) {
    parts_.log.Drain();
    drained();
    return;
  }
  parts_.workers.RunAfter(kDrainLook, [this, looks, drained = std::move(drained)]() mutable {
    WaitFlushed(std::move(drained), looks - 1);
  });
}

}  // namespace nexus::engine
