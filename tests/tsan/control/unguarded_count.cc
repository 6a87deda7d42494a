// A planted race: ThreadSanitizer must find it, or its silence about the rest means nothing. The
// lock in between is not the one that would order the writes.

#include <thread>

#include "absl/synchronization/mutex.h"

namespace {

void Count(int& count) {
  absl::Mutex own;
  for (int i = 0; i < 1000; ++i) {
    absl::MutexLock lock(&own);
    ++count;
  }
}

}  // namespace

int main() {
  int count = 0;
  std::thread one([&count] { Count(count); });
  std::thread two([&count] { Count(count); });
  one.join();
  two.join();
  return 0;
}
