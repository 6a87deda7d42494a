// What the gate of schemas costs an append: parse and validate a small event; look its schema up.

#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "schema/json/json_schema_validator.h"
#include "schema/schema_catalog.h"

namespace nexus::schema {
namespace {

constexpr char kSchema[] = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "required": ["order_id", "customer", "placed_at", "currency", "lines", "total"],
  "additionalProperties": false,
  "properties": {
    "order_id": {"type": "string", "pattern": "^ord-[0-9]+$"},
    "customer": {"type": "object", "required": ["id"],
                 "properties": {"id": {"type": "string", "minLength": 1},
                                "email": {"type": "string", "maxLength": 254}}},
    "placed_at": {"type": "string", "format": "date-time"},
    "currency": {"enum": ["EUR", "USD", "GBP"]},
    "lines": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/line"}},
    "total": {"type": "number", "exclusiveMinimum": 0}
  },
  "$defs": {"line": {"type": "object", "required": ["sku", "quantity", "price"],
                     "properties": {"sku": {"type": "string"},
                                    "quantity": {"type": "integer", "minimum": 1},
                                    "price": {"type": "number", "minimum": 0}}}}
})";

// 235 bytes.
constexpr char kOrder[] =
    R"({"order_id":"ord-1000042","customer":{"id":"c-77","email":"ada@example.org"},)"
    R"("placed_at":"2024-05-17T09:30:00Z","currency":"EUR",)"
    R"("lines":[{"sku":"A-1","quantity":2,"price":9.5},{"sku":"B-22","quantity":1,"price":30}],)"
    R"("total":49.000000})";
static_assert(sizeof(kOrder) - 1 == 235);

void ValidateOrder(benchmark::State& state) {
  JsonSchemaValidator validator;
  const auto schema = validator.Compile(kSchema);
  const std::string order = kOrder;
  for (auto _ : state) {
    auto violations = (*schema)->Validate(order, 100);
    if (!violations.ok() || !violations->empty()) state.SkipWithError("the order is refused");
    benchmark::DoNotOptimize(violations);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * order.size()));
}
BENCHMARK(ValidateOrder)->ThreadRange(1, 2);

// The same document against a schema that takes everything: what parsing alone costs.
void ParseOrder(benchmark::State& state) {
  const auto schema = JsonSchemaValidator().Compile("true");
  const std::string order = kOrder;
  for (auto _ : state) benchmark::DoNotOptimize((*schema)->Validate(order, 100));
}
BENCHMARK(ParseOrder);

void CompileOrderSchema(benchmark::State& state) {
  JsonSchemaValidator validator;
  for (auto _ : state) benchmark::DoNotOptimize(validator.Compile(kSchema));
}
BENCHMARK(CompileOrderSchema);

// 200 KB: 500 object types of a dozen properties each, with patterns and references.
std::string LargeSchema() {
  std::string schema = R"({"oneOf":[{"$ref":"#/$defs/t0"}],"$defs":{"t500":true)";
  for (int i = 0; i < 500; ++i) {
    const std::string n = std::to_string(i);
    schema += ",\"t" + n + R"(":{"type":"object","required":["id","kind"],"properties":{)" +
              R"("kind":{"const":"k)" + n + R"("},"id":{"type":"string","pattern":"^k)" +
              std::to_string(i % 50) + R"(-[0-9]+$"},"next":{"$ref":"#/$defs/t)" +
              std::to_string(i + 1) + R"("},"tags":{"type":"array","items":{"type":"string"}},)" +
              R"("amount":{"type":"number","minimum":0,"maximum":1000000},)" +
              R"("state":{"enum":["open","closed","void"]},"note":{"type":"string"},)" +
              R"("at":{"type":"string","maxLength":40},"by":{"type":["string","null"]}}})";
  }
  return schema + "}}";
}

void CompileLargeSchema(benchmark::State& state) {
  JsonSchemaValidator validator;
  const std::string schema = LargeSchema();
  for (auto _ : state) {
    const auto compiled = validator.Compile(schema);
    if (!compiled.ok()) state.SkipWithError("the schema is refused");
  }
  state.counters["schema_bytes"] = static_cast<double>(schema.size());
}
BENCHMARK(CompileLargeSchema)->Unit(benchmark::kMillisecond);

void FindSchema(benchmark::State& state) {
  static SchemaCatalog* const catalog = [] {
    auto* filled = new SchemaCatalog(SchemaMode::kRequired);
    for (int i = 0; i < 10'000; ++i) {
      auto record = std::make_shared<SchemaRecord>();
      record->subject = "subject-" + std::to_string(i);
      record->version = 1;
      filled->Add(std::move(record));
    }
    return filled;
  }();
  const std::string subject = "subject-" + std::to_string(4'711 + state.thread_index());
  for (auto _ : state) benchmark::DoNotOptimize(catalog->Find(subject, 0));
}
BENCHMARK(FindSchema)->ThreadRange(1, 2);

}  // namespace
}  // namespace nexus::schema

BENCHMARK_MAIN();
