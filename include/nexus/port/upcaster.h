#pragma once

// Declared steps between versions of an event type, and from a type to its successor. Where there
// is one, it takes the place of the derived step: what a rename or a new unit needs, no difference
// of schemas can say.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/event.h"

namespace nexus {

// Data of version `from` of `type` become data of version `to` of `to_type`. Whoever declares
// steps derives from this and adds what it needs to run one.
struct DeclaredStep {
  virtual ~DeclaredStep() = default;

  std::string type;
  uint32_t from = 0;
  std::string to_type;  // `type`, or its successor
  uint32_t to = 0;

  bool leads_to_successor() const { return to_type != type; }
};

// The steps that are declared at one moment. Immutable once it is filled; thread-safe as such.
class DeclaredSteps {
 public:
  // Of two from the same version the first stays, and so it is of two successors of a type.
  void Add(std::unique_ptr<const DeclaredStep> step) {
    const DeclaredStep& added = *step;
    if (added.leads_to_successor()) successors_.try_emplace(added.type, &added);
    steps_.try_emplace(std::pair(added.type, added.from), std::move(step));
  }

  // Null if there is none.
  const DeclaredStep* Find(const std::string& type, uint32_t from) const {
    const auto found = steps_.find(std::pair(type, from));
    return found == steps_.end() ? nullptr : found->second.get();
  }
  const DeclaredStep* Successor(absl::string_view type) const {
    const auto found = successors_.find(type);
    return found == successors_.end() ? nullptr : found->second;
  }

 private:
  absl::flat_hash_map<std::pair<std::string, uint32_t>, std::unique_ptr<const DeclaredStep>> steps_;
  absl::flat_hash_map<std::string, const DeclaredStep*> successors_;
};

// Runs steps. Belongs to one thread.
class UpcastRunner {
 public:
  virtual ~UpcastRunner() = default;

  // A page of so many events is next: from here on counts what its steps may take in all.
  virtual void Begin(size_t events) = 0;

  // The data that come out; `event` has the type and the data that go in. An error is what the step
  // said or did; no later run suffers from it.
  virtual absl::StatusOr<std::string> Run(const DeclaredStep& step, const RecordedEvent& event) = 0;
};

// Thread-safe.
class Upcaster {
 public:
  virtual ~Upcaster() = default;

  // Null: nothing is declared. Cheap.
  virtual std::shared_ptr<const DeclaredSteps> Steps() = 0;

  // Runs `work` where steps can be run, and waits for its end. OVERLOADED if too many wait; then
  // it did not run. `work` calls nothing of this again.
  virtual absl::Status With(absl::FunctionRef<void(UpcastRunner&)> work) = 0;
};

}  // namespace nexus
