#pragma once

#include <span>
#include <vector>

#include <minnow/kernels/conv.h>
#include <minnow/kernels/table.h>

namespace minnow {

/// One way to convolve, and what it is expected to cost.
///
///   const auto& kernel = *conv_choices(kernels::table(), shape, in).front().kernel;
///
///   kernel.in, kernel.out        the formats of x and y: a buffer in another one needs a reorder
///   kernel.packed_bytes(shape)   memory for the weights; kernel.pack in units [0, kernel.pack_units(shape)),
///                                split over threads in any way
///   kernel.scratch_bytes(shape)  memory for each thread that calls run, aligned to eight bytes
///   kernel.run                   in units [0, kernel.units(shape)), split over threads in any way; neighbouring units
///                                share work, so give each thread one range
///
/// `packed` depends on the kernel and the shape; of the shape's members only the batch, the sizes of input and output,
/// and the padding may change while the packed weights stay as they are: plans for other input sizes share them if
/// they choose the same kernel. Weights and bias are plain float32; fold batch norm before packing.
struct ConvAlgorithm {
  /// The core that convolves.
  struct Core {
    int width;      // floats per vector
    double others;  // what all but multiply-adds costs, against a core that does two of them in a cycle
  };

  kernels::ConvAlgorithm id;
  /// The expected time, in fused multiply-adds of one vector, on one thread.
  double (*cost)(const kernels::ConvShape& shape, const Core& core);
};

/// Every algorithm, best first; the last one for its input format applies to every shape.
std::span<const ConvAlgorithm> conv_algorithms();

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

}  // namespace minnow
