#pragma once

// A value of the engine as JSON text, exactly or not at all.
//
// Like JSON.stringify, but no code runs: no toJSON, getter or proxy is asked. Refused is what would
// be lost without a word: anything but plain objects, arrays, strings, booleans, null and finite
// numbers. A property that is undefined is left out; in an array it is refused.

#include <js/GCVector.h>
#include <js/RootingAPI.h>
#include <jsapi.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace nexus::script {

class JsonWriter {
 public:
  explicit JsonWriter(JSContext* context);

  // The text may have so many bytes. By default a little, for messages.
  JsonWriter& set_bytes_max(size_t bytes_max) {
    bytes_max_ = bytes_max;
    return *this;
  }

  // In the realm of the value. False: an exception is pending, or what runs was interrupted.
  // True: there is a text, or a refusal.
  bool Write(JS::HandleValue value);

  const std::string& text() const { return text_; }
  std::string TakeText() { return std::move(text_); }
  // Why there is no text, in a sentence with a JSON pointer; empty if there is one.
  const std::string& refusal() const { return refusal_; }
  bool too_large() const { return too_large_; }

 private:
  // An object that is being written, and how far it is.
  struct Level {
    size_t object;      // in objects_
    size_t keys_begin;  // in keys_, of an object
    size_t keys_end;
    uint32_t next = 0;
    uint32_t length = 0;  // of an array
    bool is_array = false;
    bool first = true;
  };

  bool WriteValue(JS::HandleValue value);
  bool Open(JS::HandleValue value);
  bool NextItem();
  bool NextProperty();
  bool NextElement();
  void Close();
  bool OwnValue(JS::HandleObject object, JS::HandleId id, JS::MutableHandleValue value);
  bool AppendKey(JS::HandleId id);
  bool AppendString(JS::HandleString string);
  void AppendNumber(double number);
  template <typename Char>
  void AppendQuoted(const Char* chars, size_t length);
  bool Refuse(const char* what);
  std::string Pointer();
  bool Bounded();

  JSContext* const context_;
  const JSClass* object_class_ = nullptr;
  const JSClass* array_class_ = nullptr;
  size_t bytes_max_ = 400;
  JS::RootedVector<JSObject*> objects_;
  JS::RootedVector<JS::PropertyKey> keys_;
  std::vector<Level> levels_;
  std::string text_;
  std::string refusal_;
  bool too_large_ = false;
  size_t bounded_at_ = 0;
};

}  // namespace nexus::script
