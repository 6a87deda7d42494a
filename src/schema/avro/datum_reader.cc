#include "schema/avro/datum_reader.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/text.h"

namespace nexus::schema {
namespace {

uint64_t LittleEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = (value << 8) | static_cast<uint8_t>(bytes[i]);
  return value;
}

}  // namespace

bool DatumReader::Fail(const char* keyword, std::string expected, std::string actual) {
  fault_ = {keyword, std::move(expected), std::move(actual)};
  return false;
}

bool DatumReader::Take(size_t bytes, absl::string_view& value) {
  if (bytes > rest_.size()) {
    return Fail("truncated", absl::StrCat(bytes, " bytes"), absl::StrCat(rest_.size()));
  }
  value = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  return true;
}

bool DatumReader::ReadBoolean(bool& value) {
  absl::string_view byte;
  if (!Take(1, byte)) return false;
  if (byte[0] != 0 && byte[0] != 1) {
    return Fail("boolean", "the byte 0 or 1", absl::StrCat(static_cast<uint8_t>(byte[0])));
  }
  value = byte[0] == 1;
  return true;
}

bool DatumReader::ReadLong(int64_t& value) {
  uint64_t bits = 0;
  for (size_t i = 0; i < rest_.size(); ++i) {
    const auto byte = static_cast<uint8_t>(rest_[i]);
    // The tenth byte has room for one bit.
    if (i == 9 && byte > 1) return Fail("range", "a number of 64 bits", "a longer one");
    bits |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if ((byte & 0x80) != 0) continue;
    rest_.remove_prefix(i + 1);
    value = static_cast<int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
    return true;
  }
  return Fail("truncated", "the rest of a number", "the end of the data");
}

bool DatumReader::ReadInt(int32_t& value) {
  int64_t wide = 0;
  if (!ReadLong(wide)) return false;
  value = static_cast<int32_t>(wide);
  return value == wide || Fail("range", "a number of 32 bits", absl::StrCat(wide));
}

bool DatumReader::ReadFloat(float& value) {
  absl::string_view bytes;
  if (!Take(4, bytes)) return false;
  value = std::bit_cast<float>(static_cast<uint32_t>(LittleEndian(bytes)));
  return true;
}

bool DatumReader::ReadDouble(double& value) {
  absl::string_view bytes;
  if (!Take(8, bytes)) return false;
  value = std::bit_cast<double>(LittleEndian(bytes));
  return true;
}

bool DatumReader::ReadBytes(absl::string_view& value) {
  int64_t length = 0;
  if (!ReadLong(length)) return false;
  if (length < 0 || static_cast<uint64_t>(length) > rest_.size()) {
    return Fail("length", absl::StrCat("a length from 0 to ", rest_.size()), absl::StrCat(length));
  }
  return Take(static_cast<size_t>(length), value);
}

bool DatumReader::ReadString(absl::string_view& value) {
  if (!ReadBytes(value)) return false;
  const auto invalid = FindInvalidUtf8(value);
  return !invalid || Fail("utf8", "UTF-8", absl::StrCat("another byte at ", *invalid));
}

bool DatumReader::ReadFixed(size_t bytes, absl::string_view& value) { return Take(bytes, value); }

bool DatumReader::ReadIndex(const char* keyword, size_t count, size_t& index) {
  int64_t read = 0;
  if (!ReadLong(read)) return false;
  if (read < 0 || static_cast<uint64_t>(read) >= count) {
    return Fail(keyword, absl::StrCat("an index from 0 to ", count - 1), absl::StrCat(read));
  }
  index = static_cast<size_t>(read);
  return true;
}

bool DatumReader::ReadBlock(uint64_t item_bytes_min, uint64_t& count, size_t& end_offset) {
  int64_t read = 0;
  end_offset = 0;
  if (!ReadLong(read)) return false;
  count = static_cast<uint64_t>(read);
  if (read < 0) {
    count = ~count + 1;
    int64_t bytes = 0;
    if (!ReadLong(bytes)) return false;
    if (bytes < 0 || static_cast<uint64_t>(bytes) > rest_.size()) {
      return Fail("length", absl::StrCat("a block of 0 to ", rest_.size(), " bytes"),
                  absl::StrCat(bytes));
    }
    end_offset = offset() + static_cast<size_t>(bytes);
  }
  const uint64_t most = item_bytes_min == 0 ? empty_items_left_ : rest_.size() / item_bytes_min;
  if (count > most) {
    return Fail("length", absl::StrCat("at most ", most, " more items"), absl::StrCat(count));
  }
  if (item_bytes_min == 0) empty_items_left_ -= count;
  return true;
}

bool DatumReader::CheckBlockEnd(size_t end_offset) {
  if (end_offset == 0 || end_offset == offset()) return true;
  return Fail("block", absl::StrCat("the block to end at byte ", end_offset),
              absl::StrCat("its items end at ", offset()));
}

}  // namespace nexus::schema
