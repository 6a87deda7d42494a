#pragma once

// One POST of one event, by libcurl. Neither copied nor moved: the library points into it.

#include <curl/curl.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "nexus/core/position.h"
#include "sink/outbound/message.h"
#include "sink/outbound/outbox.h"
#include "sink/webhook/webhook_options.h"

namespace nexus::sink {

// What a request shows beside the event; empty: nothing.
struct WebhookSecrets {
  std::string signing;
  std::string bearer;
};

class WebhookRequest {
 public:
  // An error is of the event: it has no value in this format, or one that is too large. `options`
  // must outlive it.
  static absl::StatusOr<std::unique_ptr<WebhookRequest>> Make(const WebhookOptions& options,
                                                              const WebhookSecrets& secrets,
                                                              const Outbox::Item& item,
                                                              Timestamp now);
  WebhookRequest(const WebhookRequest&) = delete;
  WebhookRequest& operator=(const WebhookRequest&) = delete;

  CURL* handle() { return curl_.get(); }
  Outbox::Ticket ticket() const { return item_.ticket; }

  struct Outcome {
    absl::Status status;
    absl::Duration retry_after;  // zero: the receiver did not say
  };
  // After the library is done with it.
  Outcome OutcomeOf(CURLcode code);

 private:
  struct Free {
    void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  WebhookRequest(const WebhookOptions& options, Outbox::Item item, Message message);

  static size_t TakeWords(char* data, size_t one, size_t size, void* self);
  void AddHeader(const std::string& line);
  void SetHeaders(const WebhookSecrets& secrets, Timestamp now);
  void SetUp();

  const WebhookOptions& options_;
  const Outbox::Item item_;  // holds on to what the message points into
  const Message message_;
  std::string words_;  // the beginning of the answer
  std::unique_ptr<curl_slist, Free> headers_;
  std::unique_ptr<CURL, Free> curl_;
};

}  // namespace nexus::sink
