#include "log/commit_traits.h"

#include <cstring>

#include "absl/container/inlined_vector.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

namespace nexus::log {
namespace {

enum class Trait : uint8_t { kType, kTag, kCategory, kCorrelation };

uint64_t BitOf(Trait trait, absl::string_view text) {
  return uint64_t{1} << (absl::HashOf(trait, text) % 64);
}

uint64_t BitsOf(Trait trait, const std::vector<std::string>& texts) {
  uint64_t bits = 0;
  for (const std::string& text : texts) bits |= BitOf(trait, text);
  return bits;
}

// Of all but its stream's category.
uint64_t BitsOf(const Event& event) {
  return BitOf(Trait::kType, event.type) | BitsOf(Trait::kTag, event.tags) |
         BitOf(Trait::kCorrelation, event.correlation_id);
}

bool SameTexts(const Event& a, const Event& b) {
  return a.type == b.type && a.correlation_id == b.correlation_id && a.tags == b.tags;
}

// In host order: it never leaves the process.
void PutNumber(std::string& out, size_t n) {
  const auto number = static_cast<uint32_t>(n);
  out.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

void PutText(std::string& out, absl::string_view text) {
  PutNumber(out, text.size());
  out.append(text.data(), text.size());
}

// Reads what the above wrote; `at` moves on.
uint32_t TakeNumber(const std::string& in, size_t& at) {
  uint32_t number = 0;
  std::memcpy(&number, in.data() + at, sizeof(number));
  at += sizeof(number);
  return number;
}

absl::string_view TakeText(const std::string& in, size_t& at) {
  const uint32_t size = TakeNumber(in, at);
  const absl::string_view text(in.data() + at, size);
  at += size;
  return text;
}

void PutTexts(std::string& out, const Event& event) {
  PutText(out, event.type);
  PutText(out, event.correlation_id);
  PutNumber(out, event.tags.size());
  for (const std::string& tag : event.tags) PutText(out, tag);
}

// What is needed if all events are like the first, so that the text is allocated once or grows.
size_t TextBytes(const Commit& commit) {
  size_t bytes = 0;
  for (const CommitStream& stream : commit.streams) bytes += stream.name.str().size() + 4;
  if (commit.events.empty()) return bytes;
  const Event& event = commit.events.front().event;
  bytes += event.type.size() + event.correlation_id.size() + 12;
  for (const std::string& tag : event.tags) bytes += tag.size() + 4;
  return bytes;
}

}  // namespace

FilterProbe::FilterProbe(const EventFilter& filter) : filter_(filter) {
  if (filter.MatchesAll()) return;
  items_.reserve(filter.items.size());
  for (const FilterItem& item : filter.items) {
    items_.push_back({BitsOf(Trait::kTag, item.tags), BitsOf(Trait::kType, item.types),
                      BitsOf(Trait::kCategory, item.categories),
                      BitsOf(Trait::kCorrelation, item.correlation_ids)});
  }
}

// Events of one kind beside each other share their text: a commit of many is mostly that.
CommitTraits::CommitTraits(const Commit& commit) : tenant_(commit.tenant) {
  text_.reserve(TextBytes(commit));
  events_.reserve(commit.events.size());
  struct Stream {
    uint32_t text = 0;
    uint64_t category_bit = 0;
  };
  absl::InlinedVector<Stream, 4> streams;
  for (const CommitStream& stream : commit.streams) {
    streams.push_back(
        {static_cast<uint32_t>(text_.size()), BitOf(Trait::kCategory, stream.name.category())});
    PutText(text_, stream.name.str());
  }
  const Event* last = nullptr;
  uint64_t last_bits = 0;
  uint32_t last_text = 0;
  for (const CommitEvent& entry : commit.events) {
    const Event& event = entry.event;
    if (last == nullptr || !SameTexts(*last, event)) {
      last_bits = BitsOf(event);
      last_text = static_cast<uint32_t>(text_.size());
      PutTexts(text_, event);
      last = &event;
    }
    const Stream& stream = streams[entry.stream_index];
    events_.push_back({last_bits | stream.category_bit, last_text, stream.text});
    signature_ |= events_.back().signature;
  }
}

size_t CommitTraits::bytes() const {
  return sizeof(*this) + text_.capacity() + events_.capacity() * sizeof(Entry);
}

std::optional<size_t> CommitTraits::FirstMatch(const FilterProbe& probe, size_t from,
                                               size_t end) const {
  for (size_t i = from; i < end && i < events_.size(); ++i) {
    if (!probe.MayMatch(events_[i].signature)) continue;
    if (Matches(probe.filter(), events_[i])) return i;
  }
  return std::nullopt;
}

bool CommitTraits::Matches(const EventFilter& filter, const Entry& entry) const {
  size_t at = entry.stream;
  FilterSubject subject;
  subject.stream = TakeText(text_, at);
  at = entry.text;
  subject.type = TakeText(text_, at);
  subject.correlation_id = TakeText(text_, at);
  std::vector<absl::string_view> tags(TakeNumber(text_, at));
  for (absl::string_view& tag : tags) tag = TakeText(text_, at);
  subject.tags = tags;
  return filter.Matches(subject);
}

}  // namespace nexus::log
