#include "app/sinks/setting_parts.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "app/sinks/framed_values.h"

namespace nexus::app {

namespace {
constexpr size_t kSecretBytesMax = 64 << 10;
}  // namespace

using declaration::DeclarationFault;
using declaration::StrictObject;
using route::EventFormat;

bool IsPlainName(absl::string_view name) {
  return !name.empty() && name[0] != '.' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
         });
}

std::string SecretsFolder(const SinkSettings& with) {
  return absl::StrCat(with.data_folder, "/secrets");
}

absl::StatusOr<std::string> ReadSecret(const std::string& folder, const std::string& name) {
  if (!IsPlainName(name))
    return declaration::DeclarationFault("", "a plain name of a file is needed here");
  std::ifstream file(absl::StrCat(folder, "/", name), std::ios::binary);
  if (!file) {
    return declaration::DeclarationFault("",
                                         absl::StrCat("'", name, "' cannot be read in ", folder));
  }
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (text.size() > kSecretBytesMax)
    return declaration::DeclarationFault("", "the file is too large");
  absl::StripTrailingAsciiWhitespace(&text);
  return text;
}

void SecretFile(declaration::StrictObject& settings, absl::string_view name,
                const SinkSettings& with, std::string& path) {
  if (!settings.Has(name)) return;
  std::string file;
  settings.Text(name, file);
  if (IsPlainName(file)) {
    path = absl::StrCat(SecretsFolder(with), "/", file);
  } else {
    settings.Fail(name,
                  "the plain name of a file is needed here; it lies in the folder 'secrets' "
                  "of the data folder");
  }
}

void Milliseconds(declaration::StrictObject& settings, absl::string_view name, absl::Duration& out,
                  uint64_t min, uint64_t max) {
  uint64_t milliseconds = static_cast<uint64_t>(absl::ToInt64Milliseconds(out));
  settings.Number(name, milliseconds, min, max);
  out = absl::Milliseconds(milliseconds);
}

void ReadTls(declaration::StrictObject& settings, const SinkSettings& with, sink::TlsFiles& tls) {
  if (!settings.Has("tls")) return;
  std::string text;
  settings.Json("tls", text);
  if (!settings.status().ok()) return;
  tls.enabled = true;
  declaration::StrictObject files(with.json, text, settings.PointerOf("tls"));
  SecretFile(files, "ca_file", with, tls.ca_file);
  SecretFile(files, "certificate_file", with, tls.certificate_file);
  SecretFile(files, "key_file", with, tls.key_file);
  files.Text("server_name", tls.server_name);
  settings.Take(files.Finish());
}

absl::StatusOr<route::ValueFormat> FormatOf(const SinkSettings& with) {
  switch (with.route.format) {
    case EventFormat::kCloudEventsBinary:
      return route::ValueFormat();
    case EventFormat::kCloudEventsStructured:
      return route::ValueFormat(route::StructuredValue);
    case EventFormat::kRaw:
      return route::ValueFormat(route::RawValue);
    case EventFormat::kConfluent:
      return FramedValues("confluent", with.schemas);
    case EventFormat::kConfluentHeader:
      return FramedValues("confluent_header", with.schemas);
  }
  return declaration::DeclarationFault("/format", "it is not known");
}

absl::Status SettingsFault(const absl::Status& status) {
  if (status.ok()) return status;
  return declaration::DeclarationFault(kSettingsPointer, status.message());
}

}  // namespace nexus::app
