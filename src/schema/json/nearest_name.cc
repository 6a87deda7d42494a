#include "schema/json/nearest_name.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "nexus/core/edit_distance.h"

namespace nexus::schema {
namespace {

constexpr size_t kNameBytesMax = 64;
constexpr size_t kSlipsMax = 2;

// Without case and what joins words.
std::string Bare(std::string_view name) {
  std::string bare;
  for (const char c : name) {
    if (c != '_' && c != '-' && c != '.') bare.push_back(absl::ascii_tolower(c));
  }
  return bare;
}

}  // namespace

NearestName::NearestName(std::string_view name, size_t candidates_max)
    : name_(name.size() > kNameBytesMax ? std::string_view() : name),
      bare_name_(Bare(name_)),
      candidates_left_(name_.empty() ? 0 : candidates_max),
      // Of a short name half would be another word.
      distance_(std::min(kSlipsMax, name_.size() / 3) + 1) {}

void NearestName::Offer(std::string_view candidate) {
  if (candidates_left_ == 0 || distance_ == 0) return;
  --candidates_left_;
  if (candidate.empty() || candidate.size() > kNameBytesMax) return;
  const size_t longer = std::max(candidate.size(), name_.size());
  const size_t shorter = std::min(candidate.size(), name_.size());
  size_t distance = distance_;
  if (!bare_name_.empty() && Bare(candidate) == bare_name_) {
    distance = 0;
  } else if (longer - shorter < distance_) {
    distance = EditDistance(name_, absl::string_view(candidate.data(), candidate.size()));
  }
  if (distance >= distance_) return;
  distance_ = distance;
  found_ = std::string(candidate);
}

}  // namespace nexus::schema
