#include <cstddef>
#include <cstring>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include <minnow/core/random.h>
#include <minnow/kernels/table.h>
#include <minnow/minnow.h>
#include <minnow/plan/packed_weights.h>

namespace minnow {
namespace {

kernels::ConvShape layer(std::int64_t in, std::int64_t out, std::int64_t window) {
  return {.batch = 1,
          .in_channels = in,
          .in_h = 7,
          .in_w = 7,
          .out_channels = out,
          .out_h = 7,
          .out_w = 7,
          .kernel_h = window,
          .kernel_w = window,
          .stride_h = 1,
          .stride_w = 1,
          .pad_top = window / 2,
          .pad_left = window / 2,
          .dilation_h = 1,
          .dilation_w = 1,
          .groups = 1};
}

// Of every algorithm, one part and many, more threads than parts and fewer.
TEST(Packing, WritesWhatTheKernelsWriteAtOnce) {
  struct Expected {
    std::shared_ptr<std::byte> packed;
    std::vector<std::byte> bytes;
  };
  const int before = num_threads();
  for (const int threads : {1, 3}) {
    set_num_threads(threads);
    Packing packing;
    std::vector<Expected> all;
    std::vector<Tensor> weights;
    for (const kernels::ConvShape& shape : {layer(5, 3, 3), layer(33, 50, 1), layer(512, 520, 3), layer(16, 16, 3)}) {
      weights.push_back(randn({shape.out_channels, shape.in_channels, shape.kernel_h, shape.kernel_w}));
      for (const kernels::ConvKernel& kernel : kernels::table().conv.list) {
        if (!kernel.applies(shape)) continue;
        std::vector<std::byte> bytes(static_cast<std::size_t>(kernel.packed_bytes(shape)));
        kernel.pack(shape, {weights.back().data()}, bytes.data(), 0, kernel.pack_units(shape));
        all.push_back({packing.add(kernel, shape, {weights.back().data()}), std::move(bytes)});
      }
    }
    ASSERT_GT(all.size(), 4u);
    packing.run();
    for (const auto& [packed, bytes] : all) {
      EXPECT_EQ(std::memcmp(packed.get(), bytes.data(), bytes.size()), 0) << bytes.size() << " bytes, " << threads;
    }
  }
  set_num_threads(before);
}

TEST(PackedWeights, OfOneTensorWithOtherFactorsAreOthers) {
  const Tensor w = randn({16, 16, 3, 3}), mean = randn({16}), var = rand({16}) + 0.5, x = randn({1, 16, 9, 9});
  const auto scaled = [&](const Tensor& in, double eps) { return batch_norm(conv2d(in, w), mean, var, {}, {}, eps); };
  const auto f = [&](const Tensor& in) { return scaled(in, 1e-5) - scaled(in, 1.0); };
  EXPECT_TENSOR_NEAR(compile(nn::AnyModule(f))(x), f(x), 1e-4);
}

TEST(PackedWeights, AreCountedInBytes) {
  const Tensor w = randn({20, 16, 3, 3});
  const auto fast = compile(nn::AnyModule([&](const Tensor& x) { return conv2d(x, w, {}, {.padding = 1}); }),
                            {.algorithms = {{"", "direct"}}});
  const kernels::ConvKernel& direct = kernels::table().conv[kernels::ConvAlgorithm::direct];
  EXPECT_EQ(fast.memory({1, 16, 7, 7}).weights, direct.packed_bytes(layer(16, 20, 3)));
}

}  // namespace
}  // namespace minnow
