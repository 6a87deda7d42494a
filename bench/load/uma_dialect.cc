#include "absl/strings/str_cat.h"
#include "load/dialect.h"
#include "load/load_report.h"
#include "umadb/v1/umadb.pb.h"

namespace nexus::bench {
namespace {

namespace uma = umadb::v1;

constexpr char kService[] = "/umadb.v1.DCB/";
constexpr uint32_t kEventsField = 1;  // ReadResponse.events

// UmaDB has no streams: a tag names one.
std::string Tag(uint64_t stream) { return absl::StrCat("stream:bench-", stream); }

template <typename Message>
Message Parsed(absl::string_view answer) {
  Message message;
  if (!message.ParseFromArray(answer.data(), static_cast<int>(answer.size()))) {
    Die("UmaDB answered with another message");
  }
  return message;
}

Request Call(const char* method, const google::protobuf::MessageLite& message) {
  return {absl::StrCat(kService, method), {grpc::Slice(message.SerializeAsString())}};
}

class UmaDialect : public Dialect {
 public:
  explicit UmaDialect(const LoadOptions& options) : options_(options) {}

  grpc::Slice Events(uint64_t stream, const std::string& data) const override {
    uma::AppendRequest request;
    for (int i = 0; i < options_.events; ++i) {
      uma::Event& event = *request.add_events();
      event.set_event_type(kEventType);
      event.set_data(data);
      event.add_tags(Tag(stream));
    }
    return grpc::Slice(request.SerializeAsString());
  }

  Request Append(const grpc::Slice& events, const WriterView& view) const override {
    Request call{absl::StrCat(kService, "Append"), {}};
    if (options_.condition != Condition::kNone) {
      uma::AppendRequest request;
      uma::AppendCondition& condition = *request.mutable_condition();
      condition.mutable_fail_if_events_match()->add_items()->add_tags(Tag(view.stream));
      if (view.last_position > 0) condition.set_after(view.last_position);
      call.parts.emplace_back(request.SerializeAsString());
    }
    call.parts.push_back(events);
    return call;
  }
  void Appended(absl::string_view answer, WriterView& view) const override {
    view.last_position = Parsed<uma::AppendResponse>(answer).position();
  }

  Request Look(const WriterView&) const override { return Head(); }
  void Looked(absl::string_view answer, WriterView& view) const override {
    view.last_position = HeadPosition(answer);
  }

  std::optional<Request> Streamed(const grpc::Slice&, const WriterView&) const override {
    return std::nullopt;
  }
  bool StreamedFailed(absl::string_view) const override { return true; }

  Request ReadStream(uint64_t stream) const override {
    uma::ReadRequest request;
    request.mutable_query()->add_items()->add_tags(Tag(stream));
    return Call("Read", request);
  }
  Request ReadAll() const override { return Call("Read", uma::ReadRequest()); }
  Request Subscribe(uint64_t after) const override {
    uma::SubscribeRequest request;
    if (after > 0) request.set_after(after);
    return Call("Subscribe", request);
  }
  Request Head() const override { return Call("Head", uma::HeadRequest()); }
  uint64_t HeadPosition(absl::string_view answer) const override {
    return Parsed<uma::HeadResponse>(answer).position();
  }

  uint64_t CountRead(absl::string_view message) const override {
    return CountField(message, kEventsField);
  }
  uint64_t CountDelivered(absl::string_view message) const override {
    return CountField(message, kEventsField);
  }

 private:
  const LoadOptions& options_;
};

}  // namespace

std::unique_ptr<Dialect> MakeUmaDialect(const LoadOptions& options) {
  return std::make_unique<UmaDialect>(options);
}

}  // namespace nexus::bench
