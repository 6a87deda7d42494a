#include "script/spidermonkey/run_bounds.h"

#include <js/Context.h>
#include <js/GCAPI.h>
#include <js/GlobalObject.h>
#include <js/Interrupt.h>
#include <js/MemoryCallbacks.h>
#include <js/PropertyAndElement.h>
#include <js/Realm.h>

#include <algorithm>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/system_clock.h"
#include "script/spidermonkey/exception_text.h"

namespace nexus::script {
namespace {

// A collection takes milliseconds: not at every look while much is held.
constexpr size_t kGrowthBetweenCollections = 8 << 20;
// More than any engine holds, and small enough to be added to.
constexpr size_t kBytesMax = size_t{1} << 40;

}  // namespace

void CollectZone(JSContext* context) {
  JS::PrepareZoneForGC(context, JS::GetObjectZone(JS::CurrentGlobalOrNull(context)));
  JS::NonIncrementalGC(context, JS::GCOptions::Normal, JS::GCReason::RESERVED1);
}

RunBounds::RunBounds(JSContext* context, JS::HandleObject global)
    : context_(context), global_(context, global), figures_(context), malloc_bytes_(context) {}

absl::StatusOr<std::unique_ptr<RunBounds>> RunBounds::Create(JSContext* context, Watchdog& dog,
                                                             JS::HandleObject global) {
  auto bounds = absl::WrapUnique(new RunBounds(context, global));
  JS_SetContextPrivate(context, bounds.get());
  const JSAutoRealm realm(context, global);
  bounds->figures_ = js::gc::NewMemoryInfoObject(context);
  JS::RootedString name(context, JS_AtomizeAndPinString(context, "mallocBytes"));
  if (!bounds->figures_ || !name || !JS_AddInterruptCallback(context, &OnInterrupt)) {
    return absl::InternalError("the script engine cannot be bounded");
  }
  bounds->malloc_bytes_ = JS::PropertyKey::fromPinnedString(name);
  JS_SetGCParameter(context, JSGC_NURSERY_FREE_THRESHOLD_FOR_IDLE_COLLECTION, 0xffffffff);
  JS_SetGCParameter(context, JSGC_NURSERY_FREE_THRESHOLD_FOR_IDLE_COLLECTION_PERCENT, 100);
  JS::SetOutOfMemoryCallback(context, &OnOutOfMemory, bounds.get());
  JS_SetGCCallback(context, &OnCollection, bounds.get());
  bounds->watch_ =
      dog.Add([context] { JS_RequestInterruptCallback(context); }, Watchdog::Calls::kNowAndThen);
  return bounds;
}

RunBounds::~RunBounds() {
  watch_.reset();
  JS_SetGCCallback(context_, nullptr, nullptr);
  JS::SetOutOfMemoryCallback(context_, nullptr, nullptr);
  JS_SetContextPrivate(context_, nullptr);
}

RunBounds& RunBounds::Of(JSContext* context) {
  return *static_cast<RunBounds*>(JS_GetContextPrivate(context));
}

size_t RunBounds::Held() {
  const JSAutoRealm realm(context_, global_);
  JS::RootedValue bytes(context_);
  if (!JS_GetPropertyById(context_, figures_, malloc_bytes_, &bytes) || !bytes.isNumber()) {
    JS_ClearPendingException(context_);
    return 0;
  }
  return JS_GetGCParameter(context_, JSGC_BYTES) + static_cast<size_t>(bytes.toNumber());
}

// What the nursery's things own is counted when they leave it. Nothing but an empty nursery stops
// this "idle task" since Create() has set its thresholds.
void RunBounds::CollectYoung() { JS::RunIdleTimeGCTask(JS_GetRuntime(context_)); }

// The limit of the collector's own heap holds back what it is asked for directly, not what grows
// out of its nursery.
bool RunBounds::WithinMemory() {
  if (bytes_max_ == 0) return true;
  const size_t held_max =
      std::min<size_t>(held_before_ + bytes_max_, JS_GetGCParameter(context_, JSGC_MAX_BYTES));
  const size_t held = Held();
  if (held <= held_max) return true;
  if (held >= held_at_collection_ + kGrowthBetweenCollections) {
    CollectZone(context_);
    held_at_collection_ = Held();
    out_of_memory_ = held_at_collection_ > held_max;
  }
  return !out_of_memory_;
}

// The watch looks at the clock on the wall, which goes on while others have the processor.
bool RunBounds::OverTime() const {
  return watch_->Expired() && ThreadProcessorTime() - begun_ >= time_max_;
}

bool RunBounds::MayGoOn() {
  if (out_of_memory_ || OverTime()) return false;
  CollectYoung();
  return WithinMemory();
}

bool RunBounds::OnInterrupt(JSContext* context) { return Of(context).MayGoOn(); }

void RunBounds::OnOutOfMemory(JSContext*, void* self) {
  static_cast<RunBounds*>(self)->out_of_memory_ = true;
}

// What was garbage already when the run began makes no room for the run.
void RunBounds::OnCollection(JSContext*, JSGCStatus status, JS::GCReason, void* self) {
  auto* bounds = static_cast<RunBounds*>(self);
  if (status == JSGC_END && bounds->bytes_max_ != 0) {
    bounds->held_before_ = std::min(bounds->held_before_, bounds->Held());
  }
}

void RunBounds::Begin(const CallLimits& limits) {
  out_of_memory_ = false;
  held_before_ = Held();
  held_at_collection_ = 0;
  bytes_max_ = std::clamp<size_t>(limits.bytes_max, 1, kBytesMax);
  time_max_ = limits.time_max;
  begun_ = ThreadProcessorTime();
  watch_->Arm(limits.time_max);
}

absl::Status RunBounds::End(bool done) {
  // What ended by itself may have done so in one long step that nothing could interrupt.
  const bool in_time = !OverTime();
  if (done && !out_of_memory_) WithinMemory();
  watch_->Disarm();
  const size_t bytes_max = bytes_max_;
  const bool out_of_memory = out_of_memory_;
  bytes_max_ = 0;
  out_of_memory_ = false;
  if (done && in_time && !out_of_memory) return absl::OkStatus();
  const bool threw = JS_IsExceptionPending(context_);
  const ThrownText thrown = TakeThrown(context_);
  if (threw && in_time && !out_of_memory && !thrown.stack_is_full) {
    return absl::AbortedError(thrown.text);
  }
  // Its owner throws the module away; the context goes on without the garbage.
  CollectZone(context_);
  if (out_of_memory) {
    return absl::ResourceExhaustedError(
        absl::StrCat("it needs more memory than the ", bytes_max, " bytes that it may take"));
  }
  if (threw && thrown.stack_is_full) return absl::ResourceExhaustedError(thrown.text);
  return absl::DeadlineExceededError("interrupted: it ran for too long");
}

}  // namespace nexus::script
