#include <benchmark/benchmark.h>
#include <minnow/io/tensors.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

// How fast weights are read from JSON, beside nlohmann's `accept` alone on the same file: it checks the text, and keeps
// nothing of it. Both stream the file, which is in the page cache. To reach: 70 % of accept's bytes per second.

namespace {

using namespace minnow;

/// A file of random weights, written once for all benchmarks, gone at the end.
class File {
 public:
  File(const char* name, WeightsFormat format, std::int64_t rows)
      : path_(std::filesystem::temp_directory_path() / name) {
    write_weights({.tensors = {{"layer.weight", randn({rows, 1024})}}}, path_, format);
  }
  ~File() { std::filesystem::remove(path_); }

  const std::filesystem::path& path() const { return path_; }
  std::int64_t size() const { return static_cast<std::int64_t>(std::filesystem::file_size(path_)); }

 private:
  std::filesystem::path path_;
};

const File& file_in(WeightsFormat format) {
  static const File lists("minnow-bench-lists.json", WeightsFormat::lists, 4 << 10);
  static const File base64("minnow-bench-base64.json", WeightsFormat::minnow, 16 << 10);
  return format == WeightsFormat::lists ? lists : base64;
}

void read(benchmark::State& state, WeightsFormat format) {
  const File& file = file_in(format);
  for (auto _ : state) benchmark::DoNotOptimize(read_weights(file.path()));
  state.SetBytesProcessed(state.iterations() * file.size());
}

void accept(benchmark::State& state, WeightsFormat format) {
  const File& file = file_in(format);
  for (auto _ : state) {
    std::ifstream stream(file.path(), std::ios::binary);
    if (!nlohmann::json::accept(stream)) state.SkipWithError("the file is no JSON");
  }
  state.SetBytesProcessed(state.iterations() * file.size());
}

BENCHMARK_CAPTURE(accept, lists, WeightsFormat::lists)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read, lists, WeightsFormat::lists)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(accept, base64, WeightsFormat::minnow)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read, base64, WeightsFormat::minnow)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
