#include "nexus/core/system_secrets.h"

#include <sys/random.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>

namespace nexus {

void SystemSecrets::Fill(absl::Span<uint8_t> bytes) {
  constexpr size_t kAtOnce = 256;  // getentropy gives no more
  for (size_t at = 0; at < bytes.size(); at += kAtOnce) {
    const size_t size = std::min(kAtOnce, bytes.size() - at);
    if (getentropy(bytes.data() + at, size) != 0) std::abort();
  }
}

}  // namespace nexus
