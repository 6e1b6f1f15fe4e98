#include <nlohmann/json.hpp>

#include <minnow/core/error.h>
#include <minnow/io/json.h>

namespace minnow {

std::string json_string(std::string_view text) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::exception&) {
    fail("a text is not UTF-8 and cannot be written as JSON");
  }
}

std::string shown(std::string_view name) {
  constexpr std::size_t enough = 160;
  const std::string text =
      nlohmann::json(name.substr(0, enough)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return text.substr(1, text.size() - 2) + (name.size() > enough ? "..." : "");
}

}  // namespace minnow
