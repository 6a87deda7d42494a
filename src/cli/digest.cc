#include "cli/digest.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cassert>

namespace nexus::cli {

struct Digest::State {
  State() : context(EVP_MD_CTX_new()) {}
  ~State() { EVP_MD_CTX_free(context); }

  EVP_MD_CTX* const context;
};

Digest::Digest() : state_(std::make_unique<State>()) {
  EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr);
}

Digest::~Digest() = default;

Digest::Digest(const Digest& other) : state_(std::make_unique<State>()) {
  EVP_MD_CTX_copy_ex(state_->context, other.state_->context);
}

void Digest::Add(absl::string_view bytes) {
  EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
}

std::string Digest::Value() const {
  const Digest copy(*this);
  std::string value(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  EVP_DigestFinal_ex(copy.state_->context, reinterpret_cast<unsigned char*>(value.data()), &size);
  value.resize(size);
  return value;
}

UuidBytes UuidOf(absl::string_view digest) {
  UuidBytes bytes{};
  assert(digest.size() >= bytes.size());
  std::copy_n(digest.begin(), bytes.size(), bytes.begin());
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0F) | 0x80);  // version 8
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3F) | 0x80);  // variant
  return bytes;
}

}  // namespace nexus::cli
