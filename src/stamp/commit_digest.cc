#include "stamp/commit_digest.h"

// The one-shot functions of OpenSSL 3 look an algorithm up and allocate, for each digest.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <array>
#include <cstring>
#include <string>

#include "absl/strings/escaping.h"

namespace nexus::stamp {
namespace {

constexpr absl::string_view kMark = "nexus commit 1";

// Gathers what is short, so that the digest gets it in few pieces.
class Hasher {
 public:
  Hasher() { SHA256_Init(&state_); }

  void U8(uint8_t n) { Bytes({reinterpret_cast<const char*>(&n), 1}); }
  void U64(uint64_t n) {
    char bytes[8];
    for (size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(n >> (8 * (7 - i)));
    Bytes({bytes, 8});
  }
  void Varint(uint64_t n) {
    for (; n >= 0x80; n >>= 7) U8(static_cast<uint8_t>(n | 0x80));
    U8(static_cast<uint8_t>(n));
  }
  void Bytes(absl::string_view bytes) {
    if (bytes.size() > buffer_.size() - used_) {
      Flush();
      if (bytes.size() > buffer_.size()) {
        SHA256_Update(&state_, bytes.data(), bytes.size());
        return;
      }
    }
    if (bytes.empty()) return;
    std::memcpy(buffer_.data() + used_, bytes.data(), bytes.size());
    used_ += bytes.size();
  }
  void Text(absl::string_view text) {
    Varint(text.size());
    Bytes(text);
  }

  Digest128 Finish() {
    Flush();
    unsigned char whole[SHA256_DIGEST_LENGTH];
    SHA256_Final(whole, &state_);
    Digest128 digest;
    std::memcpy(digest.data(), whole, digest.size());
    return digest;
  }

 private:
  void Flush() {
    if (used_ > 0) SHA256_Update(&state_, buffer_.data(), used_);
    used_ = 0;
  }

  SHA256_CTX state_;
  std::array<char, 512> buffer_;
  size_t used_ = 0;
};

// An Event and a RecordedEvent have the same members, as far as they are the client's.
template <typename AnyEvent>
void Feed(Hasher& out, absl::string_view stream, const AnyEvent& event) {
  out.Text(stream);
  out.Bytes(event.id.AsBytes());
  out.Text(event.type);
  out.Text(event.content_type);
  out.Varint(event.tags.size());
  for (const auto& tag : event.tags) out.Text(tag);
  out.Varint(event.metadata.size());
  for (const auto& [key, value] : event.metadata) {
    out.Text(key);
    out.Text(value);
  }
  uint64_t impact = 0;
  std::memcpy(&impact, &event.routing.business_impact, sizeof(impact));
  out.U8(static_cast<uint8_t>(event.routing.criticality));
  out.U8(event.routing.requires_ordering ? 1 : 0);
  out.U64(impact);
  out.Varint(event.routing.max_latency_ms);
  out.Text(event.correlation_id);
  out.Text(event.causation_id);
  out.Text(event.data);
}

void Begin(Hasher& out, const CommitId& id, size_t events) {
  out.Text(kMark);
  out.Bytes(id.AsBytes());
  out.Varint(events);
}

}  // namespace

Digest128 DigestOfCommit(const Commit& commit) {
  Hasher out;
  Begin(out, commit.id, commit.events.size());
  for (const CommitEvent& entry : commit.events) {
    Feed(out, commit.streams[entry.stream_index].name.str(), entry.event);
  }
  return out.Finish();
}

Digest128 DigestOfEvents(absl::Span<const RecordedEvent> events) {
  Hasher out;
  Begin(out, events.empty() ? CommitId() : events.front().commit_id, events.size());
  for (const RecordedEvent& event : events) Feed(out, event.stream, event);
  return out.Finish();
}

Digest128 DigestOfText(absl::string_view text) {
  Hasher out;
  out.Bytes(text);
  return out.Finish();
}

std::string HexOf(absl::string_view digest) { return absl::BytesToHexString(digest); }

}  // namespace nexus::stamp
