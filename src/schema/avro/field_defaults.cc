#include "schema/avro/field_defaults.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "schema/avro/datum_writer.h"
#include "schema/json/json_compare.h"
#include "schema/json/json_describe.h"
#include "schema/json/json_pointer.h"
#include "schema/json/schema_fault.h"

namespace nexus::schema {
namespace {

// Values inside values; a default that leaves out fields takes the defaults of these along.
constexpr size_t kDefaultDepthMax = 128;
// Values and fields looked at. Branches of a union are tried one after the other, those inside
// them as well.
constexpr size_t kWorkMax = 2'000'000;

// Bytes are written as a string of the code points 0 to 255.
bool BytesOfText(std::string_view text, std::string& bytes) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<uint8_t>(text[i]);
    if (c < 0x80) {
      bytes += text[i];
    } else if ((c == 0xc2 || c == 0xc3) && i + 1 < text.size()) {
      bytes += static_cast<char>(((c & 0x03) << 6) | (text[++i] & 0x3f));
    } else {
      return false;
    }
  }
  return true;
}

class DefaultEncoder {
 public:
  DefaultEncoder(AvroSchemaDraft& draft, size_t bytes_max) : draft_(draft), bytes_max_(bytes_max) {
    for (const auto& written : draft.defaults) {
      AvroField* field = &written.record->fields[written.field];
      pending_[field] = {field, written.value, State::kWaiting};
    }
  }

  absl::Status Run() {
    for (const auto& written : draft_.defaults) {
      NEXUS_RETURN_IF_ERROR(EncodeField(written.record->fields[written.field]));
    }
    return absl::OkStatus();
  }

 private:
  enum class State : uint8_t { kWaiting, kOpen, kDone };
  struct Pending {
    AvroField* field = nullptr;
    JsonElement value;
    State state = State::kWaiting;
  };
  // Where the first thing is that does not fit.
  struct Misfit {
    std::string pointer;
    std::string expected;
    std::string actual;
  };

  absl::Status EncodeField(AvroField& field) {
    Pending& pending = pending_[&field];
    if (pending.state == State::kDone) return absl::OkStatus();
    pending.state = State::kOpen;
    std::string datum;
    if (!Encode(*field.type, pending.value, datum, "")) {
      return SchemaInvalid({absl::StrCat(field.pointer, "/default", misfit_.pointer), "default",
                            misfit_.expected, misfit_.actual});
    }
    field.default_datum = std::move(datum);
    pending.state = State::kDone;
    return absl::OkStatus();
  }

  bool Refuse(const std::string& at, std::string expected, std::string actual) {
    misfit_ = {at, std::move(expected), std::move(actual)};
    return false;
  }

  bool Encode(const AvroType& type, JsonElement value, std::string& out, const std::string& at) {
    if (depth_ >= kDefaultDepthMax) {
      return Refuse(at, absl::StrCat("values at most ", kDefaultDepthMax, " deep"), "more");
    }
    if (out.size() > bytes_max_ || bytes_ > bytes_max_ || ++work_ > kWorkMax) {
      return Refuse(at, absl::StrCat("defaults of at most ", bytes_max_, " bytes"), "more");
    }
    ++depth_;
    const size_t before = out.size();
    const bool fits = EncodeValue(type, value, out, at);
    --depth_;
    if (fits && depth_ == 0) bytes_ += out.size() - before;
    return fits;
  }

  bool EncodeValue(const AvroType& type, JsonElement value, std::string& out,
                   const std::string& at) {
    switch (type.kind) {
      case AvroKind::kRecord:
        return EncodeRecord(type, value, out, at);
      case AvroKind::kArray:
      case AvroKind::kMap:
        return EncodeItems(type, value, out, at);
      case AvroKind::kUnion:
        return EncodeUnion(type, value, out, at);
      default:
        return EncodeScalar(type, value, out) ||
               Refuse(at, absl::StrCat("a value of ", DescribeAvroType(type)), DescribeJson(value));
    }
  }

  static bool EncodeScalar(const AvroType& type, JsonElement value, std::string& out) {
    bool flag = false;
    int64_t whole = 0;
    std::string_view text;
    switch (type.kind) {
      case AvroKind::kNull:
        return value.is_null();
      case AvroKind::kBoolean:
        if (value.get_bool().get(flag)) return false;
        out += static_cast<char>(flag);
        return true;
      case AvroKind::kInt:
      case AvroKind::kLong:
        if (value.get_int64().get(whole)) return false;
        if (type.kind == AvroKind::kInt && whole != static_cast<int32_t>(whole)) return false;
        AppendAvroLong(out, whole);
        return true;
      case AvroKind::kFloat:
      case AvroKind::kDouble:
        return EncodeNumber(type, value, out);
      default:
        return !value.get_string().get(text) && EncodeText(type, text, out);
    }
  }

  static bool EncodeNumber(const AvroType& type, JsonElement value, std::string& out) {
    double number = 0;
    if (value.get_double().get(number)) return false;
    if (type.kind == AvroKind::kDouble) {
      AppendAvroDouble(out, number);
      return true;
    }
    if (number > std::numeric_limits<float>::max() || number < std::numeric_limits<float>::lowest())
      return false;
    AppendAvroFloat(out, static_cast<float>(number));
    return true;
  }

  static bool EncodeText(const AvroType& type, std::string_view text, std::string& out) {
    if (type.kind == AvroKind::kString) {
      AppendAvroBytes(out, absl::string_view(text.data(), text.size()));
      return true;
    }
    if (type.kind == AvroKind::kEnum) {
      const auto found = std::find(type.symbols.begin(), type.symbols.end(), text);
      if (found == type.symbols.end()) return false;
      AppendAvroLong(out, found - type.symbols.begin());
      return true;
    }
    std::string bytes;
    if (!BytesOfText(text, bytes)) return false;
    if (type.kind == AvroKind::kBytes) {
      AppendAvroBytes(out, bytes);
      return true;
    }
    out += bytes;
    return bytes.size() == type.fixed_bytes;
  }

  bool EncodeUnion(const AvroType& type, JsonElement value, std::string& out,
                   const std::string& at) {
    const size_t before = out.size();
    for (size_t i = 0; i < type.branches.size(); ++i) {
      if (!IsWorthTrying(*type.branches[i], value)) continue;
      AppendAvroLong(out, static_cast<int64_t>(i));
      if (Encode(*type.branches[i], value, out, at)) return true;
      out.resize(before);
      if (work_ > kWorkMax) break;
    }
    return Refuse(at, absl::StrCat("a value of a branch of the ", DescribeAvroType(type)),
                  DescribeJson(value));
  }

  static bool IsWorthTrying(const AvroType& type, JsonElement value) {
    if (type.kind == AvroKind::kRecord || type.kind == AvroKind::kMap) return value.is_object();
    if (type.kind == AvroKind::kArray) return value.is_array();
    return !value.is_object() && !value.is_array();
  }

  bool EncodeItems(const AvroType& type, JsonElement value, std::string& out,
                   const std::string& at) {
    const bool is_map = type.kind == AvroKind::kMap;
    if (is_map ? !value.is_object() : !value.is_array()) {
      return Refuse(at, is_map ? "an object" : "an array", DescribeJson(value));
    }
    const size_t count = is_map ? MembersOf(value).size() : ItemsOf(value).size();
    if (count > 0) AppendAvroLong(out, static_cast<int64_t>(count));
    if (is_map) {
      for (const auto member : MembersOf(value)) {
        AppendAvroBytes(out, absl::string_view(member.key.data(), member.key.size()));
        std::string below = at;
        AppendPointerToken(below, member.key);
        if (!Encode(*type.items, member.value, out, below)) return false;
      }
    } else {
      size_t index = 0;
      for (const JsonElement item : ItemsOf(value)) {
        if (!Encode(*type.items, item, out, absl::StrCat(at, "/", index++))) return false;
      }
    }
    AppendAvroLong(out, 0);
    return true;
  }

  bool EncodeRecord(const AvroType& type, JsonElement value, std::string& out,
                    const std::string& at) {
    if (!value.is_object()) return Refuse(at, "an object", DescribeJson(value));
    size_t taken = 0;
    work_ += type.fields.size() * (1 + MembersOf(value).size() / 8);
    if (work_ > kWorkMax) return Refuse(at, "defaults that take less work", "more");
    for (const AvroField& field : type.fields) {
      JsonElement member;
      if (!value[std::string_view(field.name)].get(member)) {
        ++taken;
        if (!Encode(*field.type, member, out, absl::StrCat(at, "/", field.name))) return false;
      } else if (!AppendOwnDefault(field, out, at)) {
        return false;
      }
    }
    if (taken == MembersOf(value).size()) return true;
    return Refuse(at, absl::StrCat("fields of ", type.full_name, " only"), "others too");
  }

  bool AppendOwnDefault(const AvroField& field, std::string& out, const std::string& at) {
    const auto pending = pending_.find(&field);
    if (pending == pending_.end()) {
      return Refuse(at, absl::StrCat("a value for the field ", field.name), "none");
    }
    if (pending->second.state == State::kOpen) {
      return Refuse(at, "a default that can end", "one that holds itself");
    }
    if (pending->second.state == State::kDone) {
      out += field.default_datum;
      return true;
    }
    // Encoded once and kept: a default that holds others twice, which hold others twice, would
    // otherwise be work without a bound.
    pending->second.state = State::kOpen;
    const size_t before = out.size();
    const bool fits = Encode(*field.type, pending->second.value, out, at);
    pending->second.state = fits ? State::kDone : State::kWaiting;
    if (fits) pending->second.field->default_datum = out.substr(before);
    return fits;
  }

  AvroSchemaDraft& draft_;
  const size_t bytes_max_;
  absl::flat_hash_map<const AvroField*, Pending> pending_;
  Misfit misfit_;
  size_t depth_ = 0;
  size_t bytes_ = 0;
  size_t work_ = 0;
};

}  // namespace

absl::Status EncodeFieldDefaults(AvroSchemaDraft& draft, size_t bytes_max) {
  return DefaultEncoder(draft, bytes_max).Run();
}

}  // namespace nexus::schema
