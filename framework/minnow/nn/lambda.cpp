#include <minnow/nn/lambda.h>

namespace minnow::nn {

AnyModule::AnyModule(std::function<Tensor(const Tensor&)> function) : AnyModule(Lambda(std::move(function))) {}

}  // namespace minnow::nn
