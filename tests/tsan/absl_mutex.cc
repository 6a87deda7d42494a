// Shows Abseil's locks to ThreadSanitizer. Debian's Abseil is not instrumented, so without this
// every member that an absl::Mutex guards looks unguarded. The linker sends our calls here (--wrap,
// see CMakeLists.txt); in a call that waits, the lock is given up and taken again in between.

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

extern "C" {

void __tsan_acquire(void* address);
void __tsan_release(void* address);

}  // extern "C"

namespace {

// Abseil looks at a condition while it holds the lock, on the thread that waits or on one that
// gives the lock up, and takes and gives it inside of itself, where nobody sees it.
class SeenCondition {
 public:
  SeenCondition(absl::Mutex* mutex, const absl::Condition& condition)
      : mutex_(mutex), condition_(condition) {}

  absl::Condition Shown() { return absl::Condition(&Look, this); }

 private:
  static bool Look(SeenCondition* self) {
    __tsan_acquire(self->mutex_);
    const bool holds = self->condition_.Eval();
    __tsan_release(self->mutex_);
    return holds;
  }

  absl::Mutex* const mutex_;
  const absl::Condition& condition_;
};

}  // namespace

extern "C" {

#define NEXUS_LOCKS(symbol)                  \
  void __real_##symbol(absl::Mutex* mutex);  \
  void __wrap_##symbol(absl::Mutex* mutex) { \
    __real_##symbol(mutex);                  \
    __tsan_acquire(mutex);                   \
  }

#define NEXUS_TRIES(symbol)                     \
  bool __real_##symbol(absl::Mutex* mutex);     \
  bool __wrap_##symbol(absl::Mutex* mutex) {    \
    const bool locked = __real_##symbol(mutex); \
    if (locked) __tsan_acquire(mutex);          \
    return locked;                              \
  }

#define NEXUS_UNLOCKS(symbol)                \
  void __real_##symbol(absl::Mutex* mutex);  \
  void __wrap_##symbol(absl::Mutex* mutex) { \
    __tsan_release(mutex);                   \
    __real_##symbol(mutex);                  \
  }

NEXUS_LOCKS(_ZN4absl7debian35Mutex4LockEv)
NEXUS_LOCKS(_ZN4absl7debian35Mutex10ReaderLockEv)
NEXUS_TRIES(_ZN4absl7debian35Mutex7TryLockEv)
NEXUS_TRIES(_ZN4absl7debian35Mutex13ReaderTryLockEv)
NEXUS_UNLOCKS(_ZN4absl7debian35Mutex6UnlockEv)
NEXUS_UNLOCKS(_ZN4absl7debian35Mutex12ReaderUnlockEv)

#define NEXUS_LOCKS_WHEN(symbol)                                               \
  void __real_##symbol(absl::Mutex* mutex, const absl::Condition& condition);  \
  void __wrap_##symbol(absl::Mutex* mutex, const absl::Condition& condition) { \
    SeenCondition seen(mutex, condition);                                      \
    __real_##symbol(mutex, seen.Shown());                                      \
    __tsan_acquire(mutex);                                                     \
  }

NEXUS_LOCKS_WHEN(_ZN4absl7debian35Mutex8LockWhenERKNS0_9ConditionE)
NEXUS_LOCKS_WHEN(_ZN4absl7debian35Mutex14ReaderLockWhenERKNS0_9ConditionE)

#define NEXUS_AWAITS(symbol)                                                   \
  void __real_##symbol(absl::Mutex* mutex, const absl::Condition& condition);  \
  void __wrap_##symbol(absl::Mutex* mutex, const absl::Condition& condition) { \
    SeenCondition seen(mutex, condition);                                      \
    __tsan_release(mutex);                                                     \
    __real_##symbol(mutex, seen.Shown());                                      \
    __tsan_acquire(mutex);                                                     \
  }

NEXUS_AWAITS(_ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE)

#define NEXUS_AWAITS_UNTIL(symbol, Limit)                                                   \
  bool __real_##symbol(absl::Mutex* mutex, const absl::Condition& condition, Limit limit);  \
  bool __wrap_##symbol(absl::Mutex* mutex, const absl::Condition& condition, Limit limit) { \
    SeenCondition seen(mutex, condition);                                                   \
    __tsan_release(mutex);                                                                  \
    const bool result = __real_##symbol(mutex, seen.Shown(), limit);                        \
    __tsan_acquire(mutex);                                                                  \
    return result;                                                                          \
  }

NEXUS_AWAITS_UNTIL(_ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE,
                   absl::Duration)
NEXUS_AWAITS_UNTIL(_ZN4absl7debian35Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE,
                   absl::Time)

void __real__ZN4absl7debian37CondVar4WaitEPNS0_5MutexE(absl::CondVar*, absl::Mutex*);
void __wrap__ZN4absl7debian37CondVar4WaitEPNS0_5MutexE(absl::CondVar* self, absl::Mutex* mutex) {
  __tsan_release(mutex);
  __real__ZN4absl7debian37CondVar4WaitEPNS0_5MutexE(self, mutex);
  __tsan_acquire(mutex);
}

#define NEXUS_WAITS_UNTIL(symbol, Limit)                                       \
  bool __real_##symbol(absl::CondVar* self, absl::Mutex* mutex, Limit limit);  \
  bool __wrap_##symbol(absl::CondVar* self, absl::Mutex* mutex, Limit limit) { \
    __tsan_release(mutex);                                                     \
    const bool result = __real_##symbol(self, mutex, limit);                   \
    __tsan_acquire(mutex);                                                     \
    return result;                                                             \
  }

NEXUS_WAITS_UNTIL(_ZN4absl7debian37CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE,
                  absl::Duration)
NEXUS_WAITS_UNTIL(_ZN4absl7debian37CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE, absl::Time)

void __real__ZN4absl7debian312Notification6NotifyEv(absl::Notification*);
void __wrap__ZN4absl7debian312Notification6NotifyEv(absl::Notification* self) {
  __tsan_release(self);
  __real__ZN4absl7debian312Notification6NotifyEv(self);
}

void __real__ZNK4absl7debian312Notification19WaitForNotificationEv(absl::Notification*);
void __wrap__ZNK4absl7debian312Notification19WaitForNotificationEv(absl::Notification* self) {
  __real__ZNK4absl7debian312Notification19WaitForNotificationEv(self);
  __tsan_acquire(self);
}

bool __real__ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE(
    absl::Notification*, absl::Duration);
bool __wrap__ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE(
    absl::Notification* self, absl::Duration limit) {
  const bool notified =
      __real__ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE(self,
                                                                                            limit);
  if (notified) __tsan_acquire(self);
  return notified;
}

bool __real__ZN4absl7debian315BlockingCounter14DecrementCountEv(absl::BlockingCounter*);
bool __wrap__ZN4absl7debian315BlockingCounter14DecrementCountEv(absl::BlockingCounter* self) {
  __tsan_release(self);
  return __real__ZN4absl7debian315BlockingCounter14DecrementCountEv(self);
}

void __real__ZN4absl7debian315BlockingCounter4WaitEv(absl::BlockingCounter*);
void __wrap__ZN4absl7debian315BlockingCounter4WaitEv(absl::BlockingCounter* self) {
  __real__ZN4absl7debian315BlockingCounter4WaitEv(self);
  __tsan_acquire(self);
}

}  // extern "C"
