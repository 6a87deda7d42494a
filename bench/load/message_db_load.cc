// Drives message-db (PostgreSQL functions) over libpq: `clients` connections, one statement under
// way on each, one thread that waits for all of them. Prints one line of JSON.
//
//   message_db_load --target "host=127.0.0.1 port=5433 user=bench dbname=message_store"
//
// A request of many events is one statement, which calls the function once for each: one round trip
// and one commit, the cheapest form that message-db has.

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "load/load_options.h"
#include "load/load_report.h"
#include "load/loops.h"

namespace nexus::bench {
namespace {

constexpr char kOne[] =
    "SELECT message_store.write_message(gen_random_uuid()::varchar, $1, 'bench.recorded', $2, "
    "NULL, $3::bigint)";
constexpr char kMany[] =
    "SELECT max(message_store.write_message(gen_random_uuid()::varchar, $1, 'bench.recorded', $2, "
    "NULL, CASE WHEN n = 0 THEN $3::bigint END)) FROM generate_series(0, $4::int - 1) AS n";
constexpr char kVersion[] = "SELECT coalesce(message_store.stream_version($1), -1)";
constexpr char kReadStream[] =
    "SELECT * FROM message_store.get_stream_messages($1, $2::bigint, -1)";
constexpr char kReadAll[] =
    "SELECT * FROM message_store.messages WHERE global_position > $1::bigint "
    "ORDER BY global_position LIMIT 10000";

// Each stream has a category of its own: message-db lets the writers of one category wait for each
// other until the first has committed.
std::string StreamName(uint64_t stream) { return absl::StrCat("bench", stream, "-1"); }

struct Connection {
  PGconn* pg = nullptr;
  uint64_t stream = 0;
  long long version = -1;  // of its stream, as it believes
  bool looking = false;
  int64_t started = 0;
};

class MessageDbLoad {
 public:
  MessageDbLoad(const LoadOptions& options, std::string measure)
      : options_(options), measure_(std::move(measure)), data_(MakeData(options.data_bytes)) {
    const int clients = measure_ == "scan" ? 1 : options.clients;
    for (int i = 0; i < clients; ++i) {
      Connection& connection = connections_.emplace_back();
      connection.pg = PQconnectdb(options.target.c_str());
      if (PQstatus(connection.pg) != CONNECTION_OK) Die(PQerrorMessage(connection.pg));
      PQclear(PQexec(connection.pg, "SET search_path TO message_store, public"));
      connection.stream = options.hot ? 0 : static_cast<uint64_t>(i);
      Prepare(connection, "append", options.events == 1 ? kOne : kMany);
      Prepare(connection, "version", kVersion);
      Prepare(connection, "read", kReadStream);
      Prepare(connection, "all", kReadAll);
    }
  }
  ~MessageDbLoad() {
    for (Connection& connection : connections_) PQfinish(connection.pg);
  }

  LoadReport Run() {
    const double warm_up = options_.calls > 0 ? 0 : options_.warm_up;
    measure_from_ = NowNs() + static_cast<int64_t>(warm_up * 1e9);
    end_ = measure_from_ + static_cast<int64_t>(options_.seconds * 1e9);
    if (measure_ == "scan") return Scan();
    for (Connection& connection : connections_) {
      if (More()) Begin(connection);
    }
    std::vector<pollfd> waits;
    while (outstanding_ > 0) {
      waits.clear();
      for (const Connection& connection : connections_) {
        waits.push_back({PQsocket(connection.pg), POLLIN, 0});
      }
      if (poll(waits.data(), waits.size(), -1) < 0) Die("poll failed");
      for (size_t i = 0; i < waits.size(); ++i) {
        if (waits[i].revents != 0) Receive(connections_[i]);
      }
    }
    report_.seconds = static_cast<double>((options_.calls > 0 ? NowNs() : std::min(NowNs(), end_)) -
                                          measure_from_) /
                      1e9;
    return std::move(report_);
  }

 private:
  static void Prepare(Connection& connection, const char* name, const char* sql) {
    PGresult* result = PQprepare(connection.pg, name, sql, 0, nullptr);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) Die(PQerrorMessage(connection.pg));
    PQclear(result);
  }

  bool More() const { return options_.calls > 0 ? begun_ < options_.calls : NowNs() < end_; }

  void Begin(Connection& connection) {
    connection.started = NowNs();
    ++begun_;
    ++outstanding_;
    if (options_.fresh_streams) connection.stream = begun_ - 1;
    if (measure_ == "read") {
      const uint64_t stream = begun_ * 0x9E3779B97F4A7C15u % options_.streams;
      const std::string name = StreamName(stream);
      Send(connection, "read", {name, "0"});
    } else {
      Append(connection);
    }
  }

  void Append(Connection& connection) {
    const std::string name = StreamName(connection.stream);
    const std::string version = absl::StrCat(connection.version);
    std::vector<std::string> values = {name, data_, version};
    if (options_.events > 1) values.push_back(absl::StrCat(options_.events));
    Send(connection, "append", values, options_.condition == Condition::kNone ? 2 : -1);
  }

  // `null`: the parameter that is NULL.
  static void Send(Connection& connection, const char* statement,
                   const std::vector<std::string>& values, int null = -1) {
    std::vector<const char*> pointers;
    for (const std::string& value : values) pointers.push_back(value.c_str());
    if (null >= 0) pointers[static_cast<size_t>(null)] = nullptr;
    if (PQsendQueryPrepared(connection.pg, statement, static_cast<int>(pointers.size()),
                            pointers.data(), nullptr, nullptr, 0) != 1) {
      Die(PQerrorMessage(connection.pg));
    }
    PQflush(connection.pg);
  }

  void Receive(Connection& connection) {
    if (PQconsumeInput(connection.pg) != 1) Die(PQerrorMessage(connection.pg));
    while (PQisBusy(connection.pg) == 0) {
      PGresult* result = PQgetResult(connection.pg);
      if (result == nullptr) {
        return;  // the statement is over
      }
      const bool again = Answered(connection, result);
      PQclear(result);
      while ((result = PQgetResult(connection.pg)) != nullptr) PQclear(result);
      Continue(connection, again);
      return;
    }
  }

  // Whether the same request goes on.
  bool Answered(Connection& connection, PGresult* result) {
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
      const char* why = PQresultErrorMessage(result);
      if (std::strstr(why, "Wrong expected version") != nullptr) {
        ++report_.retries;
        connection.looking = true;
        return true;
      }
      CountError(why);
      return false;
    }
    if (connection.looking) {
      connection.looking = false;
      connection.version = std::atoll(PQgetvalue(result, 0, 0));
      return true;
    }
    const auto events = measure_ == "read" ? static_cast<uint64_t>(PQntuples(result))
                                           : static_cast<uint64_t>(options_.events);
    if (measure_ == "read" && options_.stream_events > 0 && events != options_.stream_events) {
      CountError(absl::StrCat("read ", events, " events instead of ", options_.stream_events));
      return false;
    }
    if (measure_ != "read") connection.version = std::atoll(PQgetvalue(result, 0, 0));
    CountSuccess(connection, events);
    return false;
  }

  void Continue(Connection& connection, bool again) {
    if (again && connection.looking) {
      Send(connection, "version", {StreamName(connection.stream)});
    } else if (again) {
      Append(connection);
    } else {
      --outstanding_;
      if (More()) Begin(connection);
    }
  }

  void CountSuccess(const Connection& connection, uint64_t events) {
    const int64_t now = NowNs();
    if (now < measure_from_ || (options_.calls == 0 && now >= end_)) return;
    ++report_.requests;
    report_.events += events;
    report_.latency.Record(absl::Nanoseconds(now - connection.started));
  }

  void CountError(const std::string& why) {
    if (++report_.errors == 1) report_.first_error = why;
    if (report_.errors > 1'000) Die(why);
  }

  LoadReport Scan() {
    Connection& connection = connections_.front();
    measure_from_ = NowNs();
    for (uint64_t pass = 0; pass < options_.passes; ++pass) {
      const int64_t begun = NowNs();
      std::string after = "0";
      uint64_t events = 0;
      for (int rows = 1; rows > 0;) {
        const char* value = after.c_str();
        PGresult* page = PQexecPrepared(connection.pg, "all", 1, &value, nullptr, nullptr, 0);
        if (PQresultStatus(page) != PGRES_TUPLES_OK) Die(PQresultErrorMessage(page));
        rows = PQntuples(page);
        events += static_cast<uint64_t>(rows);
        if (rows > 0) after = PQgetvalue(page, rows - 1, PQfnumber(page, "global_position"));
        PQclear(page);
      }
      if (options_.stream_events > 0 && events != options_.stream_events) {
        CountError(absl::StrCat("read ", events, " events instead of ", options_.stream_events));
      }
      ++report_.requests;
      report_.events += events;
      report_.latency.Record(absl::Nanoseconds(NowNs() - begun));
    }
    report_.seconds = static_cast<double>(NowNs() - measure_from_) / 1e9;
    return std::move(report_);
  }

  const LoadOptions& options_;
  const std::string measure_;
  const std::string data_;
  std::vector<Connection> connections_;
  uint64_t begun_ = 0;
  uint64_t outstanding_ = 0;
  int64_t measure_from_ = 0;
  int64_t end_ = 0;
  LoadReport report_;
};

}  // namespace
}  // namespace nexus::bench

int main(int argc, char** argv) {
  using nexus::bench::Condition;
  CLI::App app("Drives message-db and prints one line of JSON");
  nexus::bench::LoadOptions options;
  std::string measure = "append";
  const std::map<std::string, Condition> conditions = {{"none", Condition::kNone},
                                                       {"revision", Condition::kRevision}};
  app.add_option("--target", options.target, "A connection string of libpq")->required();
  app.add_option("--measure", measure, "append, read or scan")
      ->check(CLI::IsMember({"append", "read", "scan"}));
  app.add_option("--clients", options.clients, "Connections");
  app.add_option("--events", options.events, "A request");
  app.add_option("--size", options.data_bytes);
  app.add_option("--condition", options.condition, "none or revision")
      ->transform(CLI::CheckedTransformer(conditions));
  app.add_flag("--hot", options.hot, "All write to one stream");
  app.add_flag("--fresh-streams", options.fresh_streams, "Each request to a stream of its own");
  app.add_option("--streams", options.streams, "Streams to read from");
  app.add_option("--stream-events", options.stream_events, "Events that each read must give");
  app.add_option("--passes", options.passes, "Of a scan");
  app.add_option("--calls", options.calls, "Ends after so many requests");
  app.add_option("--seconds", options.seconds);
  app.add_option("--warm-up", options.warm_up);
  CLI11_PARSE(app, argc, argv);
  nexus::bench::MessageDbLoad load(options, measure);
  std::printf("%s\n", nexus::bench::ToJson(load.Run()).c_str());
  return 0;
}
