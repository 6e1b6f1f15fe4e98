#include <minnow/ops/check.h>
#include <minnow/ops/strided.h>
#include <minnow/ops/where.h>

namespace minnow {

std::vector<TensorSpec> WhereOp::infer(std::span<const TensorSpec> inputs) const {
  detail::expect_float32("where", inputs.first(1));
  if (inputs[1].dtype != inputs[2].dtype) fail("where: ", inputs[1].dtype, " beside ", inputs[2].dtype);
  const Shape choices = detail::broadcast_shape("where", inputs[1].shape, inputs[2].shape);
  return {{detail::broadcast_shape("where", inputs[0].shape, choices), inputs[1].dtype}};
}

void WhereOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Shape& shape = outputs[0].shape();
  const auto strides = [&](int i) {
    return detail::broadcast_strides(inputs[static_cast<std::size_t>(i)].shape(), shape);
  };
  const float* condition = inputs[0].data();
  const auto choose = [&]<class T>(const T* a, const T* b, T* out) {
    detail::for_each_row<4>(shape, {strides(0), strides(1), strides(2), detail::row_major(shape)},
                            [&](const auto& at, const auto& step, std::int64_t count) {
                              const float* c = condition + at[0];
                              const T *x = a + at[1], *y = b + at[2];
                              T* __restrict to = out + at[3];
                              const auto loop = [=](auto c_next, auto x_next, auto y_next) {
                                for (std::int64_t i = 0; i < count; ++i) {
                                  const T yes = x[i * x_next], no = y[i * y_next];
                                  to[i] = c[i * c_next] != 0 ? yes : no;
                                }
                              };
                              detail::with_constant_steps<3>({step[0], step[1], step[2]}, loop);
                            });
  };
  if (outputs[0].dtype() == DType::float32) {
    choose(inputs[1].data(), inputs[2].data(), outputs[0].data());
  } else {
    choose(inputs[1].data<std::int64_t>(), inputs[2].data<std::int64_t>(), outputs[0].data<std::int64_t>());
  }
}

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) { return apply<WhereOp>({condition, a, b}); }

}  // namespace minnow
