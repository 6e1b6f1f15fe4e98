#include <minnow/plan/steps/steps.h>

namespace minnow {

std::unique_ptr<Step> make_step(const BindContext& context, std::size_t number) {
  using Make = std::unique_ptr<Step> (*)(const BindContext&, std::size_t);
  constexpr Make list[] = {make_conv_step, make_pool_step, make_collect_step,
                           make_eager_step};  // the first that takes the node; the last takes every one
  for (const Make make : list) {
    if (auto step = make(context, number)) return step;
  }
  return nullptr;
}

}  // namespace minnow
