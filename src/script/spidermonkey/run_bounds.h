#pragma once

// How long what runs on a context may run, and how much memory it may take.
//
// Time is that of the processor: a thread that others keep waiting is not late. The watchdog asks
// the engine to stop for a moment, now and again, and the engine asks here whether it may go on.
// Memory: what the collector has allocated, and what its things own outside of its heap, are
// compared with what they were when the run began. Only what is still held after a collection
// counts.

#include <js/Id.h>
#include <js/RootingAPI.h>
#include <jsapi.h>

#include <cstddef>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "script/script_module.h"
#include "script/spidermonkey/watchdog.h"

namespace nexus::script {

class ModuleFiles;

// Collects what is garbage in the realm that is entered, and its own zone only: the compiled code
// of other modules stays.
void CollectZone(JSContext* context);

// Belongs to its context, which finds it as its private data.
class RunBounds {
 public:
  static absl::StatusOr<std::unique_ptr<RunBounds>> Create(JSContext* context, Watchdog& dog,
                                                           JS::HandleObject global);
  ~RunBounds();
  static RunBounds& Of(JSContext* context);

  Watchdog::Watch& watch() { return *watch_; }

  // Runs `step`, which returns false where it fails, as the functions of the engine do. The errors
  // are those of ScriptModule's functions; an exception becomes kAborted.
  template <typename Step>
  absl::Status Run(const CallLimits& limits, Step step) {
    Begin(limits);
    return End(step());
  }

  // The engine's memory in bytes, garbage included.
  size_t Held();

  // False: what runs has reached a limit.
  bool MayGoOn();

  // Whose imports are looked up; null: nothing is being loaded.
  ModuleFiles* loading() const { return loading_; }
  void set_loading(ModuleFiles* files) { loading_ = files; }

 private:
  RunBounds(JSContext* context, JS::HandleObject global);
  void Begin(const CallLimits& limits);
  absl::Status End(bool done);
  bool OverTime() const;
  void CollectYoung();
  bool WithinMemory();
  static bool OnInterrupt(JSContext* context);
  static void OnOutOfMemory(JSContext* context, void* self);
  static void OnCollection(JSContext* context, JSGCStatus status, JS::GCReason reason, void* self);

  JSContext* const context_;
  JS::PersistentRootedObject global_;  // any realm, to ask for figures in
  JS::PersistentRootedObject figures_;
  JS::PersistentRootedId malloc_bytes_;  // the name of a figure
  std::unique_ptr<Watchdog::Watch> watch_;
  absl::Duration time_max_;
  absl::Duration begun_;  // of the thread's processor time
  size_t bytes_max_ = 0;  // 0: nothing runs that is bounded
  size_t held_before_ = 0;
  size_t held_at_collection_ = 0;
  bool out_of_memory_ = false;
  ModuleFiles* loading_ = nullptr;
};

}  // namespace nexus::script
