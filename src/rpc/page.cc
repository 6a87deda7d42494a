#include "rpc/page.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::rpc {
namespace {

constexpr size_t kDigits = 16;

// FNV-1a: a checksum against mistakes, not against forgery; a forged token reads what its sender
// may list anyway.
std::string KeyDigest(const PageKey& key) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : key.text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16));
}

}  // namespace

std::string MakePageToken(const PageKey& key, absl::string_view after) {
  std::string token;
  absl::WebSafeBase64Escape(absl::StrCat(KeyDigest(key), after), &token);
  return token;
}

absl::Status ReadPageRequest(int32_t page_size, absl::string_view page_token, const PageKey& key,
                             size_t& limit, std::string& after) {
  if (page_size < 0) {
    return MakeError(ErrorReason::kMalformedRequest, "page_size must not be negative");
  }
  limit = page_size == 0 ? kPageSizeDefault
                         : std::min<size_t>(static_cast<size_t>(page_size), kPageSizeMax);
  if (page_token.empty()) return absl::OkStatus();
  std::string text;
  if (!absl::WebSafeBase64Unescape(page_token, &text) || text.size() < kDigits ||
      text.substr(0, kDigits) != KeyDigest(key)) {
    return MakeError(ErrorReason::kMalformedPageToken,
                     "the page token does not belong to this query; start without one");
  }
  after = text.substr(kDigits);
  return absl::OkStatus();
}

}  // namespace nexus::rpc
