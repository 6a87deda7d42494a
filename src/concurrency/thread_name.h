#pragma once

// Names the calling thread, for top, gdb and perf. Linux keeps 15 characters.

#include <pthread.h>

#include <string>

namespace nexus::concurrency {

inline void NameThisThread(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

}  // namespace nexus::concurrency
