# nexus_library(NAME storage_rocksdb SRCS a.cc b.cc DEPS nexus::port VENDOR RocksDB::rocksdb)
#
# One library a folder, sources listed by hand. DEPS are what its headers show, VENDOR what only its
# sources see. Headers are found from the source root: "storage/rocksdb/key_codec.h" (src/) and
# "nexus/core/ids.h" (include/).
function(nexus_library)
  cmake_parse_arguments(ARG "" "NAME" "SRCS;DEPS;VENDOR" ${ARGN})
  set(target nexus_${ARG_NAME})
  add_library(${target} STATIC ${ARG_SRCS})
  add_library(nexus::${ARG_NAME} ALIAS ${target})
  target_link_libraries(${target} PUBLIC nexus_interface ${ARG_DEPS} PRIVATE nexus_warnings ${ARG_VENDOR})
endfunction()

# nexus_test(NAME core_test SRCS ids_test.cc DEPS nexus::core LABELS unit [TIMEOUT 120] [ARGS ...])
#
# A test binary; ctest runs it once, gtest runs the cases inside. Labels: unit, contract, property,
# integration, broker, crash, cost.
function(nexus_test)
  cmake_parse_arguments(ARG "" "NAME;TIMEOUT" "SRCS;DEPS;LABELS;ARGS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SRCS})
  target_link_libraries(${ARG_NAME} PRIVATE nexus_interface nexus_warnings ${ARG_DEPS}
                        GTest::gmock GTest::gtest GTest::gtest_main)
  target_include_directories(${ARG_NAME} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME} ${ARG_ARGS})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  # nexus_unit_tests and so on build the tests of one label.
  foreach(label IN LISTS ARG_LABELS)
    if(NOT TARGET nexus_${label}_tests)
      add_custom_target(nexus_${label}_tests)
    endif()
    add_dependencies(nexus_${label}_tests ${ARG_NAME})
  endforeach()
  set_tests_properties(${ARG_NAME} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
    ENVIRONMENT "NEXUS_TOOLS=${NEXUS_TOOLS};NEXUS_SOURCE_DIR=${CMAKE_SOURCE_DIR};NEXUS_BIN_DIR=${CMAKE_BINARY_DIR}/bin")
endfunction()

add_library(nexus_interface INTERFACE)
target_include_directories(nexus_interface INTERFACE
  ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/src)
# Debian's Abseil, Protobuf and gRPC targets differ in how they name Abseil; these few are what Nexus uses.
target_link_libraries(nexus_interface INTERFACE Threads::Threads
  absl::status absl::statusor absl::strings absl::str_format absl::time absl::flat_hash_map
  absl::flat_hash_set absl::synchronization absl::any_invocable absl::cord absl::span)

add_library(nexus_warnings INTERFACE)
target_compile_options(nexus_warnings INTERFACE -Wall -Wextra -Wpedantic -Werror -Wshadow
  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  # librdkafka's macros for arguments are statement expressions.
  target_compile_options(nexus_warnings INTERFACE -Wthread-safety -Wno-gnu-statement-expression)
endif()

# What include/nexus/core/planted_fault.h asks for. Linked by the folders that have such a fault.
add_library(nexus_planted_faults INTERFACE)
add_library(nexus::planted_faults ALIAS nexus_planted_faults)
if(NEXUS_PLANTED_FAULTS)
  target_compile_definitions(nexus_planted_faults INTERFACE NEXUS_PLANTED_FAULTS)
endif()

# The ports and values have headers of their own and no sources beyond src/core.
add_library(nexus_port INTERFACE)
target_link_libraries(nexus_port INTERFACE nexus_interface)
add_library(nexus::port ALIAS nexus_port)
