#include "config/endpoints_file.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "file/replace_file.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"

namespace nexus::config {
EndpointsFile::EndpointsFile(absl::string_view data_folder)
    : path_(absl::StrCat(data_folder, "/endpoints.json")) {}

EndpointsFile::~EndpointsFile() { Remove(); }

absl::Status EndpointsFile::Publish(const Endpoints& endpoints) {
  const std::string text =
      absl::StrCat("{\"grpc\":", JsonString(endpoints.grpc),
                   ",\"http\":", JsonString(endpoints.http), ",\"pid\":", endpoints.pid, "}\n");
  // Scripts of other users read it.
  NEXUS_RETURN_IF_ERROR(file::ReplaceFile(path_, text, /*mode=*/0644));
  published_ = true;
  return absl::OkStatus();
}

void EndpointsFile::Remove() {
  if (published_) unlink(path_.c_str());
  published_ = false;
}

}  // namespace nexus::config
