#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include <minnow/core/export.h>
#include <minnow/core/shape.h>
#include <minnow/nn/module.h>
#include <minnow/ops/input_specs.h>

namespace minnow::nn {

/// One call of a layer, or one op that a composite module applies itself.
struct SummaryRow {
  std::string path;                // "layer1.0.conv1"; of the composite, for an op
  std::string kind;                // "Conv2d", or the op's name
  Shape output;                    // [1, 64, 112, 112]
  std::int64_t parameters = 0;     // learned values; 0 where the layer was called before
  std::int64_t multiply_adds = 0;  // what the field calls MACs
  std::int64_t bytes = 0;          // of the output; 0 where it shares the input's memory
};

/// What a model is made of and what it costs, for one size of its inputs. Printed as a table.
struct Summary {
  std::vector<TensorSpec> inputs;
  std::vector<SummaryRow> rows;      // in the order of the calls
  std::int64_t parameters = 0;       // of the whole model, called or not
  std::int64_t parameter_bytes = 0;  // with buffers
  std::int64_t multiply_adds = 0;
  std::int64_t bytes = 0;  // of all outputs together
};

/// Follows `model` through a call on inputs of these shapes, as in eval mode, without computing, drawing or allocating
/// anything: `summary(net, {1, 3, 224, 224})`, of two inputs `summary(net, {{1, 3, 224, 224}, {1, 16}})`. Throws what
/// the call would throw for wrong shapes, and where the model looks at values.
MINNOW_API Summary summary(const Module& model, const InputSpecs& inputs);

/// The table.
MINNOW_API std::ostream& operator<<(std::ostream& out, const Summary& summary);

}  // namespace minnow::nn

namespace minnow {

using nn::summary;

}  // namespace minnow
