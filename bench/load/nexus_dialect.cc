#include <utility>

#include "absl/strings/str_cat.h"
#include "grpcpp/client_context.h"
#include "load/connections.h"
#include "load/dialect.h"
#include "load/load_report.h"
#include "nexus/core/random_ids.h"
#include "nexus/core/system_clock.h"
#include "nexus/v1/event_store.pb.h"
#include "nexus/v1/schema_registry.grpc.pb.h"

namespace nexus::bench {
namespace {

constexpr char kService[] = "/nexus.v1.EventStoreService/";
constexpr char kCommitIdTag[] = "\x0a\x24";  // AppendRequest.commit_id, 36 bytes
constexpr char kStreamsTag = 0x12;           // AppendRequest.streams
constexpr char kStreamedTag = 0x0a;          // AppendStreamRequest.append
constexpr uint32_t kEventsField = 1;         // ReadResponse.events, EventBatch.events
constexpr uint32_t kBatchField = 1;          // SubscribeResponse.batch
constexpr uint32_t kErrorField = 2;          // AppendStreamResponse.error
constexpr char kSchema[] =
    R"({"type":"object","properties":{"payload":{"type":"string"}},"required":["payload"],)"
    R"("additionalProperties":false})";

// The head of a field of bytes: its tag and its length.
std::string Prefix(char tag, size_t bytes) {
  std::string out(1, tag);
  while (bytes >= 0x80) {
    out.push_back(static_cast<char>(bytes | 0x80));
    bytes >>= 7;
  }
  out.push_back(static_cast<char>(bytes));
  return out;
}

std::string StreamName(uint64_t stream) { return absl::StrCat("bench-", stream); }
std::string Tag(uint64_t stream) { return absl::StrCat("bench:", stream); }

class NexusDialect : public Dialect {
 public:
  explicit NexusDialect(const LoadOptions& options) : options_(options) {}

  grpc::Slice Events(uint64_t stream, const std::string& data) const override {
    v1::StreamAppend append;  // fields of one message may stand in several pieces
    for (int i = 0; i < options_.events; ++i) {
      v1::NewEvent& event = *append.add_events();
      event.set_type(kEventType);
      event.set_data(data);
      if (options_.tagged) event.add_tags(Tag(stream));
    }
    return grpc::Slice(append.SerializeAsString());
  }

  Request Append(const grpc::Slice& events, const WriterView& view) const override {
    return {absl::StrCat(kService, "Append"), {grpc::Slice(Head(events, view)), events}};
  }

  void Appended(absl::string_view answer, WriterView& view) const override {
    v1::AppendResponse response;
    if (!response.ParseFromArray(answer.data(), static_cast<int>(answer.size())) ||
        response.streams_size() != 1) {
      Die("an append was not answered as one");
    }
    view.last_revision = response.streams(0).last_revision();
    view.last_position = response.last_position();
  }

  Request Look(const WriterView& view) const override {
    v1::GetStreamRequest request;
    request.set_stream(StreamName(view.stream));
    return {absl::StrCat(kService, "GetStream"), {grpc::Slice(request.SerializeAsString())}};
  }
  void Looked(absl::string_view answer, WriterView& view) const override {
    v1::Stream stream;
    if (!stream.ParseFromArray(answer.data(), static_cast<int>(answer.size()))) {
      Die("a stream was not described");
    }
    view.last_revision = stream.last_revision();
    view.last_position = stream.last_position();
  }

  std::optional<Request> Streamed(const grpc::Slice& events,
                                  const WriterView& view) const override {
    const std::string head = Head(events, view);
    const std::string prefix = Prefix(kStreamedTag, head.size() + events.size());
    return Request{absl::StrCat(kService, "AppendStream"),
                   {grpc::Slice(absl::StrCat(prefix, head)), events}};
  }
  bool StreamedFailed(absl::string_view answer) const override {
    return CountField(answer, kErrorField) > 0;
  }

  Request ReadStream(uint64_t stream) const override {
    v1::ReadRequest request;
    request.set_stream(StreamName(stream));
    return {absl::StrCat(kService, "Read"), {grpc::Slice(request.SerializeAsString())}};
  }
  Request ReadAll() const override {
    v1::ReadRequest request;
    request.set_exclude_system(true);
    return {absl::StrCat(kService, "Read"), {grpc::Slice(request.SerializeAsString())}};
  }
  Request Subscribe(uint64_t after) const override {
    v1::SubscribeRequest request;
    request.set_after(after);
    request.set_exclude_system(true);
    return {absl::StrCat(kService, "Subscribe"), {grpc::Slice(request.SerializeAsString())}};
  }
  // The last batch of a read names the head.
  Request Head() const override {
    v1::ReadRequest request;
    request.set_direction(v1::READ_DIRECTION_BACKWARDS);
    request.set_limit(1);
    return {absl::StrCat(kService, "Read"), {grpc::Slice(request.SerializeAsString())}};
  }
  uint64_t HeadPosition(absl::string_view answer) const override {
    v1::ReadResponse response;
    if (!response.ParseFromArray(answer.data(), static_cast<int>(answer.size()))) {
      Die("a read was not answered as one");
    }
    return response.head();
  }

  uint64_t CountRead(absl::string_view message) const override {
    return CountField(message, kEventsField);
  }
  uint64_t CountDelivered(absl::string_view message) const override {
    return CountField(FirstField(message, kBatchField), kEventsField);
  }

 private:
  // All that stands before the events: a new commit id, the condition, stream and expectation.
  std::string Head(const grpc::Slice& events, const WriterView& view) const {
    std::string head = absl::StrCat(kCommitIdTag, FormatUuid(ids_.NewUuid()));
    v1::StreamAppend append;
    append.set_stream(StreamName(view.stream));
    if (options_.condition != Condition::kRevision) {
      append.mutable_expected_revision()->mutable_any();
    } else if (view.last_revision.has_value()) {
      append.mutable_expected_revision()->set_exact(*view.last_revision);
    } else {
      append.mutable_expected_revision()->mutable_no_stream();
    }
    if (options_.condition == Condition::kTag) {
      v1::AppendRequest request;
      v1::AppendCondition& condition = *request.add_conditions();
      condition.mutable_fail_if_match()->add_items()->add_tags(Tag(view.stream));
      condition.set_after(view.last_position);
      absl::StrAppend(&head, request.SerializeAsString());
    }
    const std::string stream = append.SerializeAsString();
    return absl::StrCat(head, Prefix(kStreamsTag, stream.size() + events.size()), stream);
  }

  const LoadOptions& options_;
  SystemClock clock_;
  mutable RandomIds ids_{clock_};
};

}  // namespace

std::unique_ptr<Dialect> MakeNexusDialect(const LoadOptions& options) {
  return std::make_unique<NexusDialect>(options);
}

void RegisterSchema(const LoadOptions& options, const std::shared_ptr<grpc::Channel>& channel) {
  if (options.system != "nexus") return;
  v1::RegisterSchemaRequest request;
  request.set_subject(kEventType);
  request.set_definition(kSchema);
  grpc::ClientContext context;
  Identify(options, context);
  v1::Schema schema;
  const grpc::Status status =
      v1::SchemaRegistryService::NewStub(channel)->RegisterSchema(&context, request, &schema);
  if (!status.ok()) Die("no schema: " + status.error_message());
}

}  // namespace nexus::bench
