#include "evidence/io_failure.h"

#include <rocksdb/env.h>
#include <stdlib.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "evidence/journal.h"
#include "evidence/log_check.h"
#include "evidence/scratch_folder.h"
#include "evidence/workload.h"

namespace nexus::evidence {
namespace {

void Write(const FaultRun& run, const ScratchFolder& folder, Journal& journal) {
  if (!run.planted.empty()) setenv("NEXUS_PLANTED_FAULT", run.planted.c_str(), 1);
  const auto files =
      std::make_shared<FaultyFileSystem>(run.fault, run.cut, folder.graveyard(), journal.io);
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
  WriterOptions options;
  options.folder = folder.data();
  options.commits = run.commits;
  options.reopen_after = run.reopen_after;
  options.in_flight = run.in_flight;
  options.env = env.get();
  RunWriter(options, journal);
}

void Check(const FaultRun& run, const ScratchFolder& folder, Journal& journal) {
  if (!run.planted.empty()) setenv("NEXUS_PLANTED_FAULT", run.planted.c_str(), 1);
  IoRecord ignored;
  const auto files =
      std::make_shared<FaultyFileSystem>(FaultPlan(), PowerCutPlan(), folder.graveyard(), ignored);
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
  CheckFolder(folder.data(), env.get(), journal);
}

}  // namespace

FaultResult RunWithFault(const FaultRun& run) {
  const ScratchFolder folder;
  const Shared<Journal> journal;
  const ChildEnd end = RunInChild([&] { Write(run, folder, *journal); });
  FaultResult result;
  result.hit = journal->io.hit;
  result.kind = static_cast<IoKind>(journal->io.kind.load());
  result.operations = journal->io.operations;
  result.aborted = end.Aborted();
  const bool expected = end.Exited(0) || end.Aborted() || end.Exited(kPowerCutExit);
  if (!expected) journal->findings.Add(absl::StrCat("the writer ended with ", end.ToString()));
  // A fault that comes while a log is opened is a refusal; without one there is none.
  if (!result.hit && !journal->opened) journal->findings.Add("the writer could not open the log");

  const ChildEnd check = RunInChild([&] { Check(run, folder, *journal); });
  if (!check.Exited(0))
    journal->findings.Add(absl::StrCat("the check ended with ", check.ToString()));
  result.findings = journal->findings.text();
  return result;
}

}  // namespace nexus::evidence
