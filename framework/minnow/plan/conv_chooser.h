#pragma once

#include <map>
#include <string>
#include <vector>

#include <minnow/plan/conv_algorithms.h>
#include <minnow/plan/measured.h>
#include <minnow/plan/options.h>

namespace minnow {

/// How a node is convolved.
struct ChosenConv {
  const kernels::ConvKernel* kernel = nullptr;  // null where the op evaluates itself
  std::string name = {};                        // what PlanOptions::algorithms calls the convolution
  std::vector<Measured> measured = {};          // fastest first; none where nothing was measured
};

/// Chooses the kernels of a plan's convolutions, which it is asked for in their order: the one that is pinned, or that
/// was fastest, or that is expected to be.
class ConvChooser {
 public:
  ConvChooser(const PlanOptions& options, const kernels::Table& table) : options_(options), table_(table) {}

  /// A convolution that nothing is chosen for: an empty one, say. It has a name all the same.
  ChosenConv choose_none(const std::string& path) { return {.name = name_of(path)}; }
  /// One of `shape`. With `plain_input` it reads [N, C, H, W] where it lies if a kernel can; with `rows` the pixels are
  /// the rows of a linear layer, which are never planes, and none may be treated differently by its place.
  ChosenConv choose(const std::string& path, const kernels::ConvShape& shape, bool plain_input, bool rows);
  /// Throws where a convolution is pinned that there was none of.
  void check_pins() const;

 private:
  /// The path of its module; for the second convolution of a module "path#2", and so on.
  std::string name_of(const std::string& path);
  const kernels::ConvKernel* pinned(const std::string& name, const std::string& algorithm,
                                    const std::vector<ConvChoice>& possible) const;

  const PlanOptions& options_;
  const kernels::Table& table_;
  std::map<std::string, int> applied_;  // how often each path convolved
  std::vector<std::string> names_;
};

}  // namespace minnow
