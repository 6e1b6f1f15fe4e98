#include "allocations.h"

#ifndef MINNOW_SANITIZED
#include <malloc.h>
#include <sys/mman.h>

#include <cstdlib>

#include <minnow/compile.h>
#include <minnow/core/threads.h>
#include <minnow/nn/adaptive_avg_pool2d.h>
#include <minnow/nn/batch_norm2d.h>
#include <minnow/nn/conv2d.h>
#include <minnow/nn/flatten.h>
#include <minnow/nn/linear.h>
#include <minnow/nn/max_pool2d.h>
#include <minnow/nn/relu.h>
#include <minnow/nn/sequential.h>
#include <minnow/nn/sigmoid.h>
#include <minnow/nn/softmax.h>
#include <minnow/ops/binary.h>
#include <minnow/ops/custom.h>

#include "support.h"

namespace minnow {
namespace {

using test::allocations;

TEST(Allocations, AreCountedWhoeverAsks) {
  EXPECT_EQ(allocations([] {}), 0);
  EXPECT_EQ(allocations([] { delete new int; }), 1);
  EXPECT_EQ(allocations([] { std::free(std::malloc(9)); }), 1);
  EXPECT_EQ(allocations([] { std::free(std::calloc(3, 9)); }), 1);
  EXPECT_EQ(allocations([] { std::free(std::aligned_alloc(64, 640)); }), 1);
  void* memory = std::malloc(9);
  EXPECT_EQ(allocations([&] { memory = std::realloc(memory, 1 << 20); }), 1);
  std::free(memory);
  EXPECT_EQ(allocations([] { std::free(memalign(64, 640)); }), 1);
  EXPECT_EQ(allocations([&] { EXPECT_EQ(posix_memalign(&memory, 64, 640), 0); }), 1);
  std::free(memory);
  EXPECT_EQ(allocations([&] { memory = mmap(nullptr, 640, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }), 1);
  munmap(memory, 640);

  const int before = num_threads();
  set_num_threads(7);
  const auto with_a_team = [] { parallel_for(7, 1, [](std::int64_t, std::int64_t) {}); };
  EXPECT_GT(allocations(with_a_team), 0) << "what the OpenMP runtime asks for is not seen";
  EXPECT_EQ(allocations(with_a_team), 0);
  set_num_threads(before);
}

TEST(Allocations, OfACompiledModelAreItsResultAlone) {
  const int before = num_threads();
  const auto plus_one = custom_op(
      "plus_one", [](std::span<const Shape> in) { return in[0]; },
      [](std::span<const Tensor> in, Tensor& out) {
        for (std::int64_t i = 0; i < in[0].numel(); ++i) out.data()[i] = in[0].data()[i] + 1;
      });
  for (const int threads : {1, 2, 3}) {  // there is work for one, two, three and more of them
    set_num_threads(threads);
    const CompiledModel fast = compile(nn::Sequential(
        nn::Conv2d(3, 48, 3), nn::BatchNorm2d(48), nn::ReLU(), nn::Conv2d(48, 16, 3, {.padding = 1}), nn::Sigmoid(),
        nn::MaxPool2d(2), [](const Tensor& x) { return x + x * 0.5; }, nn::AdaptiveAvgPool2d(1), nn::Flatten(),
        nn::Linear(16, 4), [&](const Tensor& x) { return plus_one({x}); }, nn::Softmax(1)));
    const Tensor x = randn({1, 3, 60, 60});
    (void)fast(x);
    (void)fast(x);
    const int for_one_tensor = allocations([] { (void)empty({1, 4}); });
    const int for_its_list = 1;
    EXPECT_GE(for_one_tensor, 2);
    EXPECT_LE(allocations([&] { (void)fast.run({&x, 1}); }), for_one_tensor + for_its_list) << threads << " threads";

    const Tensor batch = randn({4, 3, 160, 160});  // which is cut into micro-batches
    (void)fast(batch);
    (void)fast(batch);
    EXPECT_LE(allocations([&] {
                (void)fast.run({&batch, 1});
              }),
              for_one_tensor + for_its_list)
        << threads << " threads";
  }
  set_num_threads(before);
}

}  // namespace
}  // namespace minnow
#endif
