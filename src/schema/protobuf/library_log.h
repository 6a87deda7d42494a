#pragma once

// libprotobuf's own log.

namespace nexus::schema {

// Drops the lines that libprotobuf would write to standard error: what it has to say of a schema or
// of data is in the error that the caller gets, and the lines would quote what a client sent, as
// often as it sends it. What is fatal to it is thrown, with its message, as before. For the whole
// process; before other threads use the library.
void SilenceProtobufLog();

}  // namespace nexus::schema
