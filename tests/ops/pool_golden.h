#pragma once

#include <optional>

#include <minnow/ops/options.h>
#include "support.h"

namespace minnow::test {

/// The entry `name` of the options of a golden case as a Pair: a number or a list of two.
inline Pair pair_of(const nlohmann::json& options, const char* name, Pair otherwise) {
  if (!options.contains(name)) return otherwise;
  const nlohmann::json& value = options[name];
  return value.is_array() ? Pair(value[0].get<int>(), value[1].get<int>()) : Pair(value.get<int>());
}

/// Two numbers, each of which may be null.
inline OutputSize output_size_of(const nlohmann::json& size) {
  const auto entry = [](const nlohmann::json& value) {
    return value.is_null() ? std::nullopt : std::optional<std::int64_t>(value.get<int>());
  };
  return {entry(size[0]), entry(size[1])};
}

}  // namespace minnow::test
