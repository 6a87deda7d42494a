#include "temporal/continuation.h"

#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "digest/hmac_sha256.h"
#include "nexus/core/errors.h"

namespace nexus::temporal {
namespace {

constexpr size_t kKeyBytes = 32;
// Four thirds of it, and the rest of a request, are less than the 4 MiB of a message.
constexpr size_t kBytesMax = 2 << 20;

class Writer {
 public:
  void Number(uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8) out_.push_back(static_cast<char>(number >> shift));
  }
  void Text(absl::string_view text) {
    Number(text.size());
    out_.append(text.data(), text.size());
  }
  void Event(const std::optional<PastEvent>& event) {
    Number(event.has_value() ? 1 : 0);
    if (!event.has_value()) return;
    Number(event->revision.value);
    Number(event->position.value);
    Number(static_cast<uint64_t>(event->recorded.micros));
  }
  void MaybeRevision(const std::optional<Revision>& revision) {
    Number(revision.has_value() ? 1 : 0);
    if (revision.has_value()) Number(revision->value);
  }
  void Bound(const PastBound& bound) {
    Number(bound.position.value);
    Number(static_cast<uint64_t>(bound.time.micros));
    MaybeRevision(bound.revision);
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

// Of what was written here: the seal has said so.
class Reader {
 public:
  explicit Reader(absl::string_view in) : in_(in) {}

  uint64_t Number() {
    if (in_.size() < 8) return 0;
    uint64_t number = 0;
    for (size_t i = 0; i < 8; ++i) {
      number |= static_cast<uint64_t>(static_cast<unsigned char>(in_[i])) << (8 * i);
    }
    in_.remove_prefix(8);
    return number;
  }
  std::string Text() {
    const std::string text(in_.substr(0, Number()));
    in_.remove_prefix(text.size());
    return text;
  }
  std::optional<PastEvent> Event() {
    if (Number() == 0) return std::nullopt;
    PastEvent event;
    event.revision = Revision(Number());
    event.position = Position(Number());
    event.recorded.micros = static_cast<int64_t>(Number());
    return event;
  }
  std::optional<Revision> MaybeRevision() {
    if (Number() == 0) return std::nullopt;
    return Revision(Number());
  }
  PastBound Bound() {
    PastBound bound;
    bound.position = Position(Number());
    bound.time.micros = static_cast<int64_t>(Number());
    bound.revision = MaybeRevision();
    return bound;
  }

 private:
  absl::string_view in_;
};

std::string Encode(const PastProgress& progress) {
  Writer out;
  out.Number(progress.from.has_value() ? 1 : 0);
  if (progress.from.has_value()) out.Bound(*progress.from);
  out.Bound(progress.to);
  out.Event(progress.last);
  out.Text(progress.state);
  out.Number(progress.from_reached ? 1 : 0);
  out.Event(progress.from_event);
  out.Text(progress.from_state);
  out.Number(progress.events_between);
  out.MaybeRevision(progress.snapshot_revision);
  return out.Take();
}

PastProgress Decode(absl::string_view bytes) {
  Reader in(bytes);
  PastProgress progress;
  if (in.Number() != 0) progress.from = in.Bound();
  progress.to = in.Bound();
  progress.last = in.Event();
  progress.state = in.Text();
  progress.from_reached = in.Number() != 0;
  progress.from_event = in.Event();
  progress.from_state = in.Text();
  progress.events_between = in.Number();
  progress.snapshot_revision = in.MaybeRevision();
  return progress;
}

std::string SealOf(absl::string_view key, absl::string_view owner, absl::string_view bytes) {
  const Sha256Digest seal = HmacSha256(key, absl::StrCat(owner.size(), ":", owner, bytes));
  return std::string(reinterpret_cast<const char*>(seal.data()), seal.size());
}

// Takes as long for a seal that is almost right as for any other.
bool IsSame(absl::string_view a, absl::string_view b) {
  unsigned char difference = a.size() == b.size() ? 0 : 1;
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  }
  return difference == 0;
}

}  // namespace

Continuations::Continuations(SecretSource& secrets) {
  std::array<uint8_t, kKeyBytes> key;
  secrets.Fill(absl::MakeSpan(key));
  key_.assign(reinterpret_cast<const char*>(key.data()), key.size());
}

absl::StatusOr<std::string> Continuations::Seal(const PastProgress& progress,
                                                absl::string_view owner) const {
  const std::string bytes = Encode(progress);
  if (bytes.size() > kBytesMax) {
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("the state has ", progress.state.size(),
                                  " bytes, too many to be carried on; ask for a point whose events "
                                  "fit one answer"));
  }
  return absl::WebSafeBase64Escape(absl::StrCat(SealOf(key_, owner, bytes), bytes));
}

absl::StatusOr<PastProgress> Continuations::Open(absl::string_view continuation,
                                                 absl::string_view owner) const {
  std::string sealed;
  const bool decoded = absl::WebSafeBase64Unescape(continuation, &sealed);
  const size_t seal_size = std::tuple_size_v<Sha256Digest>;
  if (decoded && sealed.size() > seal_size) {
    const absl::string_view bytes = absl::string_view(sealed).substr(seal_size);
    if (IsSame(absl::string_view(sealed).substr(0, seal_size), SealOf(key_, owner, bytes))) {
      return Decode(bytes);
    }
  }
  return MakeError(ErrorReason::kMalformedPageToken,
                   "the continuation is not one of this query: the request, the client or the "
                   "aggregate's code is another one, or the server was restarted; begin anew");
}

}  // namespace nexus::temporal
