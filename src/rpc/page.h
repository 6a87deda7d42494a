#pragma once

// Page sizes and page tokens (AIP-158). A token is bound to its query: with another one it is
// refused, because it would silently skip or repeat.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace nexus::rpc {

inline constexpr size_t kPageSizeDefault = 100;
inline constexpr size_t kPageSizeMax = 1'000;

// Everything of a query but its page size and token.
struct PageKey {
  std::string text;
};

std::string MakePageToken(const PageKey& key, absl::string_view after);

// MALFORMED_REQUEST for a negative size, MALFORMED_PAGE_TOKEN for a foreign token. `after` is left
// alone without a token.
absl::Status ReadPageRequest(int32_t page_size, absl::string_view page_token, const PageKey& key,
                             size_t& limit, std::string& after);

}  // namespace nexus::rpc
