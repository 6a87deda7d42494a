// Reading protobuf's wire format no deeper than counting asks for.

#include "load/dialect.h"
#include "load/load_report.h"

namespace nexus::bench {
namespace {

// Walks over the fields of a message.
class Walker {
 public:
  explicit Walker(absl::string_view message) : rest_(message) {}

  // False at the end.
  bool Next() {
    if (rest_.empty()) return false;
    const uint64_t tag = Varint();
    field_ = static_cast<uint32_t>(tag >> 3);
    value_ = {};
    switch (tag & 7) {
      case 0:
        Varint();
        break;
      case 1:
        Take(8);
        break;
      case 2:
        value_ = Take(Varint());
        break;
      case 5:
        Take(4);
        break;
      default:
        Die("an answer is not a message");
    }
    return true;
  }
  uint32_t field() const { return field_; }
  absl::string_view value() const { return value_; }

 private:
  uint64_t Varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<uint8_t>(Take(1)[0]);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    Die("an answer is not a message");
  }
  absl::string_view Take(uint64_t bytes) {
    if (bytes > rest_.size()) Die("an answer is cut off");
    const absl::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }

  absl::string_view rest_;
  uint32_t field_ = 0;
  absl::string_view value_;
};

}  // namespace

uint64_t CountField(absl::string_view message, uint32_t field) {
  uint64_t count = 0;
  for (Walker walker(message); walker.Next();) count += walker.field() == field ? 1 : 0;
  return count;
}

absl::string_view FirstField(absl::string_view message, uint32_t field) {
  for (Walker walker(message); walker.Next();) {
    if (walker.field() == field) return walker.value();
  }
  return {};
}

std::string Joined(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) Die("an answer cannot be read");
  std::string bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

std::unique_ptr<Dialect> MakeDialect(const LoadOptions& options) {
  if (options.system == "nexus") return MakeNexusDialect(options);
  if (options.system == "umadb") return MakeUmaDialect(options);
  Die("no such system: " + options.system);
}

}  // namespace nexus::bench
