#pragma once

// Whether what came is what a case expects.

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace nexus::cli {

struct CaseVerdict {
  std::string failure = {};  // empty: it passed
  std::string expected = {};
  std::string actual = {};
  std::string pointer = {};  // of what of the case it is about
};

inline CaseVerdict Differs(std::string what, std::string expected, std::string actual,
                           std::string pointer) {
  std::string failure = absl::StrCat(what, ": expected ", expected, ", but it is ", actual);
  return {std::move(failure), std::move(expected), std::move(actual), std::move(pointer)};
}

}  // namespace nexus::cli
