#pragma once

// What happened, for who operates the daemon: a level, a fixed sentence, and named values.
//
//   logger.Log(Level::kWarning, "sink is away", {{"sink", name}, {"retry_ms", 250}});
//
// The sentence is the same each time and holds no value, so that lines can be counted and searched.
// Well-known keys: "correlation_id", "trace_id"; a "traceparent" gives the trace id too. Never give
// a payload, a token or anything else that a client sent as content.
//
// A Logger is thread-safe. It is passed by reference to whom needs it and must outlive them.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <type_traits>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace nexus::telemetry {

enum class Level { kDebug = 0, kInfo = 1, kWarning = 2, kError = 3 };

// "debug", "info", "warning", "error".
absl::string_view LevelName(Level level);
// CONFIGURATION_INVALID for any other word.
absl::StatusOr<Level> ParseLevel(absl::string_view name);

// A value of a field. Borrows text: it lives as long as the call that logs it.
class LogValue {
 public:
  LogValue(absl::string_view text) : value_(text) {}  // NOLINT(google-explicit-constructor)
  LogValue(const std::string& text) : value_(absl::string_view(text)) {}  // NOLINT
  LogValue(const char* text) : value_(absl::string_view(text)) {}         // NOLINT
  LogValue(bool flag) : value_(flag) {}                                   // NOLINT
  LogValue(double number) : value_(number) {}                             // NOLINT
  template <typename T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
      LogValue(T number) {  // NOLINT(google-explicit-constructor)
    if constexpr (std::is_signed_v<T>) {
      value_ = static_cast<int64_t>(number);
    } else {
      value_ = static_cast<uint64_t>(number);
    }
  }

  using Variant = std::variant<absl::string_view, bool, double, int64_t, uint64_t>;
  const Variant& value() const { return value_; }

 private:
  Variant value_;
};

struct LogField {
  absl::string_view key;
  LogValue value;
};

class Logger {
 public:
  virtual ~Logger() = default;

  void Log(Level level, absl::string_view message, std::initializer_list<LogField> fields = {}) {
    if (Enabled(level)) Write(level, message, {fields.begin(), fields.size()});
  }

  // Whether a line of this level is kept. For who must work to make the fields.
  virtual bool Enabled(Level level) const = 0;

 protected:
  virtual void Write(Level level, absl::string_view message, absl::Span<const LogField> fields) = 0;
};

}  // namespace nexus::telemetry
