#pragma once

// An input of any length, line by line, in bounded memory.

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>

namespace nexus::cli {

class LineReader {
 public:
  // `in` must outlive the reader, which reads ahead of the line it is at. Of a line that is longer
  // than `bytes_max` only so much is kept.
  LineReader(std::istream& in, size_t bytes_max) : in_(in), bytes_max_(bytes_max) {}

  // False at the end, or when `in` is bad(). What ends without a new line is a line too.
  bool Next();

  const std::string& text() const { return text_; }  // without its new line
  uint64_t number() const { return number_; }        // from 1
  bool is_cut() const { return cut_; }

 private:
  bool Fill();
  void Take(const char* from, size_t size);

  std::istream& in_;
  const size_t bytes_max_;
  char block_[64 << 10];
  size_t at_ = 0;
  size_t end_ = 0;
  std::string text_;
  uint64_t number_ = 0;
  bool cut_ = false;
};

}  // namespace nexus::cli
