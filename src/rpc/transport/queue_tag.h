#pragma once

// What a completion queue gives back: somebody who waits for it.

namespace nexus::rpc {

class QueueTag {
 public:
  // Once for each operation that was started with this tag. May end the tag's own life.
  virtual void Complete(bool ok) = 0;

 protected:
  ~QueueTag() = default;
};

}  // namespace nexus::rpc
