// What the gate of schemas costs an append of a small Protobuf event, beside libprotobuf's parser.

#include <benchmark/benchmark.h>
#include <google/protobuf/arena.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>

#include <memory>
#include <string>

#include "schema/protobuf/compiled_protobuf_schema.h"
#include "schema/protobuf/protobuf_validator.h"

namespace nexus::schema {
namespace {

constexpr char kFields[] = R"(
  package shop;
  message Order {
    %s string order_id = 1;
    %s Customer customer = 2;
    %s int64 placed_at = 3;
    %s Currency currency = 4;
    repeated Line lines = 5;
    %s double total = 6;
    repeated sint32 marks = 7 [packed = true];
  }
  message Customer { %s string id = 1; %s string email = 2; }
  message Line {
    %s string sku = 1;
    %s uint32 quantity = 2;
    %s double price = 3;
    %s string note = 4;
  }
  enum Currency { NONE = 0; EUR = 1; USD = 2; }
)";

std::string Definition(const std::string& syntax, const std::string& label) {
  std::string text = "syntax = \"" + syntax + "\";" + kFields;
  for (size_t at = text.find("%s"); at != std::string::npos; at = text.find("%s")) {
    text.replace(at, 2, label);
  }
  return text;
}

std::string Text(char tag, const std::string& text) {
  return std::string(1, tag) + static_cast<char>(text.size()) + text;
}

// 200 bytes.
std::string Order() {
  const std::string price = "\x19" + std::string(8, '\x40');
  const auto line = [&](const std::string& sku) {
    return Text('\x2a', Text('\x0a', sku) + "\x10\x02" + price + Text('\x22', "gift wrapped"));
  };
  std::string order = Text('\x0a', "ord-1000042");
  order += Text('\x12', Text('\x0a', "c-77") + Text('\x12', "ada@example.org"));
  order += "\x18\x80\xe8\xa4\x9b\xfa\x31\x20\x01";
  order += line("A-1") + line("B-22") + line("C-333") + line("D-4444");
  order += "\x31" + std::string(8, '\x40');
  return order + Text('\x3a', std::string(200 - order.size() - 2, '\x05'));
}

std::shared_ptr<const CompiledProtobufSchema> Compiled(const std::string& text) {
  return std::static_pointer_cast<const CompiledProtobufSchema>(*ProtobufValidator().Compile(text));
}

void ValidateProtobufOrder(benchmark::State& state, const std::string& definition) {
  const auto schema = Compiled(definition);
  const std::string order = Order();
  for (auto _ : state) {
    auto violations = schema->Validate(order, 100);
    if (!violations.ok() || !violations->empty()) state.SkipWithError("the order is refused");
    benchmark::DoNotOptimize(violations);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * order.size()));
}
BENCHMARK_CAPTURE(ValidateProtobufOrder, proto3, Definition("proto3", ""));
BENCHMARK_CAPTURE(ValidateProtobufOrder, required, Definition("proto2", "required"));

void ParseProtobufOrder(benchmark::State& state) {
  const auto schema = Compiled(Definition("proto3", ""));
  google::protobuf::DynamicMessageFactory factory;
  const google::protobuf::Message* prototype = factory.GetPrototype(schema->file().message_type(0));
  const std::string order = Order();
  for (auto _ : state) {
    google::protobuf::Arena arena;
    benchmark::DoNotOptimize(prototype->New(&arena)->ParseFromString(order));
  }
}
BENCHMARK(ParseProtobufOrder);

void ProtobufOrderToJson(benchmark::State& state) {
  const auto schema = Compiled(Definition("proto3", ""));
  const std::string order = Order();
  for (auto _ : state) benchmark::DoNotOptimize(schema->ToJson(order, JsonNames::kOriginal));
}
BENCHMARK(ProtobufOrderToJson);

}  // namespace
}  // namespace nexus::schema

BENCHMARK_MAIN();
