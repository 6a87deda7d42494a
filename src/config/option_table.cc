#include "config/option_table.h"

#include <array>
#include <vector>

#include "config/domain_options.h"

namespace nexus::config {
namespace {

using C = NexusConfig;

// The limits of the format and of the clients: configuration may only lower them.
constexpr Limits kLimits;

constexpr double kMaxBytes = 1e15;
constexpr double kMaxMs = 24.0 * 3600 * 1000;

// In the order of the reference page; those of domains stand between the two.
constexpr std::array kEdges = {
    Option{"data", [](C& c) -> Field { return &c.data; }, "",
           "The folder that holds the log. Made if it is missing."},

    Option{"grpc.address", [](C& c) -> Field { return &c.grpc.address; }, "",
           "Where gRPC listens, host:port. Port 0 takes any free one; `endpoints.json` in the data "
           "folder tells which."},
    Option{"grpc.message_bytes_max", [](C& c) -> Field { return &c.grpc.message_bytes_max; },
           "bytes", "The largest message that is taken.", 64 << 10, 64 << 20},
    Option{"grpc.streams_per_connection_max",
           [](C& c) -> Field { return &c.grpc.streams_per_connection_max; }, "",
           "Calls under way on one connection.", 1, 100'000},
    Option{"grpc.memory_bytes_max", [](C& c) -> Field { return &c.grpc.memory_bytes_max; }, "bytes",
           "Memory for messages on their way in and out. When it is used up, connections are read "
           "no further and new ones are refused until some is free again.",
           16 << 20, kMaxBytes},
    Option{"grpc.threads", [](C& c) -> Field { return &c.grpc.threads; }, "",
           "Threads that receive and send, each with connections of its own. 0: one for every four "
           "cores, at least one.",
           0, 256},
    Option{"grpc.reflection", [](C& c) -> Field { return &c.grpc.reflection; }, "",
           "Lets tools ask which services and messages there are."},

    Option{"http.address", [](C& c) -> Field { return &c.http.address; }, "",
           "Where HTTP listens (metrics, health), host:port. Port 0 takes any free one."},
    Option{"http.connections_max", [](C& c) -> Field { return &c.http.connections_max; }, "",
           "Connections open at once; more are answered with 503.", 1, 100'000},
    Option{"http.header_bytes_max", [](C& c) -> Field { return &c.http.header_bytes_max; }, "bytes",
           "The largest header of a request; a larger one is answered with 431.", 256, 1 << 20},
    Option{"http.request_timeout_ms", [](C& c) -> Field { return &c.http.request_timeout_ms; },
           "ms", "The longest time to wait for a request; then the connection is closed.", 1,
           kMaxMs},
    Option{
        "http.schema_registry_address",
        [](C& c) -> Field { return &c.http.schema_registry_address; }, "",
        "A port of its own for Confluent's registry API, host:port. Empty: none; the API is below "
        "/schema-registry of http.address anyway."},

    Option{"tls.certificate", [](C& c) -> Field { return &c.tls.certificate; }, "",
           "The server's certificate, a file in PEM: its own first, then those of its issuers. A "
           "new one in its place is used within seconds. Empty: connections are not encrypted."},
    Option{"tls.key", [](C& c) -> Field { return &c.tls.key; }, "",
           "The certificate's private key, a file in PEM without a passphrase."},
    Option{"tls.client_ca", [](C& c) -> Field { return &c.tls.client_ca; }, "",
           "Whose certificates clients may show to say who they are, a file in PEM. Empty: none."},
    Option{"tls.client_certificates", [](C& c) -> Field { return &c.tls.client_certificates; }, "",
           "What gRPC clients show, once tls.client_ca is there. none: nothing. request: a "
           "certificate or none. require: without one there is no connection.",
           0, 0, "none|request|require"},
    Option{"tls.http_client_certificates",
           [](C& c) -> Field { return &c.tls.http_client_certificates; }, "",
           "The same of the HTTP ports.", 0, 0, "same|none|request|require"},
    Option{"tls.http", [](C& c) -> Field { return &c.tls.http; }, "",
           "Encrypts the HTTP ports too."},
    Option{"tls.allow_plaintext_network",
           [](C& c) -> Field { return &c.tls.allow_plaintext_network; }, "",
           "Lets ports that are not encrypted listen where other machines can reach them. Whoever "
           "is on the way then reads every event and token. Where a proxy of yours encrypts."},
};

constexpr std::array kRest = {
    Option{"workers.threads", [](C& c) -> Field { return &c.workers.threads; }, "",
           "Threads for work that blocks or takes long. 0: one for each core, at least 2.", 0,
           1'024},
    Option{"workers.queue_max", [](C& c) -> Field { return &c.workers.queue_max; }, "",
           "Tasks that may wait for a thread; more are refused as OVERLOADED.", 1, 10'000'000},

    Option{"limits.event_bytes_max", [](C& c) -> Field { return &c.limits.event_bytes_max; },
           "bytes", "Data of one event.", 1, kLimits.event_bytes_max},
    Option{"limits.commit_bytes_max", [](C& c) -> Field { return &c.limits.commit_bytes_max; },
           "bytes", "All data, metadata, tags and names of one commit.", 1,
           kLimits.commit_bytes_max},
    Option{"limits.commit_events_max", [](C& c) -> Field { return &c.limits.commit_events_max; },
           "", "Events of one commit.", 1, kLimits.commit_events_max},
    Option{"limits.commit_streams_max", [](C& c) -> Field { return &c.limits.commit_streams_max; },
           "", "Streams named by one commit.", 1, kLimits.commit_streams_max},
    Option{"limits.tags_max", [](C& c) -> Field { return &c.limits.tags_max; }, "",
           "Tags of one event.", 0, kLimits.tags_max},
    Option{"limits.tag_bytes_max", [](C& c) -> Field { return &c.limits.tag_bytes_max; }, "bytes",
           "One tag.", 1, kLimits.tag_bytes_max},
    Option{"limits.metadata_bytes_max", [](C& c) -> Field { return &c.limits.metadata_bytes_max; },
           "bytes", "Keys and values of one event's metadata.", 0, kLimits.metadata_bytes_max},
    Option{"limits.type_bytes_max", [](C& c) -> Field { return &c.limits.type_bytes_max; }, "bytes",
           "The name of an event type.", 1, kLimits.type_bytes_max},
    Option{"limits.id_text_bytes_max", [](C& c) -> Field { return &c.limits.id_text_bytes_max; },
           "bytes", "A correlation or causation id.", 36, kLimits.id_text_bytes_max},
    Option{"limits.json_depth_max", [](C& c) -> Field { return &c.limits.json_depth_max; }, "",
           "Levels of nesting in JSON data.", 1, kLimits.json_depth_max},
    Option{"limits.schema_bytes_max", [](C& c) -> Field { return &c.limits.schema_bytes_max; },
           "bytes", "The text of one schema.", 64, kLimits.schema_bytes_max},
    Option{"limits.page_bytes_max", [](C& c) -> Field { return &c.limits.page_bytes_max; }, "bytes",
           "One message of a read; at least one event is always sent.", 1'024,
           kLimits.page_bytes_max},
    Option{"limits.page_events_max", [](C& c) -> Field { return &c.limits.page_events_max; }, "",
           "Events in one message of a read.", 1, kLimits.page_events_max},

    Option{"append.commits_max", [](C& c) -> Field { return &c.append.commits_max; }, "",
           "Commits on their way into the log at once; more are refused as OVERLOADED.", 1,
           1'000'000},
    Option{"append.bytes_max", [](C& c) -> Field { return &c.append.bytes_max; }, "bytes",
           "Bytes of commits on their way into the log at once; more are refused as OVERLOADED.",
           4 << 20, kMaxBytes},

    Option{"storage.free_bytes_min", [](C& c) -> Field { return &c.storage.free_bytes_min; },
           "bytes",
           "With less free disk space appends are refused as DISK_FULL; reads go on. 0: a tenth of "
           "the disk, at most 4 GiB.",
           0, kMaxBytes},
    Option{"storage.stop_bytes_min", [](C& c) -> Field { return &c.storage.stop_bytes_min; },
           "bytes",
           "With less free disk space nexusd stops in order, with exit code 75. 0: a quarter of "
           "`storage.free_bytes_min`.",
           0, kMaxBytes},
    Option{"storage.ballast_bytes", [](C& c) -> Field { return &c.storage.ballast_bytes; }, "bytes",
           "Held back in the file `ballast`, and given up so that a start on a full disk is "
           "possible; never more than a 20th of the disk. 0: no ballast.",
           0, kMaxBytes},
    Option{"storage.block_cache_bytes", [](C& c) -> Field { return &c.storage.block_cache_bytes; },
           "bytes", "Memory for blocks read from disk.", 1 << 20, kMaxBytes},

    Option{"scrub.interval_hours", [](C& c) -> Field { return &c.scrub.interval_hours; }, "h",
           "From the end of one reading of the whole log to the next one, in search of damage. 0: "
           "never.",
           0, 10 * 366 * 24},
    Option{"scrub.bytes_per_second", [](C& c) -> Field { return &c.scrub.bytes_per_second; },
           "bytes", "How fast it reads.", 64 << 10, kMaxBytes},

    Option{"schema.optional_categories",
           [](C& c) -> Field { return &c.schema.optional_categories; }, "",
           "Stream categories whose events need no registered schema."},
    Option{"schema.violations_max", [](C& c) -> Field { return &c.schema.violations_max; }, "",
           "Schema violations told in one answer.", 1, 1'000},

    Option{
        "policy.engine", [](C& c) -> Field { return &c.policy.engine; }, "",
        "Who decides. embedded: nexusd itself, by compiled policies. opa: a program OPA, started "
        "by nexusd or at an address. none: nobody, every commit is admitted; schemas still hold.",
        0, 0, "embedded|opa|none"},
    Option{"policy.timeout_ms", [](C& c) -> Field { return &c.policy.timeout_ms; }, "ms",
           "The longest time for a decision on an append or a change; without one nothing is "
           "admitted, and the same call may be sent again. More of it helps a machine that is too "
           "busy; a user waits for it only while the engine is slow.",
           1, 60'000},
    Option{"policy.query_timeout_ms", [](C& c) -> Field { return &c.policy.query_timeout_ms; },
           "ms", "The same for a decision on a read, a subscription or a query.", 1, 60'000},
    Option{"policy.include_data", [](C& c) -> Field { return &c.policy.include_data; }, "",
           "Shows event data to the policies. Costs time for each event."},
    Option{"policy.embedded.bundle", [](C& c) -> Field { return &c.policy.embedded.bundle; }, "",
           "The policies of the embedded engine: a bundle of `nexusctl policy build`, packed or "
           "unpacked, or a folder of Rego, which is compiled by `policy.opa.program`. Empty: those "
           "that come with nexusd."},
    Option{"policy.embedded.threads", [](C& c) -> Field { return &c.policy.embedded.threads; }, "",
           "Threads that decide. 0: half of the processors.", 0, 64},
    Option{"policy.embedded.evaluation_timeout_ms",
           [](C& c) -> Field { return &c.policy.embedded.evaluation_timeout_ms; }, "ms",
           "A policy that runs for longer is stopped, and its question is not admitted.", 1,
           60'000},
    Option{"policy.embedded.memory_bytes_max",
           [](C& c) -> Field { return &c.policy.embedded.memory_bytes_max; }, "bytes",
           "Memory of the policies, data included, in each thread.", 1 << 20, 2'000'000'000},
    Option{"policy.embedded.cache_bytes_max",
           [](C& c) -> Field { return &c.policy.embedded.cache_bytes_max; }, "bytes",
           "Memory for decisions that are known. 0: none is kept.", 0, kMaxBytes},
    Option{
        "policy.embedded.reload_ms", [](C& c) -> Field { return &c.policy.embedded.reload_ms; },
        "ms",
        "How often `policy.embedded.bundle` is looked at; what has changed there and can be used "
        "decides from then on. 0: never.",
        0, 3'600'000},
    Option{"policy.embedded.url", [](C& c) -> Field { return &c.policy.embedded.url; }, "",
           "The bundle server that has the policies, in the place of `policy.embedded.bundle`: the "
           "whole address of a packed bundle, by https, or by http from this machine."},
    Option{"policy.embedded.token_file",
           [](C& c) -> Field { return &c.policy.embedded.token_file; }, "",
           "A file with the bearer token for the bundle server, read before each question. Empty: "
           "none."},
    Option{"policy.embedded.ca_file", [](C& c) -> Field { return &c.policy.embedded.ca_file; }, "",
           "Certificates (PEM) by which the bundle server is known. Empty: those that the system "
           "trusts."},
    Option{"policy.embedded.poll_ms", [](C& c) -> Field { return &c.policy.embedded.poll_ms; },
           "ms", "From one answer of the bundle server to the next question.", 100, 86'400'000},
    Option{"policy.embedded.long_poll_seconds",
           [](C& c) -> Field { return &c.policy.embedded.long_poll_seconds; }, "s",
           "For so long the bundle server may hold its answer back until there is something new. "
           "0: it answers at once.",
           0, 600},
    Option{"policy.opa.address", [](C& c) -> Field { return &c.policy.opa.address; }, "",
           "An OPA that runs already: https://host:port, http://host:port, or unix:/path. Empty: "
           "nexusd starts `policy.opa.program` itself, on a Unix socket."},
    Option{"policy.opa.ca_file", [](C& c) -> Field { return &c.policy.opa.ca_file; }, "",
           "Who may have issued the certificate of an OPA at https://, a file in PEM. Empty: whom "
           "the system believes."},
    Option{"policy.opa.program", [](C& c) -> Field { return &c.policy.opa.program; }, "",
           "The program that is started; looked for in PATH if it has no slash."},
    Option{"policy.opa.folder", [](C& c) -> Field { return &c.policy.opa.folder; }, "",
           "The folder of policies that the started program loads. Empty: those that come with "
           "nexusd."},
    Option{"policy.opa.operations", [](C& c) -> Field { return &c.policy.opa.operations; }, "",
           "Which of the operations read, subscribe, query, replay, admin and access_change the "
           "OPA at `policy.opa.address` decides; it is not asked about the others. Everything "
           "else it must decide."},
    Option{"policy.opa.connections", [](C& c) -> Field { return &c.policy.opa.connections; }, "",
           "Connections to the policy engine.", 1, 256},

    Option{"route.enabled", [](C& c) -> Field { return &c.route.enabled; }, "",
           "Delivers events to the sinks."},
    Option{"route.criticality.business_impact",
           [](C& c) -> Field { return &c.route.criticality.business_impact; }, "",
           "Weight of an event's business impact in its score.", 0, 1},
    Option{"route.criticality.ordering",
           [](C& c) -> Field { return &c.route.criticality.ordering; }, "",
           "Weight of its need for order.", 0, 1},
    Option{"route.criticality.latency", [](C& c) -> Field { return &c.route.criticality.latency; },
           "", "Weight of its need for speed.", 0, 1},
    Option{"route.criticality.type", [](C& c) -> Field { return &c.route.criticality.type; }, "",
           "Weight of its type's own weight.", 0, 1},
    Option{"route.criticality.threshold",
           [](C& c) -> Field { return &c.route.criticality.threshold; }, "",
           "An event with a higher score is critical.", 0, 1},
    Option{"route.criticality.type_weights",
           [](C& c) -> Field { return &c.route.criticality.type_weights; }, "",
           "Weights by event type, 0 to 1; a type that is not named has 0.", 0, 1},
    Option{"route.ordered_categories", [](C& c) -> Field { return &c.route.ordered_categories; },
           "", "Stream categories whose events take one path as a whole, the critical one."},
    Option{"route.ledger_positions", [](C& c) -> Field { return &c.route.ledger_positions; }, "",
           "Of so many newest positions it is kept where each event lies with the brokers. 0: of "
           "none."},
    Option{"route.pace_appends_max_ms", [](C& c) -> Field { return &c.route.pace_appends_max_ms; },
           "ms",
           "The longest that an append waits so that a route whose sink takes events more slowly "
           "than they come keeps its promise (docs/reference/routes.md). 0: none does.",
           0, 1'000},
    Option{"route.kafka.brokers", [](C& c) -> Field { return &c.route.kafka.brokers; }, "",
           "host:port, separated by commas. Empty: no Kafka, critical events go to the files too."},
    Option{"route.kafka.topic", [](C& c) -> Field { return &c.route.kafka.topic; }, "",
           "The topic of critical events."},
    Option{"route.kafka.framing", [](C& c) -> Field { return &c.route.kafka.framing; }, "",
           "How values name their schema for Confluent's deserializers. confluent: id before the "
           "data. confluent_header: GUID in the header `__value_schema_id`. none: not at all.",
           0, 0, "none|confluent|confluent_header"},
    Option{"route.kafka.properties", [](C& c) -> Field { return &c.route.kafka.properties; }, "",
           "More properties of librdkafka, by their own names (security.protocol and so on).", 0, 0,
           "", true},
    Option{"route.jsonl.folder", [](C& c) -> Field { return &c.route.jsonl.folder; }, "",
           "The folder of the delivered files. Empty: `outbox` in the data folder."},

    Option{"cost.prices_file", [](C& c) -> Field { return &c.cost.prices_file; }, "",
           "The price file of cost reports that bring none along; read for each report. Empty: the "
           "list prices that nexusd was built with (config/prices.yaml)."},

    Option{"tokens", [](C& c) -> Field { return &c.tokens; }, "",
           "Who may call with which bearer token: `principal`, `token` or `token_file`, `roles`. "
           "Calls without a token are `anonymous`.",
           0, 0, "", true},

    Option{
        "access.mode", [](C& c) -> Field { return &c.access.mode; }, "",
        "Who may call. open: everybody may do everything, and tokens only say who calls. enforced: "
        "nothing is allowed but what roles allow; the first start makes an administrator's token.",
        0, 0, "open|enforced"},
    Option{"access.admin_token_file", [](C& c) -> Field { return &c.access.admin_token_file; }, "",
           "Where the first start with enforced access writes the administrator's token, with mode "
           "0600. Empty: `admin.token` in the data folder."},
    Option{"access.jwt.issuer", [](C& c) -> Field { return &c.access.jwt.issuer; }, "",
           "Whose JSON Web Tokens are believed: exactly the claim `iss`. Empty: nobody's."},
    Option{"access.jwt.audiences", [](C& c) -> Field { return &c.access.jwt.audiences; }, "",
           "One of these must be in a token's claim `aud`."},
    Option{"access.jwt.keys_file", [](C& c) -> Field { return &c.access.jwt.keys_file; }, "",
           "The issuer's keys, a JSON Web Key Set; read again every few seconds."},
    Option{
        "access.jwt.keys_url", [](C& c) -> Field { return &c.access.jwt.keys_url; }, "",
        "The same by https (or http from this machine). Read every ten minutes, and when a token "
        "names a key that is not there."},
    Option{"access.jwt.subject_claim", [](C& c) -> Field { return &c.access.jwt.subject_claim; },
           "", "The claim that names the principal; a JSON pointer finds one within objects."},
    Option{"access.jwt.roles_claim", [](C& c) -> Field { return &c.access.jwt.roles_claim; }, "",
           "The claim that lists roles and groups. Empty: tokens bring none along."},
    Option{"access.jwt.principal_prefix",
           [](C& c) -> Field { return &c.access.jwt.principal_prefix; }, "",
           "Stands before the names of such principals, so that they are nobody else's."},
    Option{
        "access.rates.requests_per_second",
        [](C& c) -> Field { return &c.access.rates.requests_per_second; }, "",
        "Calls, and commits of AppendStream, of one client: a principal, or the address that "
        "anonymous calls come from. What is unused of a second (or minute) may be used at once. 0: "
        "no limit.",
        0, 1e12},
    Option{"access.rates.events_per_second",
           [](C& c) -> Field { return &c.access.rates.events_per_second; }, "",
           "Events that one client asks to store. 0: no limit.", 0, 1e12},
    Option{"access.rates.bytes_per_second",
           [](C& c) -> Field { return &c.access.rates.bytes_per_second; }, "bytes",
           "Bytes of their data. 0: no limit.", 0, 1e15},
    Option{"access.rates.streams_per_second",
           [](C& c) -> Field { return &c.access.rates.streams_per_second; }, "",
           "Streams that commits of one client name. 0: no limit.", 0, 1e12},
    Option{"access.rates.subscriptions_per_minute",
           [](C& c) -> Field { return &c.access.rates.subscriptions_per_minute; }, "",
           "Subscriptions that one client opens. 0: no limit.", 0, 1e12},
    Option{"access.rates.temporal_reads_per_minute",
           [](C& c) -> Field { return &c.access.rates.temporal_reads_per_minute; }, "",
           "Reads and subscriptions bounded by time, of one client. 0: no limit.", 0, 1e12},
    Option{"access.rates.subscriptions_open_max",
           [](C& c) -> Field { return &c.access.rates.subscriptions_open_max; }, "",
           "Subscriptions that one client has open at once. 0: no limit.", 0, 10'000'000},
    Option{"access.rates_of_principals",
           [](C& c) -> Field { return &c.access.rates_of_principals; }, "",
           "Limits of some principals in place of access.rates, by name: `batch: "
           "requests_per_second=500 temporal_reads_per_minute=0`. What a text does not name is as "
           "in access.rates."},
    Option{"access.rates_of_roles", [](C& c) -> Field { return &c.access.rates_of_roles; }, "",
           "The same for roles and groups that a principal's token brings along; of several, the "
           "most generous of each limit counts. A principal with limits of its own has those."},

    Option{"audit.window_ms", [](C& c) -> Field { return &c.audit.window_ms; }, "ms",
           "Refusals of one kind within this time become one event of `$denials` with a count.",
           100, kMaxMs},
    Option{"audit.bulk_read_events", [](C& c) -> Field { return &c.audit.bulk_read_events; }, "",
           "A read or subscription that gives so many events is an event of `$audit`. 0: none is.",
           0, 1'000'000'000'000},

    Option{"log.level", [](C& c) -> Field { return &c.log.level; }, "",
           "The least severe level that is written.", 0, 0, "debug|info|warning|error"},

    Option{"shutdown.drain_timeout_ms", [](C& c) -> Field { return &c.shutdown.drain_timeout_ms; },
           "ms", "How long calls under way may finish after SIGTERM; then they are cancelled.", 0,
           kMaxMs},
};

}  // namespace

absl::Span<const Option> AllOptions() {
  static const std::vector<Option> all = [] {
    std::vector<Option> joined(kEdges.begin(), kEdges.end());
    const absl::Span<const Option> domains = DomainOptions();
    joined.insert(joined.end(), domains.begin(), domains.end());
    joined.insert(joined.end(), kRest.begin(), kRest.end());
    return joined;
  }();
  return all;
}

}  // namespace nexus::config
