// What the kernels reach of what one core can do: multiply-adds against independent multiply-adds on registers, and
// pools against plain reads of as many bytes. Each line alternates the two and reports their ratio, `share_%`.
//
//   minnow_bench_kernels [--benchmark_filter=avx2]

#include <benchmark/benchmark.h>
#include <minnow/kernels/dispatch.h>
#include <minnow/minnow.h>
#include <minnow/ops/kernels.h>

#include <cstdint>
#include <string>
#include <vector>

#include "yardstick.h"

namespace {

using minnow::Tensor;
using minnow::bench::compare;
using minnow::kernels::Table;

/// A yardstick of about a millisecond of multiply-adds.
auto multiply_adds(const Table& table) {
  return [&table] { return static_cast<double>(table.probe.multiply_add(50'000)); };
}

void gemm(benchmark::State& state, const Table& table, std::int64_t m, std::int64_t n, std::int64_t k) {
  const Tensor a = minnow::randn({m, k}), b = minnow::randn({k, n});
  Tensor c = minnow::zeros({m, n}), scratch = minnow::zeros({table.gemm_scratch(m, n, k)});
  const minnow::kernels::GemmArgs args{.m = m,
                                       .n = n,
                                       .k = k,
                                       .a = {a.data(), k, 1},
                                       .b = {b.data(), n, 1},
                                       .c = c.data(),
                                       .c_row = n,
                                       .first_row = 0,
                                       .last_row = m,
                                       .first_column = 0,
                                       .last_column = n,
                                       .scratch = scratch.data()};
  compare(
      state, 2.0 * static_cast<double>(m * n * k), [&] { table.gemm(args); }, multiply_adds(table));
}

void adaptive(benchmark::State& state, const Table& table, std::int64_t in, std::int64_t out) {
  const std::int64_t planes = 8 * 512;
  const Tensor x = minnow::randn({8, 512, in, in});
  Tensor y = minnow::zeros({8, 512, out, out});
  const double bytes = static_cast<double>(x.numel()) * 4;
  compare(
      state, bytes,
      [&] {
        table.adaptive_avg_pool({x.data(), y.data(), planes, in, in, out, out});
      },
      [&] {
        benchmark::DoNotOptimize(table.probe.read(x.data(), x.numel()));
        return bytes;
      });
}

void conv2d(benchmark::State& state, std::int64_t channels, std::int64_t kernel, std::int64_t size) {
  const minnow::nn::Conv2d conv(channels, channels, kernel, {.padding = kernel / 2, .bias = false});
  const Tensor x = minnow::randn({1, channels, size, size});
  const double operations = 2.0 * static_cast<double>(channels * channels * kernel * kernel * size * size);
  compare(
      state, operations, [&] { conv(x); }, multiply_adds(minnow::kernels::table()));
}

void matmul(benchmark::State& state) {
  const Tensor a = minnow::randn({512, 512}), b = minnow::randn({512, 512});
  compare(
      state, 2.0 * 512 * 512 * 512, [&] { minnow::matmul(a, b); }, multiply_adds(minnow::kernels::table()));
}

void adaptive_op(benchmark::State& state, std::int64_t in, std::int64_t out) {
  const Tensor x = minnow::randn({8, 512, in, in});
  const double bytes = static_cast<double>(x.numel()) * 4;
  compare(
      state, bytes,
      [&] {
        minnow::adaptive_avg_pool2d(x, {out, out});
      },
      [&] {
        benchmark::DoNotOptimize(minnow::kernels::table().probe.read(x.data(), x.numel()));
        return bytes;
      });
}

template <class... Args>
void add(const std::string& name, Args... args) {
  benchmark::RegisterBenchmark(name.c_str(), args...)->UseManualTime()->Unit(benchmark::kMillisecond)->MinTime(0.3);
}

}  // namespace

int main(int argc, char** argv) {
  minnow::set_num_threads(1);
  for (const Table* table : minnow::kernels::runnable()) {
    const std::string isa = std::string(table->name) + "/";
    add(isa + "gemm 512x512x512", gemm, *table, 512, 512, 512);
    add(isa + "gemm as conv 1x1 256 to 256 at 28x28", gemm, *table, 256, 784, 256);
    add(isa + "adaptive_avg_pool 8x512x56x56 to 1x1", adaptive, *table, 56, 1);
    add(isa + "adaptive_avg_pool 8x512x28x28 to 7x7", adaptive, *table, 28, 7);
  }
  add("eager/matmul 512x512x512", matmul);
  add("eager/conv2d 1x1 256 to 256 at 28x28", conv2d, 256, 1, 28);
  add("eager/conv2d 3x3 128 to 128 at 28x28", conv2d, 128, 3, 28);
  add("eager/adaptive_avg_pool2d 8x512x56x56 to 1x1", adaptive_op, 56, 1);
  add("eager/adaptive_avg_pool2d 8x512x28x28 to 7x7", adaptive_op, 28, 7);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
