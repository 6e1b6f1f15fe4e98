#include <limits>
#include <map>
#include <unordered_set>
#include <vector>

#include <nlohmann/json.hpp>

#include <minnow/core/error.h>
#include <minnow/io/json.h>

namespace minnow {
namespace {

// Numbers with a fraction are rounded once, straight to float.
using Json = nlohmann::basic_json<std::map, std::vector, std::string, bool, std::int64_t, std::uint64_t, float>;

// The parser's way into a source. `basic_json::sax_parse` would take iterators instead, but it drags in the readers of
// binary formats, after which g++ inlines too little: reading base64 takes half as long again.
struct Adapter {
  using char_type = char;

  std::char_traits<char>::int_type get_character() {
    if (source.done()) return std::char_traits<char>::eof();
    const char next = source.take();
    if (next == '\0') fail("a zero byte is not JSON");  // which the parser would take for the end
    return std::char_traits<char>::to_int_type(next);
  }

  Source& source;
};

// The words of an nlohmann exception behind its number: "[json.exception.parse_error.101] parse error at ...: ".
std::string reason_of(const std::exception& error, const std::string& last_token) {
  std::string text = error.what();
  if (text.find("invalid") != std::string::npos && (last_token.ends_with('N') || last_token.ends_with('I'))) {
    return "NaN and Infinity are not JSON; safetensors and base64 hold them";
  }
  for (const std::string_view mark : {"syntax error", "number overflow"}) {
    if (const std::size_t at = text.find(mark); at != std::string::npos) text.erase(0, at);
  }
  constexpr std::size_t enough = 160;
  return text.size() > enough ? text.substr(0, enough) + "..." : text;
}

// Hands nlohmann's events on, and refuses what no reader wants: a key twice, endless nesting. The function names are
// nlohmann's.
class Handler {
 public:
  Handler(Source& source, JsonEvents& events) : source_(source), events_(events) {}

  bool null() { return events_.null(), settle(); }
  bool boolean(bool value) { return events_.boolean(value), settle(); }
  bool number_integer(std::int64_t value) { return events_.integer(value), settle(); }
  bool number_unsigned(std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      fail("the number ", value, " is out of range");
    }
    return events_.integer(static_cast<std::int64_t>(value)), settle();
  }
  bool number_float(float value, const std::string& text) {
    // An integer that did not fit. (The decimal point is the locale's.)
    if (text.find_first_not_of("-0123456789") == std::string::npos)
      fail("the number ", shown(text), " is out of range");
    return events_.number(value, text), settle();
  }
  bool string(std::string& value) { return events_.string(value), settle(); }
  bool binary(Json::binary_t&) { return false; }
  bool start_object(std::size_t) {
    go_deeper();
    keys_.emplace_back();
    return events_.begin_object(), settle();
  }
  bool key(std::string& value) {
    if (!keys_.back().insert(value).second) fail("the key \"", shown(value), "\" stands twice in one object");
    held_ += held_for(value);
    if (held_ > most_held) fail("the keys of objects that are open take more than ", most_held >> 20, " MiB of memory");
    return events_.key(value), settle();
  }
  bool end_object() {
    --depth_;
    for (const std::string& key : keys_.back()) held_ -= held_for(key);
    keys_.pop_back();
    return events_.end_object(), settle();
  }
  bool start_array(std::size_t) {
    go_deeper();
    return events_.begin_array(), settle();
  }
  bool end_array() {
    --depth_;
    return events_.end_array(), settle();
  }
  bool parse_error(std::size_t, const std::string& last_token, const std::exception& error) {
    fail(reason_of(error, last_token));
  }

 private:
  static constexpr int deepest = 64;
  static constexpr std::size_t most_held = 4 << 20;  // bytes: for fifty thousand names

  static std::size_t held_for(const std::string& key) { return key.size() + 64; }

  void go_deeper() {
    if (++depth_ > deepest) fail("more than ", deepest, " brackets are open");
  }
  bool settle() {
    source_.settle();
    return true;
  }

  Source& source_;
  JsonEvents& events_;
  int depth_ = 0;
  std::vector<std::unordered_set<std::string>> keys_;  // of each open object
  std::size_t held_ = 0;                               // bytes for them
};

}  // namespace

void JsonEvents::unexpected(std::string_view what) const {
  fail(what, " does not belong here", wanted().empty() ? "" : "; ", wanted());
}

void parse_json(Source& source, JsonEvents& events) {
  Handler handler(source, events);
  try {
    nlohmann::detail::parser<Json, Adapter>(Adapter{source}).sax_parse(&handler);
  } catch (const Error& error) {
    const std::string place = events.place();
    throw Error(str("at byte ", source.offset(), place.empty() ? "" : ", ", place, ": ", error.what()));
  }
}

}  // namespace minnow
