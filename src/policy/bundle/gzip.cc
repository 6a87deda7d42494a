#include "policy/bundle/gzip.h"

#include <zlib.h>

#include <array>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::policy {
namespace {

constexpr int kGzipWindow = 15 + 16;  // the largest window, with the header of gzip

Bytef* Bytes(absl::string_view text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

absl::Status Damaged(absl::string_view how) {
  return MakeError(ErrorReason::kConfigurationInvalid,
                   absl::StrCat("the bundle is not a whole gzip file: ", how));
}

}  // namespace

absl::StatusOr<std::string> Gunzip(absl::string_view packed, size_t bytes_max) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return Damaged("zlib does not start");
  const absl::Cleanup end = [&stream] { inflateEnd(&stream); };
  stream.next_in = Bytes(packed);
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string text;
  std::array<char, 64 << 10> piece{};
  int state = Z_OK;
  while (state != Z_STREAM_END) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = piece.size();
    state = inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END) {
      return Damaged(stream.msg == nullptr ? "it ends too early" : stream.msg);
    }
    text.append(piece.data(), piece.size() - stream.avail_out);
    if (text.size() > bytes_max) {
      return MakeError(ErrorReason::kConfigurationInvalid,
                       absl::StrCat("the bundle unpacks to more than ", bytes_max, " bytes"));
    }
  }
  return text;
}

std::string Gzip(absl::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, 9, Z_DEFAULT_STRATEGY);
  const absl::Cleanup end = [&stream] { deflateEnd(&stream); };
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = Bytes(text);
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = Bytes(packed);
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  return packed;
}

}  // namespace nexus::policy
