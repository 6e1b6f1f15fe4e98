#include <minnow/nn/conv2d.h>
#include <minnow/nn/init.h>
#include <minnow/nn/repr.h>
#include <minnow/ops/conv2d.h>

namespace minnow::nn {
namespace {

minnow::Conv2dOptions of_op(const Conv2dOptions& options) {
  return {.stride = options.stride, .padding = options.padding, .dilation = options.dilation, .groups = options.groups};
}

// The channels of one group's input, after all checks that need no input.
std::int64_t group_channels(std::int64_t in, std::int64_t out, Pair kernel, const Conv2dOptions& options) {
  check_options(of_op(options));
  if (in < 1 || out < 1 || kernel.h < 1 || kernel.w < 1) {
    fail("Conv2d: channels and kernel must be positive, got ", in, " to ", out, " channels, kernel ", kernel);
  }
  if (in % options.groups != 0 || out % options.groups != 0) {
    fail("Conv2d: ", in, " input and ", out, " output channels do not divide by ", options.groups, " groups");
  }
  return in / options.groups;
}

}  // namespace

Conv2d::Conv2d(std::int64_t in, std::int64_t out, Pair kernel, Conv2dOptions opts)
    : in_channels(in), out_channels(out), kernel_size(kernel), options(opts) {
  const Shape shape{out, group_channels(in, out, kernel, opts), kernel.h, kernel.w};
  const Init init = fan_in_uniform(shape[1] * kernel.h * kernel.w);
  weight = parameter("weight", shape, init);
  if (opts.bias) bias = parameter("bias", {out}, init);
}

Tensor Conv2d::forward(const Tensor& x) const { return conv2d(x, weight, bias, of_op(options)); }

std::string Conv2d::extra_repr() const {
  std::string text = str(in_channels, ", ", out_channels, ", kernel_size=", kernel_size, ", stride=", options.stride);
  if (options.padding.same || options.padding.valid) {
    text += options.padding.same ? ", padding=same" : ", padding=valid";
  } else if (options.padding.size != 0) {
    text += str(", padding=", options.padding.size);
  }
  if (options.dilation != 1) text += str(", dilation=", options.dilation);
  if (options.groups != 1) text += str(", groups=", options.groups);
  return options.bias ? text : text + ", bias=False";
}

}  // namespace minnow::nn
