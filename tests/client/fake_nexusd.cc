#include "client/fake_nexusd.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/ids.h"
#include "nexus/core/stream_name.h"

namespace nexus::testing {
namespace {

bool IsPrefix(const std::string& prefix, const std::string& text) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

}  // namespace

grpc::Status RichError(grpc::StatusCode code, const std::string& reason, const std::string& message,
                       const std::vector<const google::protobuf::Message*>& details) {
  google::rpc::Status rich;
  rich.set_code(code);
  rich.set_message(message);
  for (const google::protobuf::Message* detail : details) rich.add_details()->PackFrom(*detail);
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain("nexus");
  rich.add_details()->PackFrom(info);
  return grpc::Status(code, message, rich.SerializeAsString());
}

struct FakeNexusd::State {
  mutable absl::Mutex mutex;
  std::vector<v1::AppendRequest> appends ABSL_GUARDED_BY(mutex);
  std::vector<v1::Event> events ABSL_GUARDED_BY(mutex);
  std::map<std::string, uint64_t> sizes ABSL_GUARDED_BY(mutex);
  std::map<std::string, v1::AppendResponse> by_commit ABSL_GUARDED_BY(mutex);
  std::map<std::string, std::vector<v1::Schema>> schemas ABSL_GUARDED_BY(mutex);
  std::map<std::string, v1::SchemaMode> modes ABSL_GUARDED_BY(mutex);
  v1::CompatibilitySettings compatibility ABSL_GUARDED_BY(mutex);  // of every subject
  std::vector<v1::SchemaViolation> violations ABSL_GUARDED_BY(mutex);
  Gate append_gate ABSL_GUARDED_BY(mutex);
  Gate check_gate ABSL_GUARDED_BY(mutex);
  std::string authorization ABSL_GUARDED_BY(mutex);
  bool ready ABSL_GUARDED_BY(mutex) = true;
  std::vector<admin::v1::GetServiceGraphResponse> graph ABSL_GUARDED_BY(mutex);

  void See(const grpc::ServerContext& context) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    const auto found = context.client_metadata().find("authorization");
    authorization = found == context.client_metadata().end()
                        ? ""
                        : std::string(found->second.data(), found->second.size());
  }

  void StoreOne(const std::string& commit_id, const std::string& stream, const v1::NewEvent& event)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    v1::Event stored;
    const CommitId commit = *CommitId::Parse(commit_id);
    stored.set_event_id(event.event_id().empty()
                            ? DeriveEventId(commit, static_cast<uint32_t>(events.size())).ToString()
                            : event.event_id());
    stored.set_stream(stream);
    stored.set_revision(sizes[stream]++);
    stored.set_position(events.size() + 1);
    stored.set_type(event.type());
    stored.set_schema_version(1);
    stored.set_content_type(event.content_type().empty() ? "application/json"
                                                         : event.content_type());
    stored.set_data(event.data());
    *stored.mutable_tags() = event.tags();
    *stored.mutable_metadata() = event.metadata();
    *stored.mutable_routing() = event.routing();
    stored.set_correlation_id(event.correlation_id().empty() ? commit_id : event.correlation_id());
    stored.set_causation_id(event.causation_id());
    stored.set_commit_id(commit_id);
    stored.mutable_recorded_time()->set_seconds(1'700'000'000);
    stored.mutable_admission()->set_principal("anonymous");
    events.push_back(std::move(stored));
  }

  v1::AppendResponse StoreAll(const v1::AppendRequest& request)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    v1::AppendResponse response;
    response.set_commit_id(request.commit_id());
    response.set_first_position(events.size() + 1);
    for (const v1::StreamAppend& stream : request.streams()) {
      v1::StreamResult& result = *response.add_streams();
      result.set_stream(stream.stream());
      if (stream.events_size() > 0) result.set_first_revision(sizes[stream.stream()]);
      for (const v1::NewEvent& event : stream.events()) {
        StoreOne(request.commit_id(), stream.stream(), event);
      }
      if (stream.events_size() > 0) result.set_last_revision(sizes[stream.stream()] - 1);
    }
    response.set_last_position(events.size());
    response.mutable_recorded_time()->set_seconds(1'700'000'000);
    return response;
  }

  // The events of a stream, or all; forwards.
  std::vector<v1::Event> Select(const std::string& stream) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    std::vector<v1::Event> selected;
    for (const v1::Event& event : events) {
      if (stream.empty() || event.stream() == stream) selected.push_back(event);
    }
    return selected;
  }

  v1::Stream Describe(const std::string& name) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    const std::vector<v1::Event> own = Select(name);
    v1::Stream stream;
    stream.set_stream(name);
    stream.set_last_revision(own.back().revision());
    stream.set_first_position(own.front().position());
    stream.set_last_position(own.back().position());
    return stream;
  }
};

class FakeNexusd::EventStore final : public v1::EventStoreService::Service {
 public:
  explicit EventStore(State& state) : state_(state) {}

  grpc::Status Append(grpc::ServerContext* context, const v1::AppendRequest* request,
                      v1::AppendResponse* response) override {
    absl::MutexLock lock(&state_.mutex);
    state_.See(*context);
    state_.appends.push_back(*request);
    const auto known = state_.by_commit.find(request->commit_id());
    if (known != state_.by_commit.end()) {
      *response = known->second;
      response->set_repeated_commit(true);
      return grpc::Status::OK;
    }
    if (state_.append_gate) {
      if (grpc::Status status = state_.append_gate(*request); !status.ok()) return status;
    }
    *response = state_.StoreAll(*request);
    state_.by_commit[request->commit_id()] = *response;
    return grpc::Status::OK;
  }

  grpc::Status Read(grpc::ServerContext*, const v1::ReadRequest* request,
                    grpc::ServerWriter<v1::ReadResponse>* writer) override {
    std::vector<v1::Event> events;
    {
      absl::MutexLock lock(&state_.mutex);
      events = state_.Select(request->stream());
    }
    if (events.empty() && !request->stream().empty()) return NoStream(request->stream());
    const bool backwards = request->direction() == v1::READ_DIRECTION_BACKWARDS;
    if (backwards) std::reverse(events.begin(), events.end());
    uint64_t sent = 0;
    for (const v1::Event& event : events) {
      const uint64_t place = request->stream().empty() ? event.position() : event.revision();
      if (request->has_from() && (backwards ? place > request->from() : place < request->from())) {
        continue;
      }
      v1::ReadResponse response;
      *response.add_events() = event;
      response.set_head(events.size());
      writer->Write(response);
      if (++sent == request->limit()) break;
    }
    return grpc::Status::OK;
  }

  grpc::Status Subscribe(grpc::ServerContext* context, const v1::SubscribeRequest* request,
                         grpc::ServerWriter<v1::SubscribeResponse>* writer) override {
    uint64_t next = 0;
    {
      absl::MutexLock lock(&state_.mutex);
      if (request->has_end()) next = state_.events.size();
      if (request->start_case() == v1::SubscribeRequest::kAfter) next = request->after();
    }
    bool told = false;
    while (!context->IsCancelled()) {
      v1::SubscribeResponse response;
      {
        absl::MutexLock lock(&state_.mutex);
        const auto more = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_.mutex) {
          return state_.events.size() > next;
        };
        if (told) {
          state_.mutex.AwaitWithTimeout(absl::Condition(&more), absl::Milliseconds(20));
        }
        const uint64_t head = state_.events.size();
        if (next < head) {
          v1::EventBatch& batch = *response.mutable_batch();
          while (next < head) *batch.add_events() = state_.events[next++];
          batch.set_checkpoint(next);
          batch.set_head(head);
        } else if (!told) {
          response.mutable_caught_up()->set_checkpoint(next);
          told = true;
        } else {
          response.mutable_heartbeat()->set_checkpoint(next);
        }
      }
      if (!writer->Write(response)) break;
    }
    return grpc::Status::OK;
  }

  grpc::Status GetStream(grpc::ServerContext*, const v1::GetStreamRequest* request,
                         v1::Stream* response) override {
    absl::MutexLock lock(&state_.mutex);
    if (state_.sizes.count(request->stream()) == 0) return NoStream(request->stream());
    *response = state_.Describe(request->stream());
    return grpc::Status::OK;
  }

  // Two a page, so that paging happens.
  grpc::Status ListStreams(grpc::ServerContext*, const v1::ListStreamsRequest* request,
                           v1::ListStreamsResponse* response) override {
    absl::MutexLock lock(&state_.mutex);
    for (const auto& [name, size] : state_.sizes) {
      if (name <= request->page_token() || !IsPrefix(request->name_prefix(), name)) continue;
      if (!request->category().empty() && StreamName::CategoryOf(name) != request->category()) {
        continue;
      }
      if (response->streams_size() == 2) {
        response->set_next_page_token(response->streams(1).stream());
        break;
      }
      *response->add_streams() = state_.Describe(name);
    }
    return grpc::Status::OK;
  }

 private:
  static grpc::Status NoStream(const std::string& name) {
    return RichError(grpc::StatusCode::NOT_FOUND, "STREAM_NOT_FOUND",
                     absl::StrCat("stream \"", name, "\" has no event"));
  }

  State& state_;
};

class FakeNexusd::Schemas final : public v1::SchemaRegistryService::Service {
 public:
  explicit Schemas(State& state) : state_(state) {}

  grpc::Status RegisterSchema(grpc::ServerContext*, const v1::RegisterSchemaRequest* request,
                              v1::Schema* response) override {
    absl::MutexLock lock(&state_.mutex);
    auto& versions = state_.schemas[request->subject()];
    response->set_subject(request->subject());
    response->set_version(static_cast<uint32_t>(versions.size()) + 1);
    response->set_definition(request->definition());
    response->set_comment(request->comment());
    response->set_digest("d1");
    response->set_registered_by("anonymous");
    versions.push_back(*response);
    return grpc::Status::OK;
  }

  grpc::Status GetSchema(grpc::ServerContext*, const v1::GetSchemaRequest* request,
                         v1::Schema* response) override {
    absl::MutexLock lock(&state_.mutex);
    const auto found = state_.schemas.find(request->subject());
    const uint32_t wanted = request->version();
    if (found == state_.schemas.end() || wanted > found->second.size()) {
      return RichError(grpc::StatusCode::NOT_FOUND, "NOT_FOUND", "no such schema");
    }
    *response = wanted == 0 ? found->second.back() : found->second[wanted - 1];
    return grpc::Status::OK;
  }

  // One a page.
  grpc::Status ListSchemas(grpc::ServerContext*, const v1::ListSchemasRequest* request,
                           v1::ListSchemasResponse* response) override {
    absl::MutexLock lock(&state_.mutex);
    std::vector<v1::Schema> all;
    for (const auto& [subject, versions] : state_.schemas) {
      if (!request->subject().empty() && request->subject() != subject) continue;
      if (request->latest_only()) {
        all.push_back(versions.back());
      } else {
        all.insert(all.end(), versions.begin(), versions.end());
      }
    }
    const size_t at = request->page_token().empty() ? 0 : std::stoul(request->page_token());
    if (at < all.size()) *response->add_schemas() = all[at];
    if (at + 1 < all.size()) response->set_next_page_token(absl::StrCat(at + 1));
    return grpc::Status::OK;
  }

  grpc::Status ValidateData(grpc::ServerContext*, const v1::ValidateDataRequest*,
                            v1::ValidateDataResponse* response) override {
    absl::MutexLock lock(&state_.mutex);
    response->set_valid(state_.violations.empty());
    response->set_version(1);
    for (const v1::SchemaViolation& v : state_.violations) *response->add_violations() = v;
    return grpc::Status::OK;
  }

  // Whatever is not `true` breaks something.
  grpc::Status CheckCompatibility(grpc::ServerContext*,
                                  const v1::CheckCompatibilityRequest* request,
                                  v1::CheckCompatibilityResponse* response) override {
    response->set_mode(v1::COMPATIBILITY_MODE_BACKWARD);
    response->set_policy(v1::COMPATIBILITY_POLICY_NEXUS);
    response->set_latest_version(1);
    response->set_compatible(request->definition() == "true");
    if (response->compatible()) return grpc::Status::OK;
    v1::CompatibilityFinding& finding = *response->add_findings();
    finding.set_rule("MINIMUM_ADDED");
    finding.set_path("/minimum");
    finding.set_new_value("1");
    finding.set_message("minimum 1 is new");
    finding.set_fix("Leave the limit out.");
    finding.set_witness("0");
    finding.set_version(1);
    return grpc::Status::OK;
  }

  grpc::Status GetCompatibility(grpc::ServerContext*, const v1::GetCompatibilityRequest* request,
                                v1::CompatibilitySettings* response) override {
    absl::MutexLock lock(&state_.mutex);
    *response = state_.compatibility;
    response->set_subject(request->subject());
    if (response->mode() != v1::COMPATIBILITY_MODE_UNSPECIFIED) return grpc::Status::OK;
    response->set_mode(v1::COMPATIBILITY_MODE_BACKWARD);
    response->set_policy(v1::COMPATIBILITY_POLICY_NEXUS);
    response->set_allow_new_fields(true);
    response->set_require_defaults(true);
    return grpc::Status::OK;
  }

  grpc::Status UpdateCompatibility(grpc::ServerContext*,
                                   const v1::UpdateCompatibilityRequest* request,
                                   v1::CompatibilitySettings* response) override {
    absl::MutexLock lock(&state_.mutex);
    state_.compatibility = request->settings();
    state_.compatibility.set_updated_by("anonymous");
    *response = state_.compatibility;
    return grpc::Status::OK;
  }

  grpc::Status GetCategorySettings(grpc::ServerContext*,
                                   const v1::GetCategorySettingsRequest* request,
                                   v1::CategorySettings* response) override {
    absl::MutexLock lock(&state_.mutex);
    response->set_category(request->category());
    const auto found = state_.modes.find(request->category());
    response->set_schema_mode(found == state_.modes.end() ? v1::SCHEMA_MODE_REQUIRED
                                                          : found->second);
    return grpc::Status::OK;
  }

  grpc::Status UpdateCategorySettings(grpc::ServerContext*,
                                      const v1::UpdateCategorySettingsRequest* request,
                                      v1::CategorySettings* response) override {
    absl::MutexLock lock(&state_.mutex);
    *response = request->category_settings();
    state_.modes[response->category()] = response->schema_mode();
    return grpc::Status::OK;
  }

 private:
  State& state_;
};

class FakeNexusd::Policy final : public v1::PolicyService::Service {
 public:
  explicit Policy(State& state) : state_(state) {}

  grpc::Status Check(grpc::ServerContext*, const v1::CheckRequest* request,
                     v1::CheckResponse* response) override {
    absl::MutexLock lock(&state_.mutex);
    grpc::Status status;
    if (state_.check_gate) status = state_.check_gate(request->append());
    if (!status.ok() && status.error_code() != grpc::StatusCode::PERMISSION_DENIED) return status;
    response->set_allowed(status.ok());
    response->set_policy_revision("r7");
    if (!status.ok()) {
      v1::PolicyDenial& denial = *response->add_denials();
      denial.set_rule("append_only");
      denial.set_message(status.error_message());
    }
    return grpc::Status::OK;
  }

 private:
  State& state_;
};

class FakeNexusd::Admin final : public admin::v1::AdminService::Service {
 public:
  explicit Admin(State& state) : state_(state) {}

  grpc::Status GetStatus(grpc::ServerContext*, const admin::v1::GetStatusRequest*,
                         admin::v1::GetStatusResponse* response) override {
    absl::MutexLock lock(&state_.mutex);
    response->set_version("9.8.7");
    response->set_ready(state_.ready);
    response->set_head(state_.events.size());
    response->mutable_uptime()->set_seconds(61);
    auto& part = *response->add_components();
    part.set_name("policy");
    part.set_ok(state_.ready);
    part.set_detail("fake");
    auto& sink = *response->add_sinks();
    sink.set_name("outbox");
    sink.set_ok(true);
    sink.set_delivered(5);
    response->mutable_limits()->set_event_bytes_max(1024);
    return grpc::Status::OK;
  }
  grpc::Status GetServiceGraph(
      grpc::ServerContext*, const admin::v1::GetServiceGraphRequest*,
      grpc::ServerWriter<admin::v1::GetServiceGraphResponse>* writer) override {
    absl::MutexLock lock(&state_.mutex);
    for (const auto& message : state_.graph) writer->Write(message);
    return grpc::Status::OK;
  }

 private:
  State& state_;
};

FakeNexusd::FakeNexusd()
    : state_(std::make_unique<State>()),
      event_store_(std::make_unique<EventStore>(*state_)),
      schemas_(std::make_unique<Schemas>(*state_)),
      policy_(std::make_unique<Policy>(*state_)),
      admin_(std::make_unique<Admin>(*state_)) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(event_store_.get());
  builder.RegisterService(schemas_.get());
  builder.RegisterService(policy_.get());
  builder.RegisterService(admin_.get());
  server_ = builder.BuildAndStart();
  address_ = absl::StrCat("127.0.0.1:", port);
}

FakeNexusd::~FakeNexusd() {
  // Subscriptions never end by themselves.
  server_->Shutdown(std::chrono::system_clock::now());
}

void FakeNexusd::SetAppendGate(Gate gate) {
  absl::MutexLock lock(&state_->mutex);
  state_->append_gate = std::move(gate);
}

void FakeNexusd::SetCheckGate(Gate gate) {
  absl::MutexLock lock(&state_->mutex);
  state_->check_gate = std::move(gate);
}

void FakeNexusd::SetViolations(std::vector<v1::SchemaViolation> violations) {
  absl::MutexLock lock(&state_->mutex);
  state_->violations = std::move(violations);
}

void FakeNexusd::SetGraph(std::vector<admin::v1::GetServiceGraphResponse> messages) {
  absl::MutexLock lock(&state_->mutex);
  state_->graph = std::move(messages);
}

void FakeNexusd::SetReady(bool ready) {
  absl::MutexLock lock(&state_->mutex);
  state_->ready = ready;
}

void FakeNexusd::Store(const std::string& stream, const std::string& type,
                       const std::string& data) {
  absl::MutexLock lock(&state_->mutex);
  v1::AppendRequest request;
  request.set_commit_id("00000000-0000-7000-8000-000000000001");
  v1::StreamAppend& target = *request.add_streams();
  target.set_stream(stream);
  v1::NewEvent& event = *target.add_events();
  event.set_type(type);
  event.set_data(data);
  state_->StoreAll(request);
}

std::vector<v1::AppendRequest> FakeNexusd::appends() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->appends;
}

std::vector<v1::Event> FakeNexusd::events() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->events;
}

std::string FakeNexusd::last_authorization() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->authorization;
}

}  // namespace nexus::testing
