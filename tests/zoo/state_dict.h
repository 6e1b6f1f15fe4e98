#pragma once

#include <span>
#include <string>
#include <vector>

#include <minnow/core/error.h>
#include <minnow/nn/module.h>

#include "io/pictures.h"

// As tests/golden/make_state_dicts.py has it.

namespace minnow::zoo {

/// A line "NAME SHAPE KIND DTYPE" for each tensor of the state dict, in order.
inline std::vector<std::string> state_dict_lines(const nn::Module& model) {
  std::vector<std::string> lines;
  for (const auto& [name, parameter] : model.state_dict()) {
    lines.push_back(str(name, ' ', parameter.shape(), parameter.is_buffer() ? " buffer" : " param",
                        parameter.dtype() == DType::int64 ? " i64" : " f32"));
  }
  return lines;
}

/// The FNV-1a of the lines.
inline std::string lines_hash(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return test::fnv1a(std::as_bytes(std::span(text)));
}

}  // namespace minnow::zoo
