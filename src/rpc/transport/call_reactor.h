#pragma once

// What happens on one call: the reactions to the steps that rpc/transport/server_call.h starts.
//
// The reactions run on the polling thread of the call, one at a time, and never inside a Start
// call. They must not block: all calls of the queue wait for them.

namespace nexus::rpc {

class CallReactor {
 public:
  CallReactor() = default;
  CallReactor(const CallReactor&) = delete;
  CallReactor& operator=(const CallReactor&) = delete;
  virtual ~CallReactor() = default;

  // Not ok: the client will send no more, or has gone.
  virtual void OnReadDone(bool /*ok*/) {}
  // Not ok: the client has gone.
  virtual void OnWriteDone(bool /*ok*/) {}
  // The client has gone, or its deadline has passed. The call still has to be finished.
  virtual void OnCancel() {}
  // The call is finished and no other reaction follows; the call lets go of the reactor after it.
  virtual void OnDone() {}
};

}  // namespace nexus::rpc
