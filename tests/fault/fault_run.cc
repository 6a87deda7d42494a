#include "fault/fault_run.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "fake/eventually.h"
#include "nexus/core/status_macros.h"
#include "nexus/v1/schema_registry.grpc.pb.h"

namespace nexus::fault {
namespace {

constexpr char kRoute[] = "fault";
constexpr absl::Duration kCall = absl::Seconds(60);
constexpr absl::Duration kDrain = absl::Seconds(90);
constexpr uint64_t kEventsUnderFault = 60;
constexpr uint64_t kEventsUntilFull = 400;
constexpr absl::Duration kReadAgain = absl::Milliseconds(250);
constexpr uint64_t kHoldMsMax = 1'500;
constexpr size_t kWordsShown = 6'000;

std::unique_ptr<grpc::ClientContext> Context() {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(absl::ToChronoTime(absl::Now() + kCall));
  // On a busy machine a first attempt to connect may be late.
  context->set_wait_for_ready(true);
  return context;
}

std::string Tail(const std::string& words) {
  return words.substr(words.size() - std::min(words.size(), kWordsShown));
}

absl::Status Ok(const grpc::Status& status, absl::string_view what) {
  if (status.ok()) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(what, ": ", status.error_message()));
}

}  // namespace

absl::Status FaultRun::Run() {
  NEXUS_ASSIGN_OR_RETURN(broker_, StartBroker(options_.broker));
  absl::Status status = Begin();
  for (; status.ok() && report_.faults < options_.faults; ++report_.faults) {
    const FaultKind kind = NextKind();
    Say(NameOf(kind));
    status = Fault(kind);
    if (status.ok()) continue;
    status = absl::Status(status.code(), absl::StrCat("fault ", report_.faults + 1, ", ",
                                                      NameOf(kind), ": ", status.message()));
  }
  if (status.ok()) status = Reconcile();
  writer_.Pause();
  report_.books = books_.totals();
  if (status.ok() || daemon_ == nullptr) return status;
  return absl::Status(
      status.code(),
      absl::StrCat(status.message(), "\nroute: ", Status().ShortDebugString(), "\nnexusd said:\n",
                   Tail(daemon_->Output()), "\nthe broker said:\n", Tail(broker_->Output())));
}

FaultKind FaultRun::NextKind() {
  for (size_t tries = 0;; ++tries) {
    const FaultKind kind = deck_.Draw();
    if (options_.only.empty() || NameOf(kind) == options_.only || tries > kFaultKinds) return kind;
  }
}

void FaultRun::Say(absl::string_view words) const {
  if (!options_.verbose) return;
  std::cout << absl::FormatTime("%H:%M:%E2S ", absl::Now(), absl::UTCTimeZone()) << words
            << std::endl;
}

absl::Status FaultRun::StartDaemon() {
  daemon_.reset();
  harness::NexusdOptions options;
  options.data_folder = folder_ / "data";
  NEXUS_ASSIGN_OR_RETURN(daemon_, harness::NexusdProcess::Start(options));
  const auto channel = daemon_->Channel();
  events_ = v1::EventStoreService::NewStub(channel);
  routes_ = admin::v1::RouteService::NewStub(channel);
  return absl::OkStatus();
}

absl::Status FaultRun::Begin() {
  NEXUS_RETURN_IF_ERROR(StartDaemon());
  v1::RegisterSchemaRequest schema;
  schema.set_subject("order.placed");
  schema.set_definition(R"({"type": "object", "required": ["total"],
      "properties": {"total": {"type": "number"}, "note": {"type": "string"}}})");
  v1::Schema registered;
  NEXUS_RETURN_IF_ERROR(Ok(v1::SchemaRegistryService::NewStub(daemon_->Channel())
                               ->RegisterSchema(Context().get(), schema, &registered),
                           "the schema"));
  // The one of a RabbitMQ that nobody has changed.
  std::filesystem::create_directories(folder_ / "data/secrets");
  std::ofstream(folder_ / "data/secrets/broker-password") << "guest\n";
  admin::v1::ApplyRouteRequest route;
  route.set_declaration(absl::StrCat(
      R"({"name": ")", kRoute, R"(", "match": {"categories": ["fault"]}, "sink": )",
      broker_->SinkJson(), R"(, "dead_letters": "skip-ahead", "on_error": {"too-large": "person"},
          "retry": {"base_ms": 20, "max_ms": 200}})"));
  admin::v1::ApplyRouteResponse applied;
  NEXUS_RETURN_IF_ERROR(Ok(routes_->ApplyRoute(Context().get(), route, &applied), "the route"));
  writer_.GoOn(events_);
  // It runs well before anything happens to it.
  const bool well = fake::Eventually([&] { return Status().delivered() > 100; }, kDrain);
  return well ? absl::OkStatus() : absl::UnavailableError("nothing is delivered");
}

absl::Status FaultRun::Fault(FaultKind kind) {
  writer_.GoOn(events_);
  const admin::v1::RouteStatus before = Status();
  NEXUS_RETURN_IF_ERROR(Inject(kind));
  Say("  it is there");
  AwaitEffect(kind, before);
  Say("  it had its effect");
  NEXUS_RETURN_IF_ERROR(Mend(kind));
  Say("  it is mended");
  const absl::Status drained = Drain();
  Say(absl::StrCat("  drained, ", books_.totals().duplicates, " repetitions so far"));
  return drained;
}

bool FaultRun::BrokerIsDown(FaultKind kind) const {
  return kind == FaultKind::kBrokerKilled || kind == FaultKind::kBothKilled ||
         kind == FaultKind::kBrokerRestarted;
}

absl::Status FaultRun::Inject(FaultKind kind) {
  const auto kill_daemon = [this] {
    daemon_->Kill();
    books_.Restarted();
    return StartDaemon();
  };
  switch (kind) {
    case FaultKind::kDaemonKilled:
      NEXUS_RETURN_IF_ERROR(kill_daemon());
      writer_.GoOn(events_);
      break;
    case FaultKind::kBothKilled:
      broker_->Kill();
      NEXUS_RETURN_IF_ERROR(kill_daemon());
      writer_.GoOn(events_);
      break;
    case FaultKind::kBrokerKilled:
      broker_->Kill();
      break;
    case FaultKind::kBrokerRestarted:
      broker_->Stop();
      break;
    case FaultKind::kBrokerPaused:
      broker_->Pause(true);
      break;
    case FaultKind::kBrokerFull:
      return broker_->SetFull(true);
    case FaultKind::kConnectionsReset:
      broker_->proxy().ResetAll();
      break;
    case FaultKind::kBlackholed:
      broker_->proxy().Blackhole(true);
      break;
    case FaultKind::kHalfOpen:
      broker_->proxy().HalfOpen();
      break;
    case FaultKind::kAckLost:
      broker_->proxy().HoldAnswers(true);
      break;
  }
  return absl::OkStatus();
}

// Some events are under way meanwhile, and the sink notices or some time has passed.
void FaultRun::AwaitEffect(FaultKind kind, const admin::v1::RouteStatus& before) {
  const uint64_t stored = writer_.stored();
  const uint64_t events = kind == FaultKind::kBrokerFull ? kEventsUntilFull : kEventsUnderFault;
  fake::Eventually([&] { return writer_.stored() >= stored + events; }, kDrain);
  const absl::Duration hold = absl::Milliseconds(random_() % kHoldMsMax);
  fake::Eventually(
      [&] {
        const admin::v1::RouteStatus now = Status();
        return now.failed() > before.failed() && now.breaker() != "closed";
      },
      hold);
}

absl::Status FaultRun::Mend(FaultKind kind) {
  if (BrokerIsDown(kind)) return broker_->Restart();
  if (kind == FaultKind::kBrokerPaused) broker_->Pause(false);
  if (kind == FaultKind::kBrokerFull) return broker_->SetFull(false);
  if (kind == FaultKind::kBlackholed) broker_->proxy().Blackhole(false);
  if (kind == FaultKind::kAckLost) {
    broker_->proxy().ResetAll();
    broker_->proxy().HoldAnswers(false);
  }
  return absl::OkStatus();
}

admin::v1::RouteStatus FaultRun::Status() {
  admin::v1::ListRoutesResponse list;
  if (!routes_->ListRoutes(Context().get(), {}, &list).ok()) return {};
  for (const admin::v1::Route& route : list.routes()) {
    if (route.name() == kRoute) return route.status();
  }
  return {};
}

absl::Status FaultRun::Drain() {
  writer_.Pause();
  if (const std::string error = writer_.error(); !error.empty()) {
    return absl::InternalError("append: " + error);
  }
  NEXUS_RETURN_IF_ERROR(TakeLog());
  for (const std::string& id : writer_.TakeStored()) books_.Acknowledge(id);
  admin::v1::RouteStatus status;
  const auto drained = [&] {
    status = Status();
    return status.checkpoint() >= last_event_ && status.pending() == 0;
  };
  // A broker may hold only so much that nobody takes. A route that goes on is not stuck, however
  // slow the machine is.
  uint64_t reached = 0;
  absl::Time deadline = absl::Now() + kDrain;
  while (!fake::Eventually(drained, kReadAgain) && absl::Now() < deadline) {
    NEXUS_RETURN_IF_ERROR(TakeArrivals());
    if (status.checkpoint() <= reached) continue;
    reached = status.checkpoint();
    deadline = absl::Now() + kDrain;
  }
  NEXUS_RETURN_IF_ERROR(TakeArrivals());
  NEXUS_RETURN_IF_ERROR(TakeLetters());
  books_.Reach(status.checkpoint(), status.head());
  if (!drained()) return absl::DeadlineExceededError("the route does not drain");
  return books_.Check(true);
}

absl::Status FaultRun::TakeLog() {
  v1::ReadRequest request;
  request.set_from(next_position_);
  const auto context = Context();
  const auto reader = events_->Read(context.get(), request);
  v1::ReadResponse page;
  while (reader->Read(&page)) {
    for (const v1::Event& event : page.events()) {
      next_position_ = event.position() + 1;
      if (!absl::StartsWith(event.stream(), "fault-")) continue;
      last_event_ = event.position();
      books_.Accept({event.position(), event.stream(), event.revision(), event.event_id(),
                     event.data().size() > kPoisonBytes});
    }
  }
  return Ok(reader->Finish(), "reading the log");
}

absl::Status FaultRun::TakeLetters() {
  admin::v1::ListDeadLettersRequest request;
  request.set_page_size(1'000);
  request.set_route(kRoute);
  do {
    admin::v1::ListDeadLettersResponse page;
    NEXUS_RETURN_IF_ERROR(
        Ok(routes_->ListDeadLetters(Context().get(), request, &page), "dead letters"));
    for (const admin::v1::DeadLetter& letter : page.dead_letters()) {
      if (letter.id() < newest_letter_) continue;
      newest_letter_ = letter.id() + 1;
      books_.DeadLetter(letter.position());
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::Status FaultRun::TakeArrivals() {
  NEXUS_ASSIGN_OR_RETURN(const std::vector<Arrival> arrivals, broker_->ReadOn());
  for (const Arrival& arrival : arrivals) books_.Arrive(arrival);
  return absl::OkStatus();
}

// The server's own look at what the broker holds must come to the same. It goes by the checkpoint
// that is stored, which follows what was delivered.
absl::Status FaultRun::Reconcile() {
  if (options_.broker != "kafka" && options_.broker != "nats") return absl::OkStatus();
  absl::Status compared;
  const auto agrees = [&] {
    compared = ReconcileOnce();
    return compared.ok();
  };
  fake::Eventually(agrees, absl::Seconds(30));
  return compared;
}

absl::Status FaultRun::ReconcileOnce() {
  admin::v1::ReconcileRouteRequest request;
  request.set_name(kRoute);
  const auto context = Context();
  const auto reader = routes_->ReconcileRoute(context.get(), request);
  admin::v1::ReconcileRouteResponse answer;
  while (reader->Read(&answer)) continue;
  NEXUS_RETURN_IF_ERROR(Ok(reader->Finish(), "the comparison"));
  report_.reconciled = answer.found();
  const BookTotals books = books_.totals();
  const uint64_t faults = answer.missing() + answer.reordered() + answer.moved() + answer.foreign();
  if (answer.done() && faults == 0 && answer.events() == books.accepted &&
      answer.found() == books.delivered && answer.duplicates() == books.duplicates) {
    return absl::OkStatus();
  }
  return absl::DataLossError(
      absl::StrCat("the comparison says otherwise than the books: ", answer.ShortDebugString()));
}

}  // namespace nexus::fault
