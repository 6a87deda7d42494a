#pragma once

// What the settings of several kinds of sinks have in common.

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "app/sinks/sink_settings.h"
#include "declaration/strict_object.h"
#include "route/value_format.h"
#include "sink/outbound/tls_files.h"

namespace nexus::app {

inline constexpr char kSettingsPointer[] = "/sink/settings";

// One name of a file or folder, which leads nowhere else.
bool IsPlainName(absl::string_view name);

// Where the secrets of sinks lie: a declaration names them and never holds one, because it is in
// the log.
std::string SecretsFolder(const SinkSettings& with);

// What the file of that plain name in `folder` holds, without white space at its end.
// MALFORMED_REQUEST.
absl::StatusOr<std::string> ReadSecret(const std::string& folder, const std::string& name);

// The member `name`, the plain name of a file in the folder of secrets, as a path; "" if it is not
// there. The file may come later.
void SecretFile(declaration::StrictObject& settings, absl::string_view name,
                const SinkSettings& with, std::string& path);

// Milliseconds.
void Milliseconds(declaration::StrictObject& settings, absl::string_view name, absl::Duration& out,
                  uint64_t min, uint64_t max);

template <typename Number>
void Count(declaration::StrictObject& settings, absl::string_view name, Number& out, uint64_t min,
           uint64_t max) {
  uint64_t number = static_cast<uint64_t>(out);
  settings.Number(name, number, min, max);
  out = static_cast<Number>(number);
}

// The member `tls`, an object: there, it is enabled.
void ReadTls(declaration::StrictObject& settings, const SinkSettings& with, sink::TlsFiles& tls);

// How the value of a message comes about; empty: the data, with the attributes beside it.
absl::StatusOr<route::ValueFormat> FormatOf(const SinkSettings& with);

// What a sink says of its options, as a fault of the declaration.
absl::Status SettingsFault(const absl::Status& status);

}  // namespace nexus::app
