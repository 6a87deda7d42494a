#include "cli/progress.h"

#include <algorithm>

#include "absl/strings/str_format.h"

namespace nexus::cli {
namespace {

constexpr absl::Duration kBarEvery = absl::Milliseconds(100);
constexpr absl::Duration kLineEvery = absl::Seconds(10);
constexpr size_t kBarWidth = 30;

}  // namespace

Progress::Progress(std::ostream& err, bool terminal, uint64_t total, const Clock& clock)
    : err_(err),
      terminal_(terminal),
      total_(total),
      clock_(clock),
      begin_(clock.Monotonic()),
      next_(begin_ + (terminal ? absl::ZeroDuration() : kLineEvery)) {}

void Progress::Update(uint64_t done, uint64_t events) {
  const absl::Duration now = clock_.Monotonic();
  if (now < next_) return;
  next_ = now + (terminal_ ? kBarEvery : kLineEvery);
  if (terminal_) {
    err_ << "\r\x1b[K" << Line(done, events) << std::flush;
    bar_shown_ = true;
  } else {
    err_ << Line(done, events) << std::endl;
  }
}

void Progress::End() {
  if (bar_shown_) err_ << "\r\x1b[K" << std::flush;
  bar_shown_ = false;
}

std::string Progress::Line(uint64_t done, uint64_t events) const {
  const double seconds = std::max(1e-3, absl::ToDoubleSeconds(clock_.Monotonic() - begin_));
  const std::string counted =
      absl::StrFormat("%d events, %.0f/s", events, static_cast<double>(events) / seconds);
  if (total_ == 0) return counted;
  const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
  const std::string percent = absl::StrFormat("%3.0f %%  ", 100 * share);
  if (!terminal_) return percent + counted;
  const auto filled = static_cast<size_t>(share * kBarWidth);
  return "[" + std::string(filled, '#') + std::string(kBarWidth - filled, '.') + "] " + percent +
         counted;
}

}  // namespace nexus::cli
