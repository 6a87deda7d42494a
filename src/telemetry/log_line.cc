#include "telemetry/log_line.h"

#include <cmath>
#include <cstdint>
#include <variant>

#include "absl/strings/str_cat.h"
#include "nexus/core/json_text.h"
#include "nexus/core/time_text.h"
#include "nexus/core/trace_context.h"

namespace nexus::telemetry {
namespace {

void AppendText(absl::string_view text, std::string& out) {
  const size_t whole = text.size();
  absl::string_view rest = text.substr(0, kLogTextBytesMax);
  // Cut before a character, not inside one.
  while (whole > kLogTextBytesMax && !rest.empty() &&
         (static_cast<uint8_t>(text[rest.size()]) & 0xC0) == 0x80) {
    rest.remove_suffix(1);
  }
  out.push_back('"');
  AppendJsonEscaped(out, rest);
  if (whole > kLogTextBytesMax) absl::StrAppend(&out, "... (", whole, " bytes)");
  out.push_back('"');
}

void AppendValue(const LogValue& value, std::string& out) {
  if (const auto* text = std::get_if<absl::string_view>(&value.value())) {
    AppendText(*text, out);
  } else if (const auto* flag = std::get_if<bool>(&value.value())) {
    absl::StrAppend(&out, *flag ? "true" : "false");
  } else if (const auto* real = std::get_if<double>(&value.value())) {
    // JSON has no word for infinity.
    absl::StrAppend(&out, std::isfinite(*real) ? absl::StrCat(*real) : "null");
  } else if (const auto* number = std::get_if<int64_t>(&value.value())) {
    absl::StrAppend(&out, *number);
  } else {
    absl::StrAppend(&out, std::get<uint64_t>(value.value()));
  }
}

bool IsIdKey(absl::string_view key) { return key == "correlation_id" || key == "trace_id"; }

void AppendField(absl::string_view key, const LogValue& value, std::string& out) {
  out.push_back(',');
  const bool reserved = key == "time" || key == "level" || key == "message";
  AppendText(reserved ? absl::StrCat("field.", key) : std::string(key), out);
  out.push_back(':');
  AppendValue(value, out);
}

bool IsEmptyText(const LogValue& value) {
  const auto* text = std::get_if<absl::string_view>(&value.value());
  return text != nullptr && text->empty();
}

// The ids come first: they are what one looks for.
void AppendIds(absl::Span<const LogField> fields, std::string& out) {
  for (const LogField& field : fields) {
    if (IsIdKey(field.key) && !IsEmptyText(field.value)) AppendField(field.key, field.value, out);
    if (field.key != "traceparent") continue;
    const auto* text = std::get_if<absl::string_view>(&field.value.value());
    if (text == nullptr) continue;
    const absl::StatusOr<TraceContext> trace = TraceContext::Parse(*text, "");
    if (trace.ok()) AppendField("trace_id", trace->TraceIdText(), out);
  }
}

}  // namespace

std::string FormatLogLine(Timestamp time, Level level, absl::string_view message,
                          absl::Span<const LogField> fields) {
  std::string line = absl::StrCat("{\"time\":\"", TimeText(time), "\",\"level\":\"",
                                  LevelName(level), "\",\"message\":");
  AppendText(message, line);
  AppendIds(fields, line);
  for (const LogField& field : fields) {
    if (!IsIdKey(field.key) && field.key != "traceparent")
      AppendField(field.key, field.value, line);
  }
  line.push_back('}');
  return line;
}

}  // namespace nexus::telemetry
