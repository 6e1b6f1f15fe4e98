// The Minnow side of tools/compare.py:  serve MODEL WEIGHTS INPUT LOGITS N,3,H,W THREADS [winograd|exact]
//
// Loads, compiles, runs once and writes the logits; prints the seconds from the start of the process until then. After
// that each line on stdin is an order: "run" prints the milliseconds of one call, "memory" the peak and the anonymous
// memory in KiB.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

#include <minnow/minnow.h>

#include "models.h"

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

long status_kib(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key)) return std::stol(line.substr(key.size() + 1));
  }
  return 0;
}

minnow::Shape parse_shape(const std::string& text) {
  minnow::Shape shape;
  std::istringstream in(text);
  for (std::string size; std::getline(in, size, ',');) shape.push_back(std::stoll(size));
  return shape;
}

}  // namespace

int main(int argc, char** argv) {
  const auto start = Clock::now();
  if (argc < 7) {
    std::fprintf(stderr, "usage: serve MODEL WEIGHTS INPUT LOGITS N,3,H,W THREADS [winograd|exact]\n");
    return 2;
  }
  try {
    minnow::set_num_threads(std::stoi(argv[6]));
    auto model = minnow::bench::create(argv[1]);
    minnow::load(model, argv[2]);
    minnow::Tensor x = minnow::empty(parse_shape(argv[5]));
    std::ifstream(argv[3], std::ios::binary).read(reinterpret_cast<char*>(x.data()), x.nbytes());
    const bool winograd = argc < 8 || std::string(argv[7]) == "winograd";
    const auto fast = minnow::compile(std::move(model), {.winograd = winograd});
    const minnow::Tensor logits = fast(x);
    const double seconds = milliseconds_since(start) / 1e3;
    std::ofstream(argv[4], std::ios::binary)
        .write(reinterpret_cast<const char*>(logits.data()), static_cast<std::streamsize>(logits.nbytes()));
    std::cout << seconds << std::endl;
    for (std::string order; std::getline(std::cin, order);) {
      if (order == "memory") {
        std::cout << status_kib("VmHWM:") << ' ' << status_kib("RssAnon:") << std::endl;
        continue;
      }
      const auto before = Clock::now();
      (void)fast(x);
      std::cout << milliseconds_since(before) << std::endl;
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "serve: %s\n", error.what());
    return 1;
  }
}
