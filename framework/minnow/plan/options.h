#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace minnow {

/// How a model is compiled. The switches each take one step out, to find the one behind a wrong or slow result.
struct PlanOptions {
  std::vector<std::string> taps = {};  ///< paths of modules whose outputs are given back, too
  bool drop_identities = true;         ///< what changes nothing is left out
  bool fold_batch_norm = true;         ///< batch norm becomes a scale and a shift of the convolution before it
  bool fuse = true;                    ///< additions, ReLU and clamps join the convolution before them
  bool blocked = true;                 ///< activations lie in blocks of channels; otherwise every op runs as eagerly
  bool micro_batches = true;  ///< the first layers take a few images of a batch at a time, as the caches hold them
  bool winograd = true;  ///< convolutions may use Winograd's and Strassen's algorithms and digits: faster, less exact
  bool bands = true;     ///< where L3 caches are slow, convolutions that hand each other large arrays take turns, some
                         ///< rows each
  bool reuse_memory = true;  ///< buffers whose lives do not overlap share memory
  bool tune = false;         ///< measure the algorithms for each convolution now instead of estimating: runs may differ
  /// Algorithms that are fixed rather than chosen, by the paths of the convolutions and linear layers, as
  /// Plan::algorithms gives them: what was measured once serves later runs, and the bits stay the same from run to run.
  std::map<std::string, std::string> algorithms = {};
  std::size_t max_plans = 8;  ///< plans for as many input shapes are kept; the one unused for longest goes
};

}  // namespace minnow
