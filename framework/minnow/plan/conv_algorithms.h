#pragma once

#include <span>
#include <vector>

#include <minnow/kernels/conv.h>
#include <minnow/kernels/table.h>

namespace minnow {

/// What a way to convolve is expected to cost.
struct ConvCost {
  /// The core that convolves.
  struct Core {
    int width;       // floats per vector
    double others;   // what all but multiply-adds costs, against a core that does two of them in a cycle
    double weights;  // what a float of packed weights costs to read, in multiply-adds of a vector
    double pairs;    // what paired products cost, against one multiply-add each
  };

  kernels::ConvAlgorithm algorithm;
  /// The expected time, in fused multiply-adds of one vector, on one thread.
  double (*of)(const kernels::ConvShape& shape, const Core& core);
};

/// Every algorithm's, best first; the last one that reads blocks applies to every shape.
std::span<const ConvCost> conv_costs();

struct ConvPreferences {
  bool winograd = true;  // allow algorithms that are not `exact`
};

/// A kernel that applies to a shape, with its expected cost.
struct ConvChoice {
  const kernels::ConvKernel* kernel;
  double cost;
};

/// The kernels that read the format `in` and apply to the shape, cheapest first. Never empty for the blocked format of
/// the table; for NCHW it is empty for groups that fill no vector.
std::vector<ConvChoice> conv_choices(const kernels::Table& table, const kernels::ConvShape& shape, kernels::Format in,
                                     const ConvPreferences& preferences = {});

/// The same for an input that lies in NCHW, or may: the kernels that read that, and where none does those that read
/// blocks.
std::vector<ConvChoice> conv_choices_from_plain(const kernels::Table& table, const kernels::ConvShape& shape,
                                                const ConvPreferences& preferences = {});

}  // namespace minnow
