#include "cli/line_reader.h"

#include <algorithm>
#include <cstring>

namespace nexus::cli {

bool LineReader::Next() {
  text_.clear();
  cut_ = false;
  if (at_ == end_ && !Fill()) return false;
  ++number_;
  do {
    const char* begin = block_ + at_;
    const void* found = memchr(begin, '\n', end_ - at_);
    if (found != nullptr) {
      const size_t size = static_cast<size_t>(static_cast<const char*>(found) - begin);
      Take(begin, size);
      at_ += size + 1;
      return true;
    }
    Take(begin, end_ - at_);
  } while (Fill());
  at_ = end_;
  return !in_.bad();
}

bool LineReader::Fill() {
  in_.read(block_, sizeof(block_));
  at_ = 0;
  end_ = static_cast<size_t>(in_.gcount());
  return end_ > 0;
}

void LineReader::Take(const char* from, size_t size) {
  const size_t kept = std::min(size, bytes_max_ - text_.size());
  text_.append(from, kept);
  if (kept < size) cut_ = true;
}

}  // namespace nexus::cli
