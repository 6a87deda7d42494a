#pragma once

// Reads values in Avro's binary encoding, one after the other, and says what is wrong with the
// first that is none. Trusts no length. Borrows the bytes; not thread-safe.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace nexus::schema {

struct DatumFault {
  const char* keyword = "";  // docs/reference/avro.md lists them
  std::string expected;
  std::string actual;
};

// Every Read gives false after a fault(), and what it read is then undefined.
class DatumReader {
 public:
  explicit DatumReader(absl::string_view data) : begin_(data.data()), rest_(data) {}

  bool ReadBoolean(bool& value);
  bool ReadInt(int32_t& value);
  bool ReadLong(int64_t& value);
  bool ReadFloat(float& value);
  bool ReadDouble(double& value);
  bool ReadBytes(absl::string_view& value);
  bool ReadString(absl::string_view& value);  // UTF-8
  bool ReadFixed(size_t bytes, absl::string_view& value);
  // Of an enum or union with `count` symbols or branches.
  bool ReadIndex(const char* keyword, size_t count, size_t& index);

  // The head of the next block of an array or map: its number of items, 0 behind the last. No item
  // is shorter than `item_bytes_min`; of items that are empty no more than `empty_items_left` may
  // follow, which are counted down. `end_offset` is where the block says that it ends, or 0.
  bool ReadBlock(uint64_t item_bytes_min, uint64_t& count, size_t& end_offset);
  bool CheckBlockEnd(size_t end_offset);
  void set_empty_items_left(uint64_t count) { empty_items_left_ = count; }

  bool Fail(const char* keyword, std::string expected, std::string actual);
  const DatumFault& fault() const { return fault_; }
  size_t bytes_left() const { return rest_.size(); }
  size_t offset() const { return static_cast<size_t>(rest_.data() - begin_); }

 private:
  bool Take(size_t bytes, absl::string_view& value);

  const char* const begin_;
  absl::string_view rest_;
  uint64_t empty_items_left_ = 0;
  DatumFault fault_;
};

}  // namespace nexus::schema
