#include <cstring>

#include "absl/strings/str_format.h"
#include "client/append_load.h"
#include "load/loops.h"
#include "nexus/core/random_ids.h"
#include "nexus/core/system_clock.h"

namespace nexus::bench {
namespace {

constexpr char kOpening[] = R"({"payload":")";
constexpr char kMark[] = "@T@";  // not among the letters of LoadData
constexpr size_t kMarkBytes = 3;
constexpr size_t kDigits = 16;

}  // namespace

std::string MakeData(int bytes, int64_t stamp) {
  static const SystemClock clock;
  static RandomIds ids(clock);
  std::string data = client::LoadData(bytes, ids);
  if (stamp != 0) {
    const std::string text = absl::StrFormat("%s%016x", kMark, stamp);
    data.replace(std::strlen(kOpening), text.size(), text);
  }
  return data;
}

int64_t FindStamp(absl::string_view message) {
  const size_t at = message.find(kMark);
  if (at == absl::string_view::npos || at + kMarkBytes + kDigits > message.size()) return 0;
  int64_t stamp = 0;
  for (const char c : message.substr(at + kMarkBytes, kDigits)) {
    stamp = stamp * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
  }
  return stamp;
}

}  // namespace nexus::bench
