#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <minnow/io/source.h>

namespace minnow {

/// What a JSON text consists of, in its order. Each function may throw an Error; what it leaves out is an error.
class JsonEvents {
 public:
  virtual ~JsonEvents() = default;

  virtual void begin_object() { unexpected("an object"); }
  virtual void key(std::string_view) {}
  virtual void end_object() {}
  virtual void begin_array() { unexpected("an array"); }
  virtual void end_array() {}
  virtual void string(std::string_view) { unexpected("a string"); }
  virtual void integer(std::int64_t) { unexpected("a number"); }
  /// The decimal digits in `text`, rounded to nearest.
  virtual void number(float, std::string_view text) { unexpected(text); }
  virtual void boolean(bool value) { unexpected(value ? "true" : "false"); }
  virtual void null() { unexpected("null"); }

  /// Where the reader stands, for errors: `tensor "fc.bias"`. May be empty.
  virtual std::string place() const { return {}; }
  /// What the text should be, for errors about what does not belong there. May be empty.
  virtual std::string_view wanted() const { return {}; }

 protected:
  [[noreturn]] void unexpected(std::string_view what) const;
};

/// Reads one JSON text and tells `events` what is in it, in memory that grows with the keys of open objects alone.
/// Throws an Error with the byte and the events' place where the text is not JSON, where a number fits neither float
/// nor int64, where objects have more keys than any model has names, and where the events throw.
void parse_json(Source& source, JsonEvents& events);

/// `text` as JSON writes it, in quotes. Throws where it is not UTF-8.
std::string json_string(std::string_view text);

/// A name out of a file as errors show it: in one line, whatever it consists of, and its beginning if it is long.
std::string shown(std::string_view name);

}  // namespace minnow
