#include <minnow/core/threads.h>
#include <minnow/ops/check.h>
#include <minnow/ops/conv2d.h>
#include <minnow/ops/conv_shape.h>
#include <minnow/ops/gemm.h>
#include <minnow/ops/kernels.h>
#include <minnow/ops/scratch.h>

namespace minnow {
namespace {

Tensor floats(std::int64_t count) { return empty({count}); }

/// The input as the kernel wants it.
Tensor input_for(const kernels::ConvKernel& kernel, const kernels::ConvShape& shape, const Tensor& x) {
  if (kernel.in.block == 1) return x;
  const std::int64_t width = kernel.in.block, blocks = (shape.in_channels + width - 1) / width;
  Tensor blocked = floats(shape.batch * blocks * shape.in_h * shape.in_w * width);
  const kernels::ReorderArgs args{x.data(), blocked.data(), shape.batch, shape.in_channels, shape.in_h * shape.in_w};
  parallel_for(shape.batch * blocks, 4,
               [&](std::int64_t first, std::int64_t last) { kernels::table().block(args, first, last); });
  return blocked;
}

void run(const kernels::ConvKernel& kernel, const kernels::ConvShape& shape, const kernels::ConvArgs& args) {
  detail::parallel_for_with_scratch(kernel.units(shape), 1, kernel.scratch_bytes(shape),
                                    [&](std::byte* scratch, std::int64_t first, std::int64_t last) {
                                      kernels::ConvArgs own = args;
                                      own.scratch = scratch;
                                      kernel.run(shape, own, first, last);
                                    });
}

bool is_matrix_product(const kernels::ConvShape& s) {
  return s.kernel_h == 1 && s.kernel_w == 1 && s.stride_h == 1 && s.stride_w == 1 && s.groups == 1 &&
         s.in_h == s.out_h && s.in_w == s.out_w && s.pad_top == 0 && s.pad_left == 0;
}

/// A 1x1 convolution is the product of the weights [O, I] with each image [I, H * W].
void multiply(const kernels::ConvShape& shape, const float* x, const float* weight, const float* bias, float* y) {
  const std::int64_t m = shape.out_channels, n = shape.out_h * shape.out_w, k = shape.in_channels;
  detail::multiply(shape.batch, [&](std::int64_t image) {
    return kernels::GemmArgs{.m = m,
                             .n = n,
                             .k = k,
                             .a = {.data = weight, .row = k, .column = 1},
                             .b = {.data = x + image * k * n, .row = n, .column = 1},
                             .c = y + image * m * n,
                             .c_row = n,
                             .row_bias = bias};
  });
}

/// The first that applies, of those that are exact.
const kernels::ConvKernel& kernel_for(const kernels::ConvShape& shape) {
  using kernels::ConvAlgorithm;
  const kernels::Table& table = kernels::table();
  const bool few = kernels::few_channels(shape.in_channels, table.width);
  for (const ConvAlgorithm algorithm : {ConvAlgorithm::depthwise, few ? ConvAlgorithm::plain : ConvAlgorithm::direct,
                                        ConvAlgorithm::grouped, ConvAlgorithm::plain}) {
    if (table.conv[algorithm].applies(shape)) return table.conv[algorithm];
  }
  return table.conv[ConvAlgorithm::lanes];
}

}  // namespace

std::string Conv2dOp::attributes() const {
  std::string text;
  const auto add = [&](const auto&... parts) { text += str(text.empty() ? "" : " ", parts...); };
  if (options.stride != 1) add("stride=", options.stride);
  if (options.padding.same) add("padding=same");
  if (options.padding.size != 0) add("padding=", options.padding.size);
  if (options.dilation != 1) add("dilation=", options.dilation);
  if (options.groups != 1) add("groups=", options.groups);
  return text;
}

std::vector<TensorSpec> Conv2dOp::infer(std::span<const TensorSpec> inputs) const {
  detail::expect_float32(name(), inputs);
  const Shape& weight = inputs[1].shape;
  const Shape out = conv2d_shape(inputs[0].shape, weight, options);
  if (inputs.size() > 2 && inputs[2].shape != Shape{weight[0]}) {
    fail("conv2d: expected a bias [", weight[0], "] (weight ", weight, "), got ", inputs[2].shape);
  }
  return {{out}};
}

std::int64_t Conv2dOp::multiply_adds(std::span<const TensorSpec> inputs) const {
  const Shape& weight = inputs[1].shape;
  const std::int64_t products = saturating_mul(saturating_mul(weight[1], weight[2]), weight[3]);
  return saturating_mul(conv2d_shape(inputs[0].shape, weight, options).numel(), products);
}

// Weights are packed at every call, so that a write to them is always noticed.
void Conv2dOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Tensor& weight = inputs[1];
  const kernels::ConvShape shape = conv_shape(inputs[0].shape(), weight.shape(), options);
  if (outputs[0].numel() == 0) return;
  if (is_matrix_product(shape)) {
    return multiply(shape, inputs[0].data(), weight.data(), inputs.size() > 2 ? inputs[2].data() : nullptr,
                    outputs[0].data());
  }
  const kernels::ConvKernel& kernel = kernel_for(shape);

  const Tensor packed = floats(kernel.packed_bytes(shape) / size_of(DType::float32));
  pack_weights(kernel, shape, {weight.data()}, packed.storage().get());
  const std::int64_t width = kernel.out.block, blocks = (shape.out_channels + width - 1) / width;
  const Tensor bias = inputs.size() > 2 ? padded_bias(kernel, inputs[2]) : Tensor();
  const Tensor x = input_for(kernel, shape, inputs[0]);
  Tensor y = floats(shape.batch * blocks * shape.out_h * shape.out_w * width);
  run(kernel, shape,
      {.x = x.data(), .packed = packed.data(), .bias = bias.defined() ? bias.data() : nullptr, .y = y.data()});

  const kernels::ReorderArgs args{y.data(), outputs[0].data(), shape.batch, shape.out_channels,
                                  shape.out_h * shape.out_w};
  parallel_for(shape.batch * blocks, 4,
               [&](std::int64_t first, std::int64_t last) { kernels::table().unblock(args, first, last); });
}

Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias, const Conv2dOptions& options) {
  return bias.defined() ? apply<Conv2dOp>({x, weight, bias}, options) : apply<Conv2dOp>({x, weight}, options);
}

}  // namespace minnow
