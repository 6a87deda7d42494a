#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "engine/engine.h"
#include "fake/manual_clock.h"
#include "fake/manual_executor.h"
#include "fake/recording_logger.h"
#include "fake/recording_metrics.h"
#include "fake/scripted_policy.h"
#include "fake/sequential_ids.h"
#include "gtest/gtest.h"
#include "schema/json/compat/json_schema_comparer.h"
#include "schema/json/json_schema_validator.h"
#include "schema/json/simd_json_reader.h"
#include "schema/schema_registry.h"
#include "storage/memory/memory_event_index.h"
#include "storage/memory/memory_log.h"
#include "telemetry/log.h"

namespace nexus::engine {

// A whole engine over the memory log and a policy that answers as told, all on one thread.
class EngineFixture : public ::testing::Test {
 protected:
  using Answer = std::shared_ptr<std::optional<absl::StatusOr<CommitReceipt>>>;

  void SetUp() override {
    log_.SetHeadListener([this](Position head) { head_.Publish(head); });
    ASSERT_TRUE(registry_.Load().ok());
    EngineOptions options;
    options.admission.policy_sees_data = PolicySeesData();
    absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Create(
        {Backend(), log_, registry_, validator_, policy_, head_, executor_, clock_, ids_, metrics_,
         logger_, filtered_, nullptr, nullptr, nullptr, Ledger(), Upcasts(), Pace()},
        std::move(options));
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
  }

  virtual bool PolicySeesData() const { return false; }
  virtual Upcaster* Upcasts() { return nullptr; }
  virtual const route::AppendPace* Pace() { return nullptr; }
  // Where the engine proposes; what is governance goes to the log itself.
  virtual LogBackend& Backend() { return log_; }
  virtual AuditLedger* Ledger() { return nullptr; }

  static CommitDraft Draft(std::string stream, std::string type, std::string data) {
    EventDraft event;
    event.type = std::move(type);
    event.data = std::move(data);
    CommitDraft draft;
    draft.streams.push_back({std::move(stream), ExpectedRevision::Any(), {std::move(event)}});
    return draft;
  }

  Answer AppendLater(CommitDraft draft, Caller caller,
                     std::shared_ptr<AppendOrder> order = nullptr) {
    auto answer = std::make_shared<std::optional<absl::StatusOr<CommitReceipt>>>();
    engine_->Append(std::move(draft), std::move(caller), std::move(order),
                    [answer](absl::StatusOr<CommitReceipt> receipt) { *answer = receipt; });
    return answer;
  }
  absl::StatusOr<CommitReceipt> AppendDraft(CommitDraft draft) {
    const Answer answer = AppendLater(std::move(draft), {});
    executor_.RunAll();
    if (!answer->has_value()) return absl::InternalError("the append was not answered");
    return **answer;
  }
  absl::StatusOr<CommitReceipt> Append(std::string stream, std::string type, std::string data) {
    return AppendDraft(Draft(std::move(stream), std::move(type), std::move(data)));
  }

  absl::StatusOr<std::shared_ptr<const schema::SchemaRecord>> RegisterSchema(
      std::string subject, std::string definition) {
    std::optional<absl::StatusOr<std::shared_ptr<const schema::SchemaRecord>>> record;
    schema::RegisterRequest request;
    request.subject = std::move(subject);
    request.definition = std::move(definition);
    absl::Notification answered;
    engine_->RegisterSchema(std::move(request), {}, [&](auto r) {
      record = std::move(r);
      answered.Notify();
    });
    // Another thread may have the log answer something still, and then this after it.
    do {
      executor_.RunAll();
    } while (!answered.WaitForNotificationWithTimeout(absl::Milliseconds(1)));
    return *record;
  }
  // "order.placed": an object with a required number `total`, at least 0.
  void RegisterOrderSchema() {
    const auto record = RegisterSchema("order.placed", R"({
      "type": "object",
      "properties": {"total": {"type": "number", "minimum": 0}},
      "required": ["total"]})");
    ASSERT_TRUE(record.ok()) << record.status();
  }
  void SetCategory(std::string category, bool required) {
    std::optional<absl::Status> status;
    schema::CategorySettings settings;
    settings.category = std::move(category);
    settings.schema_mode = required ? schema::SchemaMode::kRequired : schema::SchemaMode::kOptional;
    engine_->UpdateCategory(settings, {}, [&](auto now) { status = now.status(); });
    executor_.RunAll();
    ASSERT_TRUE(status.has_value() && status->ok());
  }

  absl::StatusOr<std::unique_ptr<ReadCursor>> OpenRead(ReadQuery query) {
    std::optional<absl::StatusOr<std::unique_ptr<ReadCursor>>> opened;
    engine_->OpenRead(std::move(query), {}, [&](auto cursor) { opened = std::move(cursor); });
    executor_.RunAll();
    if (!opened.has_value()) return absl::InternalError("the read did not open");
    return *std::move(opened);
  }
  std::vector<std::string> ReadTypes(ReadQuery query) {
    std::vector<std::string> types;
    auto cursor = OpenRead(std::move(query));
    EXPECT_TRUE(cursor.ok()) << cursor.status();
    while (cursor.ok()) {
      const auto page = (*cursor)->Next();
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok() || !page->has_value()) break;
      for (const RecordedEvent& event : (*page)->batch.events) types.emplace_back(event.type);
    }
    return types;
  }
  std::vector<std::string> Types(std::string stream) {
    return ReadTypes({.stream = std::move(stream)});
  }
  EventBatch ReadStream(absl::string_view stream) {
    return log_
        .ReadStream(StreamName::Literal(stream), Revision(0), Direction::kForward, PageLimits())
        .value();
  }
  ErrorReason StreamReason(absl::string_view stream) {
    return ReasonOf(log_.GetStream(StreamName::Literal(stream)).status());
  }

  fake::ManualClock clock_;
  fake::SequentialIds ids_;
  fake::ManualExecutor executor_;
  fake::RecordingMetrics metrics_;
  fake::ScriptedPolicy policy_;
  fake::RecordingLogger logger_;
  storage::MemoryLog log_;
  storage::MemoryEventIndex index_;
  index::FilteredReader filtered_{{log_, log_, index_}};
  follow::HeadSignal head_{executor_, Position()};
  schema::JsonSchemaValidator validator_;
  schema::JsonSchemaComparer comparer_;
  const schema::SchemaLanguages languages_ =
      schema::SchemaLanguages().Add(SchemaFormat::kJsonSchema, validator_, comparer_);
  schema::SimdJsonReader json_;
  schema::SchemaRegistry registry_{{log_, log_, languages_, json_, executor_, clock_, ids_},
                                   Limits()};
  std::unique_ptr<Engine> engine_;
};

}  // namespace nexus::engine
