// What it costs to read events in another version than the stored one. bench/evolution runs it.
//
//   evolution_load SERVER EVENTS ROUNDS
//
// Events of version 1 of a subject that has four by then, each with a property and its default
// more. The whole log is read as stored, one step on (version 2) and three steps on (version 4), in
// turn.

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "nexus/v1/event_store.grpc.pb.h"
#include "nexus/v1/schema_registry.grpc.pb.h"

namespace nexus::bench {
namespace {

constexpr char kType[] = "order.placed";
constexpr int kVersions = 4;
constexpr int kBatch = 1'000;

void Check(const grpc::Status& status, const char* what) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s: %s\n", what, status.error_message().c_str());
  std::exit(1);
}

std::string Definition(int version) {
  std::string text =
      R"({"type":"object","required":["id","customer","lines"],"properties":{)"
      R"("id":{"type":"string","minLength":1},"customer":{"type":"string"},)"
      R"("lines":{"type":"array","minItems":1,"items":{"type":"object","properties":{)"
      R"("sku":{"type":"string"},"count":{"type":"integer","minimum":1}},"required":["sku"]}})";
  for (int v = 2; v <= version; ++v) {
    absl::StrAppend(&text, ",\"field", v, R"(":{"type":"string","default":"none"})");
  }
  return text + "}}";
}

// About 256 bytes.
std::string Order(int number) {
  std::string text = absl::StrCat(R"({"id":"order-)", number, R"(","customer":"C)", number % 1'000,
                                  R"(","lines":[)");
  for (int line = 0; line < 6; ++line) {
    absl::StrAppend(&text, line == 0 ? "" : ",", R"({"sku":"A-)", 100'000 + number * 7 + line,
                    R"(","count":)", line + 1, "}");
  }
  return text + "]}";
}

class Load {
 public:
  explicit Load(const std::string& server)
      : channel_(grpc::CreateChannel(server, grpc::InsecureChannelCredentials())),
        events_(v1::EventStoreService::NewStub(channel_)),
        schemas_(v1::SchemaRegistryService::NewStub(channel_)) {}

  void Register(int version) {
    v1::RegisterSchemaRequest request;
    request.set_subject(kType);
    request.set_definition(Definition(version));
    grpc::ClientContext context;
    v1::Schema schema;
    Check(schemas_->RegisterSchema(&context, request, &schema), "a schema");
  }

  void Append(int first) {
    v1::AppendRequest request;
    v1::StreamAppend& stream = *request.add_streams();
    stream.set_stream(absl::StrCat("order-", first / kBatch % 100));
    stream.mutable_expected_revision()->mutable_any();
    for (int i = 0; i < kBatch; ++i) {
      v1::NewEvent& event = *stream.add_events();
      event.set_type(kType);
      event.set_data(Order(first + i));
    }
    grpc::ClientContext context;
    v1::AppendResponse response;
    Check(events_->Append(&context, request, &response), "an append");
  }

  // Events a second of a read of the whole log; version 0: as stored. All must come in it.
  double Scan(uint32_t version, int events) {
    v1::ReadRequest request;
    request.set_exclude_system(true);
    if (version != 0) request.mutable_as_version()->set_version(version);
    const absl::Time begun = absl::Now();
    grpc::ClientContext context;
    const auto reader = events_->Read(&context, request);
    v1::ReadResponse page;
    int seen = 0;
    while (reader->Read(&page)) {
      for (const v1::Event& event : page.events()) {
        if (version > 1 && event.data_version() != version) {
          std::fprintf(stderr, "an event came in version %u\n", event.data_version());
          std::exit(1);
        }
      }
      seen += page.events_size();
    }
    Check(reader->Finish(), "a read");
    if (seen != events) {
      std::fprintf(stderr, "read %d events instead of %d\n", seen, events);
      std::exit(1);
    }
    return events / absl::ToDoubleSeconds(absl::Now() - begun);
  }

 private:
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::EventStoreService::Stub> events_;
  const std::unique_ptr<v1::SchemaRegistryService::Stub> schemas_;
};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int Run(int argc, char** argv) {
  int events = 0, rounds = 0;
  if (argc != 4 || !absl::SimpleAtoi(argv[2], &events) || events < kBatch ||
      !absl::SimpleAtoi(argv[3], &rounds) || rounds < 1) {
    std::fprintf(stderr, "evolution_load SERVER EVENTS ROUNDS\n");
    return 2;
  }
  events -= events % kBatch;
  Load load(argv[1]);
  load.Register(1);
  for (int i = 0; i < events; i += kBatch) load.Append(i);
  for (int version = 2; version <= kVersions; ++version) load.Register(version);
  std::vector<double> stored, one, three;
  for (int round = -1; round < rounds; ++round) {
    const double speeds[] = {load.Scan(0, events), load.Scan(2, events), load.Scan(4, events)};
    if (round < 0) continue;  // compiles the versions, fills the caches
    stored.push_back(speeds[0]);
    one.push_back(speeds[1]);
    three.push_back(speeds[2]);
  }
  std::printf("%d events of %zu bytes, %d rounds, medians\n", events, Order(events / 2).size(),
              rounds);
  std::printf("as stored              %9.0f events/s\n", Median(stored));
  std::printf("one step (version 2)   %9.0f events/s   %.2f\n", Median(one),
              Median(one) / Median(stored));
  std::printf("three steps (version 4)%9.0f events/s   %.2f\n", Median(three),
              Median(three) / Median(stored));
  return 0;
}

}  // namespace
}  // namespace nexus::bench

int main(int argc, char** argv) { return nexus::bench::Run(argc, argv); }
