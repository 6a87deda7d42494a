#pragma once

// A router on a log of a few events, with two routes and a scripted sink for each.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "fake/borrowed_sink.h"
#include "fake/manual_clock.h"
#include "fake/manual_executor.h"
#include "fake/memory_checkpoints.h"
#include "fake/memory_dead_letters.h"
#include "fake/recording_metrics.h"
#include "fake/scripted_sink.h"
#include "fake/sequential_ids.h"
#include "fake/tiny_log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "route/router.h"
#include "schema/json/simd_json_reader.h"
#include "storage/memory/memory_log.h"

namespace nexus::route {

// The routes are events of a log of their own: this one can only be read.
class RouterTest : public ::testing::Test {
 protected:
  RouterTest() {
    signal_.Publish(Position(0));
    critical_route_.name = "critical";
    critical_route_.sink.kind = "kafka";
    critical_route_.match.path = PathMatch::kCritical;
    standard_route_.name = "standard";
    standard_route_.sink.kind = "files";
    standard_route_.match.path = PathMatch::kStandard;
  }
  ~RouterTest() override {
    if (router_) router_->Stop(absl::ZeroDuration()).IgnoreError();
  }

  void Append(const std::string& stream, bool critical = false) {
    fake::TinyLog::Draft draft{.stream = stream};
    if (critical) draft.routing.criticality = Criticality::kHigh;
    signal_.Publish(log_.Append(std::move(draft)));
  }
  void Open() {
    RouteBookOptions routes;
    for (const RouteDeclaration& route : {critical_route_, standard_route_}) {
      if (!route.name.empty()) routes.routes.push_back(route);
    }
    book_ = std::make_unique<RouteBook>(
        RouteBookParts{rules_log_, rules_log_, json_, executor_, clock_, ids_}, routes);
    ASSERT_TRUE(book_->Load().ok());
    RouteContext context{log_,     signal_,      executor_,    clock_,
                         ids_,     checkpoints_, metrics_,     book_->classifications(),
                         letters_, nullptr,      check_stamp_, context_pace_};
    const auto factory = [this](const RouteDeclaration& route,
                                const std::string&) -> absl::StatusOr<std::unique_ptr<Sink>> {
      ++sinks_made_;
      if (!no_sink_.ok()) return no_sink_;
      Sink& sink = route.sink.kind == "kafka" ? critical_ : standard_;
      return std::make_unique<fake::BorrowedSink>(sink);
    };
    router_ = Router::Create(context, *book_, factory, options_);
  }
  void Start() {
    Open();
    ASSERT_TRUE(router_->Start().ok());
    executor_.RunAll();
  }
  void Change(RouteEvent event) {
    absl::Status outcome = absl::UnknownError("no answer");
    book_->Change(std::move(event), AdmissionStamp(),
                  [&](const absl::StatusOr<RouteRecord>& route) { outcome = route.status(); });
    executor_.RunAll();
    ASSERT_TRUE(outcome.ok()) << outcome;
  }
  void Declare(RouteDeclaration route) {
    RouteEvent event{.change = RouteChange::kDeclared, .name = route.name};
    event.route = std::move(route);
    Change(std::move(event));
  }
  void Pass(absl::Duration time) {
    clock_.Advance(time);
    executor_.Advance(time);
  }
  SinkStatus Standard() { return router_->Status().at("standard").sink; }
  Letter LetterOf(uint64_t position, uint64_t revision, const std::string& stream) {
    Letter letter;
    letter.route = "standard";
    letter.stream = stream;
    letter.position = Position(position);
    letter.revision = letter.retry_from = Revision(revision);
    letter.retrying = true;
    return letter;
  }
  void RefusePosition(uint64_t position) {
    standard_.SetScript([position](const RecordedEvent& e, int) -> std::optional<absl::Status> {
      if (e.position.value == position) return fake::ScriptedSink::MakeRefusal();
      return absl::OkStatus();
    });
  }

  fake::TinyLog log_;
  storage::MemoryLog rules_log_;
  schema::SimdJsonReader json_;
  fake::ManualExecutor executor_;
  fake::ManualClock clock_;
  fake::SequentialIds ids_;
  fake::MemoryCheckpoints checkpoints_;
  fake::RecordingMetrics metrics_;
  fake::MemoryDeadLetters written_letters_;
  DeadLetters* letters_ = &written_letters_;
  std::function<absl::Status(const RecordedEvent&)> check_stamp_;
  AppendPace* context_pace_ = nullptr;
  follow::HeadSignal signal_{executor_, Position(0)};
  fake::ScriptedSink critical_{"kafka"};
  fake::ScriptedSink standard_{"files"};
  absl::Status no_sink_;
  int sinks_made_ = 0;
  RouteDeclaration critical_route_;
  RouteDeclaration standard_route_;
  RouterOptions options_;
  std::unique_ptr<RouteBook> book_;
  std::shared_ptr<Router> router_;
};

}  // namespace nexus::route
