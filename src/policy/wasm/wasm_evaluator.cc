#include "policy/wasm/wasm_evaluator.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "policy/wasm/strict_builtins.h"

namespace nexus::policy {
namespace {

constexpr int32_t kAlignment = 8;

uint32_t Address(int32_t address) { return static_cast<uint32_t>(address); }

}  // namespace

absl::StatusOr<std::unique_ptr<WasmEvaluator>> WasmEvaluator::Create(script::ScriptContext& context,
                                                                     const WasmProgram& program) {
  std::unique_ptr<WasmEvaluator> evaluator(new WasmEvaluator(program));
  NEXUS_RETURN_IF_ERROR(evaluator->Start(context));
  NEXUS_RETURN_IF_ERROR(evaluator->LoadData());
  return evaluator;
}

absl::Status WasmEvaluator::Start(script::ScriptContext& context) {
  NEXUS_ASSIGN_OR_RETURN(instance_, context.Instantiate(program_.compiled(), Imports()));
  return FindExports();
}

script::WasmImports WasmEvaluator::Imports() {
  script::WasmImports imports;
  imports.memory_bytes_min = std::max(imports.memory_bytes_min, program_.memory_bytes_min());
  imports.memory_bytes_max = program_.limits().memory_bytes_max;
  imports.start_time_max = program_.limits().start_max;
  imports.functions.push_back({"opa_abort", [this](absl::Span<const int32_t> arguments) {
                                 return Abort(arguments.empty() ? 0 : arguments[0]);
                               }});
  imports.functions.push_back(
      {"opa_println", [](absl::Span<const int32_t>) -> absl::StatusOr<int32_t> { return 0; }});
  for (const char* name :
       {"opa_builtin0", "opa_builtin1", "opa_builtin2", "opa_builtin3", "opa_builtin4"}) {
    imports.functions.push_back(
        {name, [this](absl::Span<const int32_t> arguments) { return CallBuiltin(arguments); }});
  }
  return imports;
}

absl::Status WasmEvaluator::FindExports() {
  const std::vector<std::pair<const char*, script::WasmFunction*>> wanted = {
      {"opa_eval", &exports_.eval},
      {"opa_malloc", &exports_.malloc},
      {"opa_json_parse", &exports_.json_parse},
      {"opa_json_dump", &exports_.json_dump},
      {"opa_value_parse", &exports_.value_parse},
      {"opa_value_dump", &exports_.value_dump},
      {"opa_heap_ptr_get", &exports_.heap_get},
      {"builtins", &exports_.builtins},
      {"entrypoints", &exports_.entrypoints},
  };
  for (const auto& [name, function] : wanted) {
    NEXUS_ASSIGN_OR_RETURN(*function, instance_->Find(name));
  }
  return absl::OkStatus();
}

absl::Status WasmEvaluator::LoadData() {
  const std::string& json = program_.data_json();
  NEXUS_ASSIGN_OR_RETURN(const int32_t text, Store(json));
  NEXUS_ASSIGN_OR_RETURN(data_,
                         Call(exports_.json_parse, {text, static_cast<int32_t>(json.size())}));
  if (data_ == 0) return absl::InvalidArgumentError("data.json cannot be read");
  NEXUS_ASSIGN_OR_RETURN(heap_, Call(exports_.heap_get, {}));
  return absl::OkStatus();
}

absl::StatusOr<int32_t> WasmEvaluator::Call(script::WasmFunction function,
                                            absl::Span<const int32_t> arguments) {
  return instance_->Call(function, arguments, program_.limits().start_max);
}

absl::StatusOr<std::string> WasmEvaluator::Ask(script::WasmFunction list) {
  NEXUS_ASSIGN_OR_RETURN(const int32_t value, Call(list, {}));
  NEXUS_ASSIGN_OR_RETURN(const int32_t text, Call(exports_.json_dump, {value}));
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view json, Text(text));
  return std::string(json);
}

absl::StatusOr<WasmEvaluator::Result> WasmEvaluator::Evaluate(int32_t entrypoint,
                                                              absl::string_view input_json,
                                                              absl::Duration time_max) {
  formatted_ = false;
  const size_t end = Address(heap_) + input_json.size() + kAlignment;
  absl::Span<uint8_t> memory = instance_->memory();
  if (end > memory.size()) {
    NEXUS_RETURN_IF_ERROR(instance_->Grow(end));
    memory = instance_->memory();
  }
  std::memcpy(memory.data() + Address(heap_), input_json.data(), input_json.size());
  const auto size = static_cast<int32_t>(input_json.size());
  const int32_t free = (heap_ + size + kAlignment - 1) & -kAlignment;
  NEXUS_ASSIGN_OR_RETURN(
      const int32_t result,
      instance_->Call(exports_.eval, {0, entrypoint, data_, heap_, size, free, 0}, time_max));
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view result_set, Text(result));
  return Result{result_set, formatted_};
}

absl::StatusOr<absl::string_view> WasmEvaluator::Text(int32_t address) {
  const absl::Span<uint8_t> memory = instance_->memory();
  if (Address(address) >= memory.size()) {
    return absl::InternalError("the policy gave an address beyond its memory");
  }
  const char* begin = reinterpret_cast<const char*>(memory.data()) + Address(address);
  return absl::string_view(begin, ::strnlen(begin, memory.size() - Address(address)));
}

absl::StatusOr<int32_t> WasmEvaluator::Store(absl::string_view text) {
  NEXUS_ASSIGN_OR_RETURN(const int32_t address,
                         Call(exports_.malloc, {static_cast<int32_t>(text.size())}));
  const absl::Span<uint8_t> memory = instance_->memory();
  if (Address(address) + text.size() > memory.size()) {
    return absl::InternalError("the policy gave an address beyond its memory");
  }
  std::memcpy(memory.data() + Address(address), text.data(), text.size());
  return address;
}

absl::StatusOr<int32_t> WasmEvaluator::Abort(int32_t address) {
  const absl::string_view builtin = FailedBuiltin(address);
  if (!builtin.empty()) {
    return absl::AbortedError(absl::StrCat("the built-in function ", builtin, " failed"));
  }
  const absl::StatusOr<absl::string_view> text = Text(address);
  return absl::AbortedError(text.ok() ? *text : "it aborted");
}

absl::StatusOr<RegoValue> WasmEvaluator::Operand(int32_t address) {
  NEXUS_ASSIGN_OR_RETURN(const int32_t dumped, Call(exports_.value_dump, {address}));
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view text, Text(dumped));
  if (text.size() > kOperandBytesMax) {
    return absl::AbortedError(absl::StrCat("an operand of a built-in function is larger than ",
                                           kOperandBytesMax, " bytes"));
  }
  return ParseRegoValue(text);
}

absl::StatusOr<int32_t> WasmEvaluator::Unmarshal(int32_t operand) {
  NEXUS_ASSIGN_OR_RETURN(const RegoValue value, Operand(operand));
  simdjson::dom::parser parser;
  if (!value.is(RegoValue::Kind::kString) ||
      parser.parse(value.text).error() != simdjson::SUCCESS) {
    return absl::AbortedError("the built-in function json.unmarshal failed: it is not JSON");
  }
  NEXUS_ASSIGN_OR_RETURN(const int32_t text, Store(value.text));
  return Call(exports_.json_parse, {text, static_cast<int32_t>(value.text.size())});
}

// (number of the built-in, reserved, operands...)
absl::StatusOr<int32_t> WasmEvaluator::CallBuiltin(absl::Span<const int32_t> arguments) {
  if (arguments.size() == 3 && arguments[0] == kHostUnmarshal) return Unmarshal(arguments[2]);
  const NamedBuiltin* const builtin =
      arguments.size() < 2 ? nullptr : program_.Builtin(arguments[0]);
  if (builtin == nullptr || builtin->operands != arguments.size() - 2) {
    return absl::AbortedError("it called a built-in function that it did not name");
  }
  formatted_ = formatted_ || builtin->name == kFormattingBuiltin;
  std::vector<RegoValue> operands;
  for (const int32_t address : arguments.subspan(2)) {
    NEXUS_ASSIGN_OR_RETURN(RegoValue operand, Operand(address));
    operands.push_back(std::move(operand));
  }
  const absl::StatusOr<RegoValue> value = builtin->call(operands);
  if (!value.ok()) {
    return absl::AbortedError(absl::StrCat("the built-in function ", builtin->name,
                                           " failed: ", value.status().message()));
  }
  const std::string text = PrintRegoValue(*value);
  NEXUS_ASSIGN_OR_RETURN(const int32_t stored, Store(text));
  return Call(exports_.value_parse, {stored, static_cast<int32_t>(text.size())});
}

}  // namespace nexus::policy
