#pragma once

// The server's policies, and layers beside them that can only refuse more.
//
// A question is asked of the server's policies and, if it names a category of a layer, of that
// layer too. Something is admitted if each of them admits it. The rules of a layer are told as
// "LAYER/RULE", with the modes that its own data give them. The revision of an answer is the
// server's, then "+" and the layer's for each that is in force there ("5f3c...+orders@7"), also
// where it has no entrypoint for the operation: what a command leads to tells of its rules, too. A
// layer that cannot decide refuses with POLICY_UNAVAILABLE, as the server's policies do.
//
// Thread-safe. `server` must outlive it and every callback.

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "nexus/port/policy_decider.h"
#include "policy/layered/policy_layer.h"

namespace nexus::policy {

class LayeredDecider : public PolicyDecider {
 public:
  explicit LayeredDecider(PolicyDecider& server);
  ~LayeredDecider() override;

  // In place of those before; questions that are under way keep theirs. In this order they stand
  // in revisions.
  void SetLayers(std::vector<PolicyLayer> layers) ABSL_LOCKS_EXCLUDED(mutex_);

  // None of them can be used any more, for `fault`: from the next question on.
  void Close(absl::string_view fault) ABSL_LOCKS_EXCLUDED(mutex_);

  void Decide(PolicyQuestion question, absl::Duration timeout, Done done) override;
  // The server's, with what is wrong with a layer.
  PolicyState State() override;
  bool asks() const override { return asks_by_category() || server_.asks(); }
  bool Decides(absl::string_view operation) override;
  bool asks_by_category() const override { return layered_.load(std::memory_order_acquire); }

 private:
  using LayerPtr = std::shared_ptr<const PolicyLayer>;
  struct Layers {
    std::vector<LayerPtr> all;
    absl::flat_hash_map<std::string, std::vector<size_t>> by_category;  // places in `all`
  };
  class Gathering;

  std::shared_ptr<const Layers> layers() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Those in force where `question` is about, in order.
  std::vector<LayerPtr> Concerned(const PolicyQuestion& question) const;
  void AskServer(PolicyQuestion question, absl::Duration timeout, Done done);

  PolicyDecider& server_;
  std::atomic<bool> layered_ = false;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const Layers> layers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::policy
