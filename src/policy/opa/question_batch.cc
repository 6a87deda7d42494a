#include "policy/opa/question_batch.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "policy/failure.h"

namespace nexus::policy {

QuestionBatch::QuestionBatch(std::vector<Waiting> waiting)
    : waiting_(std::move(waiting)), waiting_left_(waiting_.size()) {
  using Content = std::pair<absl::string_view, absl::string_view>;
  absl::flat_hash_map<Content, size_t> known;
  body_ = "{\"input\":{\"items\":[";
  for (size_t i = 0; i < waiting_.size(); ++i) {
    const PolicyQuestion& question = waiting_[i].question;
    const auto [item, is_new] =
        known.try_emplace(Content(question.operation, question.input_json), askers_.size());
    if (is_new) {
      askers_.emplace_back();
      absl::StrAppend(&body_, item->second == 0 ? "" : ",", "{\"operation\":\"", question.operation,
                      "\",\"input\":", question.input_json, "}");
    }
    askers_[item->second].push_back(i);
  }
  body_.append("]}}");
}

absl::Duration QuestionBatch::EarliestDeadline() const {
  absl::Duration earliest = absl::InfiniteDuration();
  for (const Waiting& waiting : waiting_) {
    if (waiting.done) earliest = std::min(earliest, waiting.deadline);
  }
  return earliest;
}

void QuestionBatch::Settle(Waiting& waiting, const absl::StatusOr<PolicyAnswer>& answer) {
  if (!waiting.done) return;
  PolicyDecider::Done done = std::move(waiting.done);
  waiting.done = nullptr;
  --waiting_left_;
  done(answer);
}

void QuestionBatch::Answer(size_t index, const absl::StatusOr<PolicyAnswer>& answer) {
  for (const size_t i : askers_[index]) Settle(waiting_[i], answer);
}

void QuestionBatch::FailAll(const absl::Status& status) {
  for (Waiting& waiting : waiting_) Settle(waiting, status);
}

void QuestionBatch::Expire(absl::Duration now) {
  for (Waiting& waiting : waiting_) {
    if (waiting.done && waiting.deadline <= now) {
      Settle(waiting, Undecided(kTimeout, "no answer in time"));
    }
  }
}

std::vector<Waiting> QuestionBatch::Split() {
  std::vector<Waiting> left;
  for (Waiting& waiting : waiting_) {
    if (!waiting.done) continue;
    waiting.alone = true;
    left.push_back(std::move(waiting));
    waiting.done = nullptr;  // NOLINT(bugprone-use-after-move): it is put back into order here
  }
  waiting_left_ = 0;
  return left;
}

}  // namespace nexus::policy
