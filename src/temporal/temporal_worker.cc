#include "temporal/temporal_worker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "concurrency/thread_name.h"
#include "digest/sha256.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "temporal/code_fold.h"
#include "temporal/merge_fold.h"

namespace nexus::temporal {
namespace {

// Code of so many aggregates stays compiled.
constexpr size_t kCodesMax = 64;
constexpr double kShareOfDeadline = .8;

// Tells a query and who asks it from all others, and so does the code that answers it.
std::string OwnerOf(const TemporalCall& call, const FoldFacts& facts) {
  const PastQuery& query = call.query;
  std::string text;
  for (const absl::string_view part :
       {absl::string_view(QueryName(query.kind)), absl::string_view(query.stream),
        absl::string_view(query.pointer), absl::string_view(call.principal),
        absl::string_view(facts.aggregate), absl::string_view(facts.code_digest)}) {
    absl::StrAppend(&text, part.size(), ":", part);
  }
  absl::StrAppend(&text, query.from.has_value() ? PointText(*query.from) : "", "|",
                  PointText(query.to));
  return Sha256Hex(text);
}

}  // namespace

TemporalWorker::TemporalWorker(const TemporalWorkerParts& parts,
                               const TemporalWorkerOptions& options)
    : parts_(parts), options_(options), thread_([this] { Run(); }) {}

TemporalWorker::~TemporalWorker() { Stop(); }

void TemporalWorker::Submit(TemporalCall call) {
  absl::Status refused;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) {
      refused = MakeError(ErrorReason::kDraining, "the server shuts down");
    } else if (waiting_.size() >= options_.waiting_max) {
      refused = MakeError(ErrorReason::kOverloaded, "too many queries of the past are waiting",
                          absl::Seconds(1));
    } else {
      waiting_.push_back(std::move(call));
      changed_.Signal();
      return;
    }
  }
  call.done(std::move(refused));
}

void TemporalWorker::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.Signal();
  }
  if (thread_.joinable()) thread_.join();
}

void TemporalWorker::Run() {
  concurrency::NameThisThread("nexus-temporal");
  auto context = parts_.scripts.NewContext(options_.context);
  if (context.ok()) {
    context_ = *std::move(context);
  } else {
    start_ = context.status();
  }
  for (;;) {
    TemporalCall call;
    {
      absl::MutexLock lock(&mutex_);
      while (waiting_.empty() && !stopping_) changed_.Wait(&mutex_);
      if (waiting_.empty()) break;
      call = std::move(waiting_.front());
      waiting_.pop_front();
    }
    absl::StatusOr<PastAnswer> answer = Answer(call);
    DropBroken();
    call.done(std::move(answer));
  }
  // Code before its context, which is this thread's.
  codes_.clear();
  context_.reset();
}

absl::StatusOr<PastAnswer> TemporalWorker::Answer(const TemporalCall& call) {
  NEXUS_ASSIGN_OR_RETURN(const std::unique_ptr<PastFold> fold, FoldFor(call.query));
  WalkLimits limits{.events_max = options_.events_max, .span_max = options_.span_max};
  // A page that comes too late is of no use: the rest is for its way back.
  const absl::Duration now = parts_.clock.Monotonic();
  limits.deadline = now + std::min(options_.time_max, (call.deadline - now) * kShareOfDeadline);
  const QueryAnswerParts parts{{parts_.reader, parts_.evolution, parts_.clock},
                               parts_.json,
                               parts_.continuations,
                               limits,
                               parts_.snapshots.finder,
                               CurrentOf(call.query, fold->Facts())};
  return AnswerQuery(parts, call.query, {OwnerOf(call, fold->Facts()), call.visible}, *fold);
}

std::function<bool(const SnapshotInfo&)> TemporalWorker::CurrentOf(const PastQuery& query,
                                                                   const FoldFacts& facts) const {
  snapshot::FoldDigests* const digests = parts_.snapshots.digests;
  if (digests == nullptr) return nullptr;
  std::shared_ptr<const domain::DomainState> domains = parts_.domains();
  const domain::AggregateRecord* const found =
      domains->FindCategory(StreamName::CategoryOf(query.stream));
  if (found == nullptr) return nullptr;
  // Shares the life of the state, whose record it is.
  std::shared_ptr<const domain::AggregateRecord> record(domains, found);
  // What folds may have changed since it was made.
  return [digests, record, folds = facts.code_digest](const SnapshotInfo& info) {
    return digests->Of(*record) == folds && digests->AreOf(*record, info);
  };
}

// An aggregate that is decided elsewhere is folded elsewhere, too.
absl::StatusOr<std::unique_ptr<PastFold>> TemporalWorker::FoldFor(const PastQuery& query) {
  NEXUS_ASSIGN_OR_RETURN(const StreamName stream, StreamName::Parse(query.stream));
  const std::shared_ptr<const domain::DomainState> domains = parts_.domains();
  const domain::AggregateRecord* const found =
      query.merge_patch ? nullptr : domains->FindCategory(stream.category());
  if (found == nullptr || found->declaration.is_remote()) {
    return std::make_unique<MergeFold>(parts_.json);
  }
  // Shares the life of the state, whose record it is.
  NEXUS_ASSIGN_OR_RETURN(command::AggregateCode* const code,
                         CodeOf(std::shared_ptr<const domain::AggregateRecord>(domains, found)));
  return std::make_unique<CodeFold>(*code, parts_.snapshots.digests == nullptr
                                               ? found->code_digest
                                               : parts_.snapshots.digests->Of(*found));
}

absl::StatusOr<command::AggregateCode*> TemporalWorker::CodeOf(
    const std::shared_ptr<const domain::AggregateRecord>& record) {
  if (context_ == nullptr) return start_;
  std::unique_ptr<command::AggregateCode>& code = codes_[record->declaration.name];
  if (code != nullptr && code->record().code_digest == record->code_digest) return code.get();
  code.reset();
  absl::StatusOr<std::unique_ptr<command::AggregateCode>> loaded =
      command::AggregateCode::Load(*context_, record, options_.call);
  if (!loaded.ok()) {
    codes_.erase(record->declaration.name);
    return loaded.status();
  }
  command::AggregateCode* const now = loaded->get();
  code = *std::move(loaded);
  return now;
}

void TemporalWorker::DropBroken() {
  absl::erase_if(codes_, [](const auto& entry) { return entry.second->broken(); });
  if (codes_.size() > kCodesMax) codes_.clear();
}

}  // namespace nexus::temporal
