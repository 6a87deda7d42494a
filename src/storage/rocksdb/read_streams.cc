#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/key_codec.h"
#include "storage/rocksdb/log_reader.h"

namespace nexus::storage {
namespace {

// The first name that does not begin with '$'.
constexpr absl::string_view kBehindSystem = "%";

absl::Status NotFound(absl::string_view name) {
  ErrorDetails details;
  details.reason = ErrorReason::kStreamNotFound;
  details.metadata = {{"stream", std::string(name)}};
  return MakeError(absl::StrCat("stream '", name, "' has no event"), details);
}

StreamInfo InfoOf(absl::string_view name, const log::StreamHead& head) {
  return {std::string(name),  head.last_revision, head.first_position,
          head.last_position, head.created,       head.updated};
}

// Walks the names that a query asks for, skipping ranges that cannot match.
class NameFilter {
 public:
  explicit NameFilter(const StreamQuery& query)
      : query_(query), category_dash_(query.category + "-") {}

  std::string Start() const {
    std::string start = std::max(query_.name_prefix, query_.category);
    if (!query_.after.empty()) start = std::max(start, query_.after + std::string(1, '\0'));
    return start;
  }

  enum class Step { kTake, kSkipTo, kStop };
  // `skip_to` is set for kSkipTo and lies behind `name`.
  Step Judge(absl::string_view name, std::string& skip_to) const {
    if (!absl::StartsWith(name, query_.name_prefix)) return Step::kStop;
    if (!query_.include_system && name[0] == '$') {
      skip_to = std::string(kBehindSystem);
      return Step::kSkipTo;
    }
    if (query_.category.empty() || StreamName::CategoryOf(name) == query_.category) {
      return Step::kTake;
    }
    // Between "order" and "order-1" lie names like "order!".
    if (name >= category_dash_) return Step::kStop;
    skip_to = category_dash_;
    return Step::kSkipTo;
  }

 private:
  const StreamQuery& query_;
  const std::string category_dash_;
};

}  // namespace

absl::StatusOr<log::StreamHead> LogReader::FindStream(Position head, absl::string_view name) {
  NEXUS_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                         database_.Get(database_.streams(), EncodeStreamKey(kTenant, name)));
  if (!row.has_value()) return NotFound(name);
  NEXUS_ASSIGN_OR_RETURN(const log::StreamHead newest, DecodeStreamHead(*row));
  NEXUS_ASSIGN_OR_RETURN(const std::optional<log::StreamHead> found, HeadAsOf(head, name, newest));
  if (!found.has_value()) return NotFound(name);
  return *found;
}

absl::StatusOr<std::optional<log::StreamHead>> LogReader::HeadAsOf(Position head,
                                                                   absl::string_view name,
                                                                   const log::StreamHead& row) {
  if (row.last_position <= head) return std::optional<log::StreamHead>(row);
  if (row.first_position > head) return std::optional<log::StreamHead>();
  const auto it = database_.NewIterator(database_.stream_commits());
  it->SeekForPrev(EncodeStreamCommitKey({row.first_position, row.last_revision}));
  for (; it->Valid(); it->Prev()) {
    NEXUS_ASSIGN_OR_RETURN(const StreamCommitKey key, DecodeStreamCommitKey(ToView(it->key())));
    if (key.stream_number != row.first_position) break;
    NEXUS_ASSIGN_OR_RETURN(const Position commit, DecodePosition(ToView(it->value())));
    if (commit > head) continue;
    NEXUS_ASSIGN_OR_RETURN(const LoadedRecord record, Load(commit));
    const std::optional<uint32_t> index = FindStreamIndex(record.view, name);
    if (!index.has_value()) break;
    NEXUS_ASSIGN_OR_RETURN(const std::vector<RecordedEvent> events,
                           DecodeEvents(record.view, {index, 0, UINT64_MAX}));
    if (events.empty()) break;
    log::StreamHead then = row;
    then.last_revision = events.back().revision;
    then.last_position = events.back().position;
    then.updated = record.view.recorded;
    return std::optional<log::StreamHead>(then);
  }
  NEXUS_RETURN_IF_ERROR(ToStatus(it->status(), "reading a stream"));
  return MakeError(ErrorReason::kDataLoss,
                   absl::StrCat("stream '", name, "' has no commit up to position ", head.value));
}

absl::StatusOr<StreamInfo> LogReader::GetStream(Position head, const StreamName& stream) {
  NEXUS_ASSIGN_OR_RETURN(const log::StreamHead found, FindStream(head, stream.str()));
  return InfoOf(stream.str(), found);
}

absl::StatusOr<StreamPage> LogReader::ListStreams(Position head, const StreamQuery& query) {
  StreamPage page;
  const size_t limit = std::max<size_t>(query.limit, 1);
  const NameFilter filter(query);
  const auto it = database_.NewIterator(database_.streams());
  it->Seek(EncodeStreamKey(kTenant, filter.Start()));
  while (it->Valid()) {
    // Keys of the next tenant lie behind all of ours.
    if (!absl::StartsWith(ToView(it->key()), EncodeStreamKey(kTenant, ""))) break;
    NEXUS_ASSIGN_OR_RETURN(const absl::string_view name, DecodeStreamName(ToView(it->key())));
    std::string skip_to;
    const NameFilter::Step step = filter.Judge(name, skip_to);
    if (step == NameFilter::Step::kStop) break;
    if (step == NameFilter::Step::kSkipTo) {
      it->Seek(EncodeStreamKey(kTenant, skip_to));
      continue;
    }
    NEXUS_ASSIGN_OR_RETURN(const log::StreamHead newest, DecodeStreamHead(ToView(it->value())));
    NEXUS_ASSIGN_OR_RETURN(const std::optional<log::StreamHead> found,
                           HeadAsOf(head, name, newest));
    if (found.has_value()) {
      if (page.streams.size() == limit) return page;
      page.streams.push_back(InfoOf(name, *found));
    }
    it->Next();
  }
  NEXUS_RETURN_IF_ERROR(ToStatus(it->status(), "listing streams"));
  page.end = true;
  return page;
}

}  // namespace nexus::storage
