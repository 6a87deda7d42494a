#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "cost/workloads.h"
#include "engine/engine.h"
#include "fake/manual_clock.h"
#include "fake/recording_metrics.h"
#include "fake/thread_executor.h"
#include "index/filtered_reader.h"
#include "nexus/core/random_ids.h"
#include "nexus/v1/event_store.pb.h"
#include "rpc/convert.h"
#include "schema/json/compat/json_schema_comparer.h"
#include "schema/json/json_schema_validator.h"
#include "schema/json/simd_json_reader.h"
#include "storage/memory/memory_event_index.h"
#include "storage/rocksdb/rocks_log.h"
#include "telemetry/log.h"

namespace nexus::cost {
namespace {

constexpr char kType[] = "cost.counted";
constexpr char kSchema[] =
    R"({"type":"object","properties":{"payload":{"type":"string"},"total":{"type":"number"}},)"
    R"("required":["payload","total"],"additionalProperties":false})";

// Says yes inside the call and remembers nothing.
class WillingPolicy : public PolicyDecider {
 public:
  void Decide(PolicyQuestion, absl::Duration, Done done) override {
    done(PolicyAnswer{true, {}, "rev-1"});
  }
  PolicyState State() override { return {true, "rev-1", "willing", ""}; }
};

class SilentLogger : public telemetry::Logger {
 public:
  bool Enabled(telemetry::Level) const override { return false; }

 private:
  void Write(telemetry::Level, absl::string_view, absl::Span<const telemetry::LogField>) override {}
};

class EngineWorkload : public Workload {
 public:
  explicit EngineWorkload(const std::string& folder, int events = 1)
      : events_(events), log_(Open(folder, metrics_)) {
    log_->SetHeadListener([this](Position head) { head_.Publish(head); });
    if (!registry_.Load().ok()) Die("the registry did not load");
    auto engine = engine::Engine::Create({*log_, *log_, registry_, validator_, policy_, head_,
                                          executor_, clock_, ids_, metrics_, logger_, filtered_},
                                         {});
    if (!engine.ok()) Die(engine.status().ToString());
    engine_ = *std::move(engine);
    RegisterSchema();
  }
  ~EngineWorkload() override {
    log_->Drain();
    executor_.Stop();
  }

  void Append(uint64_t appends) override {
    for (uint64_t i = 0; i < appends; ++i) {
      absl::Notification stored;
      engine_->Append(NextDraft(), {}, [&](absl::StatusOr<CommitReceipt> receipt) {
        if (!receipt.ok()) Die(receipt.status().ToString());
        Take(*receipt);
        stored.Notify();
      });
      stored.WaitForNotification();
    }
  }

 protected:
  static std::string NextData() {
    std::string data = R"({"total":12.5,"payload":")";
    data.append(kEventBytes - data.size() - 2, 'x');
    data.append("\"}");
    return data;
  }
  std::string NextCommitId() { return FormatUuid(ids_.NewUuid()); }
  std::string NextStream() { return absl::StrCat("cost-", ++commits_ % kStreams); }
  int events() const { return events_; }

 private:
  virtual engine::CommitDraft NextDraft() {
    engine::EventDraft event;
    event.type = kType;
    event.data = NextData();
    engine::CommitDraft draft;
    draft.commit_id = NextCommitId();
    draft.streams.push_back({NextStream(), ExpectedRevision::Any(), {std::move(event)}});
    return draft;
  }
  virtual void Take(const CommitReceipt&) {}

  static std::unique_ptr<storage::RocksLog> Open(const std::string& folder,
                                                 MetricsRegistry& metrics) {
    auto log = storage::RocksLog::Open(storage::RocksLogOptions(folder, metrics));
    if (!log.ok()) Die(log.status().ToString());
    return *std::move(log);
  }

  void RegisterSchema() {
    absl::Notification registered;
    schema::RegisterRequest request;
    request.subject = kType;
    request.definition = kSchema;
    engine_->RegisterSchema(std::move(request), {}, [&](const auto& record) {
      if (!record.ok()) Die(record.status().ToString());
      registered.Notify();
    });
    registered.WaitForNotification();
  }

  const int events_;
  fake::ManualClock clock_;
  RandomIds ids_{clock_};  // of version 7, as clients should send them
  fake::RecordingMetrics metrics_;
  WillingPolicy policy_;
  SilentLogger logger_;
  fake::ThreadExecutor executor_{1};
  const std::unique_ptr<storage::RocksLog> log_;
  storage::MemoryEventIndex index_;
  index::FilteredReader filtered_{{*log_, *log_, index_}};
  follow::HeadSignal head_{executor_, Position()};
  schema::JsonSchemaValidator validator_;
  schema::JsonSchemaComparer comparer_;
  const schema::SchemaLanguages languages_ =
      schema::SchemaLanguages().Add(SchemaFormat::kJsonSchema, validator_, comparer_);
  schema::SimdJsonReader json_;
  schema::SchemaRegistry registry_{{*log_, *log_, languages_, json_, executor_, clock_, ids_},
                                   Limits()};
  uint64_t commits_ = 0;
  std::unique_ptr<engine::Engine> engine_;
};

// From the bytes of a request to the bytes of its answer.
class RequestWorkload : public EngineWorkload {
 public:
  using EngineWorkload::EngineWorkload;

 private:
  engine::CommitDraft NextDraft() override {
    if (sent_.streams().empty()) Prepare(*sent_.add_streams());
    sent_.set_commit_id(NextCommitId());
    sent_.mutable_streams(0)->set_stream(NextStream());
    sent_.SerializeToString(&bytes_);
    v1::AppendRequest received;
    if (!received.ParseFromString(bytes_)) Die("a request did not parse");
    return rpc::ToDraft(std::move(received));
  }
  void Take(const CommitReceipt& receipt) override {
    v1::AppendResponse response;
    rpc::FillReceipt(receipt, response);
    if (response.SerializeAsString().empty()) Die("an answer without a byte");
  }
  void Prepare(v1::StreamAppend& stream) const {
    stream.mutable_expected_revision()->mutable_any();
    for (int i = 0; i < events(); ++i) {
      v1::NewEvent& event = *stream.add_events();
      event.set_type(kType);
      event.set_data(NextData());
    }
  }

  v1::AppendRequest sent_;  // built once; id and stream change
  std::string bytes_;
};

}  // namespace

std::unique_ptr<Workload> MakeEngineWorkload(const std::string& folder) {
  return std::make_unique<EngineWorkload>(folder);
}

std::unique_ptr<Workload> MakeRequestWorkload(const std::string& folder, int events) {
  return std::make_unique<RequestWorkload>(folder, events);
}

}  // namespace nexus::cost
