#include "schema/protobuf/library_log.h"

#include <google/protobuf/stubs/logging.h>

namespace nexus::schema {

void SilenceProtobufLog() { google::protobuf::SetLogHandler(nullptr); }

}  // namespace nexus::schema
