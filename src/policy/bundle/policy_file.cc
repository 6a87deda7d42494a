#include "policy/bundle/policy_file.h"

#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::policy {

std::string PolicyRevision(const std::vector<PolicyFile>& files) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  // Sizes first: no two lists of files give the same bytes.
  const auto add = [&](absl::string_view text) {
    const std::string size = absl::StrCat(text.size(), ":");
    EVP_DigestUpdate(context.get(), size.data(), size.size());
    EVP_DigestUpdate(context.get(), text.data(), text.size());
  };
  for (const PolicyFile& file : files) {
    add(file.path);
    add(file.content);
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &size);
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest.data()), size});
}

absl::StatusOr<std::string> ReadPolicyFile(const std::string& path, size_t bytes_max) {
  const auto refuse = [&](absl::string_view why) {
    return MakeError(ErrorReason::kConfigurationInvalid,
                     absl::StrCat("cannot read ", path, ": ", why));
  };
  std::ifstream in(path, std::ios::binary);
  if (!in) return refuse("it cannot be opened");
  std::string content;
  std::array<char, 64 << 10> piece{};
  while (in.read(piece.data(), piece.size()), in.gcount() > 0) {
    content.append(piece.data(), static_cast<size_t>(in.gcount()));
    if (content.size() > bytes_max) {
      return refuse(absl::StrCat("it has more than ", bytes_max, " bytes"));
    }
  }
  if (in.bad()) return refuse("an error of the disk");
  return content;
}

}  // namespace nexus::policy
