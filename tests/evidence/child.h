#pragma once

// A part of a test in a process of its own, because it may be killed, or abort.

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <new>
#include <string>

namespace nexus::evidence {

struct ChildEnd {
  int code = -1;   // of an exit
  int signal = 0;  // that ended it, or 0

  bool Exited(int with) const { return signal == 0 && code == with; }
  // As a failed assertion of Debian's RocksDB ends a process.
  bool Aborted() const;
  std::string ToString() const;
};

// A child runs with no thread but its own and ends with exit code 0 when `body` returns. Nothing
// that starts a thread may have run in the parent (RocksDB, gRPC): they do not survive a fork.
// Its standard error goes nowhere unless $NEXUS_EVIDENCE_TALK is set.
class Child {
 public:
  explicit Child(const std::function<void()>& body);
  ~Child();  // kills what still runs
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  void Kill();  // SIGKILL, and waits
  ChildEnd Wait();

 private:
  pid_t pid_;
  bool ended_ = false;
};

inline ChildEnd RunInChild(const std::function<void()>& body) { return Child(body).Wait(); }

void* MapShared(size_t bytes);
void UnmapShared(void* memory, size_t bytes);

// An object in memory that children share with their parent, whatever ends them. T must not
// allocate.
template <typename T>
class Shared {
 public:
  Shared() : object_(new (MapShared(sizeof(T))) T()) {}
  ~Shared() { UnmapShared(object_, sizeof(T)); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  T& operator*() const { return *object_; }
  T* operator->() const { return object_; }

 private:
  T* const object_;
};

}  // namespace nexus::evidence
