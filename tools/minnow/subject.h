#pragma once

#include <string>

#include <minnow/nn/module.h>

namespace minnow::tool {

/// A model to look at, and the shape of the input to look at it with.
struct Subject {
  nn::AnyModule model;
  Shape input;  // [N, 3, H, W]
};

/// What is wrong with the text of an input's shape, as CLI::Option::check wants to know: nothing where find_subject
/// understands it.
std::string check_input(const std::string& text);

/// The model called `name`, or in the file of that name; `model` names the model of a file that does not. `input` is
/// channels x height x width such as "3x224x224", with a batch in front if it is not 1; if empty, what the model's
/// preset makes of a picture. Throws for anything else.
Subject find_subject(const std::string& name, const std::string& model, const std::string& input);

}  // namespace minnow::tool
