#include "nexus/core/planted_fault.h"

#ifdef NEXUS_PLANTED_FAULTS

#include <array>
#include <cstdlib>

#include "absl/strings/string_view.h"

namespace nexus {
namespace {

// In the order of PlantedFault.
constexpr std::array<absl::string_view, 15> kNames = {
    "sync_off",        "ack_before_write",  "head_before_sync",      "go_on_after_failure",
    "group_in_two",    "position_twice",    "revision_gap",          "commit_id_ignored",
    "stale_head",      "event_ids_ignored", "condition_skips_group", "default_recovery",
    "holes_unnoticed", "no_disk_reserve",   "queue_unbounded",
};

}  // namespace

// Asked each time: a test sets the variable in a process that it has just forked.
bool IsPlanted(PlantedFault fault) {
  const char* planted = std::getenv("NEXUS_PLANTED_FAULT");
  return planted != nullptr && kNames[static_cast<size_t>(fault)] == planted;
}

}  // namespace nexus

#endif
