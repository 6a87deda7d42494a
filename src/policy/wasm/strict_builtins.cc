#include "policy/wasm/strict_builtins.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "policy/wasm/wasm_binary.h"
#include "policy/wasm/wasm_imports.h"

namespace nexus::policy {
namespace {

struct Builtin {
  absl::string_view function;  // in OPA's runtime
  absl::string_view name;      // in Rego
};

// Those of OPA's compiler that can fail. Not among them: comparisons and tests of types, which
// cannot, and `max` and `min`, which are rightly undefined for nothing.
constexpr std::array kBuiltins = {
    Builtin{"opa_arith_plus", "plus"},
    Builtin{"opa_arith_minus", "minus"},
    Builtin{"opa_arith_multiply", "mul"},
    Builtin{"opa_arith_divide", "div"},
    Builtin{"opa_arith_abs", "abs"},
    Builtin{"opa_arith_round", "round"},
    Builtin{"opa_arith_ceil", "ceil"},
    Builtin{"opa_arith_floor", "floor"},
    Builtin{"opa_arith_rem", "rem"},
    Builtin{"opa_array_concat", "array.concat"},
    Builtin{"opa_array_flatten", "array.flatten"},
    Builtin{"opa_array_reverse", "array.reverse"},
    Builtin{"opa_array_slice", "array.slice"},
    Builtin{"opa_set_intersection", "and"},
    Builtin{"opa_set_union", "or"},
    Builtin{"opa_sets_intersection", "intersection"},
    Builtin{"opa_sets_union", "union"},
    Builtin{"opa_bits_or", "bits.or"},
    Builtin{"opa_bits_and", "bits.and"},
    Builtin{"opa_bits_negate", "bits.negate"},
    Builtin{"opa_bits_xor", "bits.xor"},
    Builtin{"opa_bits_shiftleft", "bits.lsh"},
    Builtin{"opa_bits_shiftright", "bits.rsh"},
    Builtin{"opa_agg_count", "count"},
    Builtin{"opa_agg_sum", "sum"},
    Builtin{"opa_agg_product", "product"},
    Builtin{"opa_agg_sort", "sort"},
    Builtin{"opa_base64_decode", "base64.decode"},
    Builtin{"opa_base64_encode", "base64.encode"},
    Builtin{"opa_base64_url_encode", "base64url.encode"},
    Builtin{"opa_base64_url_decode", "base64url.decode"},
    Builtin{"opa_cidr_contains", "net.cidr_contains"},
    Builtin{"opa_cidr_intersects", "net.cidr_intersects"},
    Builtin{"opa_glob_match", "glob.match"},
    Builtin{"opa_json_marshal", "json.marshal"},
    Builtin{"builtin_object_filter", "object.filter"},
    Builtin{"builtin_object_get", "object.get"},
    Builtin{"builtin_object_keys", "object.keys"},
    Builtin{"builtin_object_remove", "object.remove"},
    Builtin{"builtin_object_union", "object.union"},
    Builtin{"builtin_object_union_n", "object.union_n"},
    Builtin{"opa_strings_concat", "concat"},
    Builtin{"opa_strings_format_int", "format_int"},
    Builtin{"opa_strings_indexof", "indexof"},
    Builtin{"opa_strings_substring", "substring"},
    Builtin{"opa_strings_lower", "lower"},
    Builtin{"opa_strings_upper", "upper"},
    Builtin{"opa_strings_contains", "contains"},
    Builtin{"opa_strings_startswith", "startswith"},
    Builtin{"opa_strings_endswith", "endswith"},
    Builtin{"opa_strings_reverse", "strings.reverse"},
    Builtin{"opa_strings_split", "split"},
    Builtin{"opa_strings_replace", "replace"},
    Builtin{"opa_strings_replace_n", "strings.replace_n"},
    Builtin{"opa_strings_trim", "trim"},
    Builtin{"opa_strings_trim_left", "trim_left"},
    Builtin{"opa_strings_trim_prefix", "trim_prefix"},
    Builtin{"opa_strings_trim_right", "trim_right"},
    Builtin{"opa_strings_trim_suffix", "trim_suffix"},
    Builtin{"opa_strings_trim_space", "trim_space"},
    Builtin{"opa_numbers_range", "numbers.range"},
    Builtin{"opa_to_number", "to_number"},
    Builtin{"builtin_graph_reachable", "graph.reachable"},
    Builtin{"opa_regex_match", "regex.match"},
    Builtin{"opa_regex_find_all_string_submatch", "regex.find_all_string_submatch_n"},
    Builtin{"builtin_json_remove", "json.remove"},
    Builtin{"builtin_json_filter", "json.filter"},
};

constexpr char kUnmarshal[] = "opa_json_unmarshal";

// Addresses of the last page of 4 GiB, which no memory of ours reaches.
constexpr int32_t kAbortBase = -4096;

enum Section : uint8_t { kCustom = 0, kTypes = 1, kImports = 2, kFunctions = 3, kCode = 10 };
constexpr uint8_t kFunctionNames = 1;  // a part of the custom section "name"
constexpr uint8_t kI32 = 0x7f;
constexpr size_t kFunctionsMax = 100'000;  // OPA's modules have some hundreds

absl::Status Refuse(absl::string_view why) {
  return MakeError(ErrorReason::kConfigurationInvalid,
                   absl::StrCat("policy.wasm of the bundle: ", why));
}

// A module, taken apart as far as needed.
class Module {
 public:
  explicit Module(absl::string_view wasm) : sections_(ReadSections(wasm)) {}

  absl::Status Read() {
    if (sections_.empty()) return Refuse("it is no WebAssembly");
    for (const WasmSection& section : sections_) {
      WasmReader reader(section.content);
      if (section.id == kTypes) ReadTypes(reader);
      if (section.id == kImports) NEXUS_RETURN_IF_ERROR(CountImports(section.content));
      if (section.id == kFunctions) ReadFunctions(reader);
      if (section.id == kCode) ReadCode(reader);
      if (section.id == kCustom && reader.Text() == "name") ReadNames(reader);
      if (!reader.ok()) return Refuse("a section is cut off");
    }
    if (std::max(functions_.size(), names_.size()) > kFunctionsMax) {
      return Refuse(absl::StrCat("it has more than ", kFunctionsMax, " functions"));
    }
    if (functions_.size() != bodies_.size()) return Refuse("functions without code");
    if (names_.empty()) return Refuse("it has no names of functions; was it stripped?");
    if (unmarshal_ < 0 || abort_ < 0) return Refuse("it does not import what OPA's modules import");
    return absl::OkStatus();
  }

  // Puts the guard of built-in `number` in the place of function `index`.
  absl::Status Guard(uint32_t index, size_t number) {
    NEXUS_ASSIGN_OR_RETURN(const size_t own, Own(index));
    const uint32_t parameters = parameters_[functions_[own]];
    const uint32_t moved = imported_ + static_cast<uint32_t>(functions_.size());
    functions_.push_back(functions_[own]);
    bodies_.push_back(std::move(bodies_[own]));
    bodies_[own] = GuardBody(parameters, moved, number);
    return absl::OkStatus();
  }

  // Lets the host do what function `index`, of one operand, does.
  absl::Status LeaveToHost(uint32_t index) {
    NEXUS_ASSIGN_OR_RETURN(const size_t own, Own(index));
    std::string body("\0\x41", 2);  // no locals; i32.const
    AppendSigned(body, kHostUnmarshal);
    body.append("\x41\0\x20\0\x10", 5);  // i32.const 0, local.get 0, call
    AppendNumber(body, static_cast<uint32_t>(unmarshal_));
    body.push_back(0x0b);  // end
    bodies_[own] = std::move(body);
    return absl::OkStatus();
  }

  std::string Write() {
    for (WasmSection& section : sections_) {
      if (section.id == kFunctions) {
        section.content.clear();
        AppendNumber(section.content, static_cast<uint32_t>(functions_.size()));
        for (const uint32_t type : functions_) AppendNumber(section.content, type);
      }
      if (section.id == kCode) {
        section.content.clear();
        AppendNumber(section.content, static_cast<uint32_t>(bodies_.size()));
        for (const std::string& body : bodies_) AppendText(section.content, body);
      }
    }
    return WriteSections(sections_);
  }

  const absl::flat_hash_map<std::string, uint32_t>& names() const { return names_; }

 private:
  // The place of function `index` among its own.
  absl::StatusOr<size_t> Own(uint32_t index) const {
    if (index < imported_ || index - imported_ >= functions_.size()) {
      return Refuse("a name of a function that is not there");
    }
    const size_t own = index - imported_;
    if (functions_[own] >= parameters_.size()) return Refuse("a type that is not there");
    return own;
  }

  void ReadTypes(WasmReader& reader) {
    for (uint32_t left = reader.Number(); left > 0 && reader.ok(); --left) {
      reader.Byte();  // "function"
      parameters_.push_back(static_cast<uint32_t>(reader.Text().size()));
      reader.Text();  // results
    }
  }

  absl::Status CountImports(absl::string_view section) {
    const auto imports = ReadImports(section);
    if (!imports.has_value()) return Refuse("its imports cannot be read");
    for (const WasmImport& import : *imports) {
      if (import.kind != ImportKind::kFunction) continue;
      if (import.name == "opa_abort") abort_ = imported_;
      if (import.name == "opa_builtin1") unmarshal_ = imported_;
      ++imported_;
    }
    return absl::OkStatus();
  }

  void ReadFunctions(WasmReader& reader) {
    for (uint32_t left = reader.Number(); left > 0 && reader.ok(); --left) {
      if (functions_.size() > kFunctionsMax) return;
      functions_.push_back(reader.Number());
    }
  }

  void ReadCode(WasmReader& reader) {
    // Empty bodies are a byte each, and here much more.
    for (uint32_t left = reader.Number(); left > 0 && reader.ok(); --left) {
      if (bodies_.size() > functions_.size()) return;
      bodies_.emplace_back(reader.Text());
    }
  }

  void ReadNames(WasmReader& reader) {
    while (!reader.done()) {
      const uint8_t part = reader.Byte();
      WasmReader content(reader.Text());
      if (part != kFunctionNames) continue;
      for (uint32_t left = content.Number(); left > 0 && content.ok(); --left) {
        if (names_.size() > kFunctionsMax) return;
        const uint32_t index = content.Number();
        names_[std::string(content.Text())] = index;
      }
    }
  }

  std::string GuardBody(uint32_t parameters, uint32_t moved, size_t number) const {
    std::string body;
    AppendNumber(body, 1);  // one local: the result
    AppendNumber(body, 1);
    body.push_back(static_cast<char>(kI32));
    for (uint32_t i = 0; i < parameters; ++i) {
      body.push_back(0x20);  // local.get
      AppendNumber(body, i);
    }
    body.push_back(0x10);  // call
    AppendNumber(body, moved);
    body.push_back(0x22);  // local.tee
    AppendNumber(body, parameters);
    body.append("\x45\x04\x40", 3);  // i32.eqz, if
    body.push_back(0x41);            // i32.const
    AppendSigned(body, kAbortBase + static_cast<int32_t>(number));
    body.push_back(0x10);  // call
    AppendNumber(body, static_cast<uint32_t>(abort_));
    body.push_back(0x0b);  // end
    body.push_back(0x20);  // local.get
    AppendNumber(body, parameters);
    body.push_back(0x0b);  // end
    return body;
  }

  std::vector<WasmSection> sections_;
  std::vector<uint32_t> parameters_;  // by type: how many
  std::vector<uint32_t> functions_;   // its own, in order: their types
  std::vector<std::string> bodies_;   // of these
  absl::flat_hash_map<std::string, uint32_t> names_;
  uint32_t imported_ = 0;
  int64_t abort_ = -1;      // functions that it imports
  int64_t unmarshal_ = -1;  // opa_builtin1
};

}  // namespace

absl::StatusOr<std::string> MakeBuiltinsStrict(absl::string_view wasm) {
  Module module(wasm);
  NEXUS_RETURN_IF_ERROR(module.Read());
  for (size_t i = 0; i < kBuiltins.size(); ++i) {
    const auto found = module.names().find(kBuiltins[i].function);
    if (found == module.names().end()) continue;
    NEXUS_RETURN_IF_ERROR(module.Guard(found->second, i));
  }
  const auto unmarshal = module.names().find(kUnmarshal);
  if (unmarshal != module.names().end()) {
    NEXUS_RETURN_IF_ERROR(module.LeaveToHost(unmarshal->second));
  }
  return module.Write();
}

absl::string_view FailedBuiltin(int32_t abort_address) {
  const int64_t number = static_cast<int64_t>(abort_address) - kAbortBase;
  if (number < 0 || number >= static_cast<int64_t>(kBuiltins.size())) return "";
  return kBuiltins[static_cast<size_t>(number)].name;
}

}  // namespace nexus::policy
