#pragma once

// The chain over the log: one number that stands for every commit record up to a position, in
// order (docs/storage-format.md, "Chain"). Pure.
//
// Each step is a bijection of the chain before it, so two logs that differ in any record have
// different chains from there on, and a step can be taken back: opening walks from the tip to the
// anchor without a stored chain in each record. It finds damage and logs of another time; it is no
// cryptographic proof.

#include <cstdint>

#include "absl/strings/string_view.h"
#include "nexus/core/position.h"

namespace nexus::storage {

// Of an empty log.
inline constexpr uint64_t kChainBegin = 0;

// What one record adds: where it begins, and the checksums in its head.
struct ChainLink {
  Position first;
  uint32_t placement_crc = 0;
  uint32_t proposal_crc = 0;
};

// The link of a record that begins at `first`; `head` holds at least its fixed prefix.
ChainLink LinkOf(Position first, absl::string_view head);

uint64_t ChainAfter(uint64_t chain, const ChainLink& link);
// The chain that ChainAfter() came from.
uint64_t ChainBefore(uint64_t chain, const ChainLink& link);

}  // namespace nexus::storage
