#include <algorithm>
#include <atomic>
#include <bit>

#include <minnow/core/error.h>
#include <minnow/core/threads.h>
#include <minnow/plan/packed_weights.h>

namespace minnow {
namespace {

// FNV-1a over the elements.
std::uint64_t fingerprint(const Tensor& values) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const float value : std::as_const(values).span())
    hash = (hash ^ std::bit_cast<std::uint32_t>(value)) * 0x100000001b3;
  return hash;
}

}  // namespace

std::shared_ptr<std::byte> Packing::add(const kernels::ConvKernel& kernel, const kernels::ConvShape& shape,
                                        const kernels::ConvWeights& weights) {
  jobs_.push_back({kernel, shape, weights, memory_.allocate(kernel.packed_bytes(shape))});
  return jobs_.back().packed;
}

void Packing::run() {
  struct Part {
    const Job* job;
    std::int64_t first, last;  // of pack_units
    std::int64_t begin, end;   // bytes, about those of the units
  };
  constexpr std::int64_t part_bytes = 1 << 20;
  std::vector<Part> parts;
  for (const Job& job : jobs_) {
    const std::int64_t units = job.kernel.pack_units(job.shape), bytes = job.kernel.packed_bytes(job.shape);
    const std::int64_t count = std::clamp<std::int64_t>(bytes / part_bytes, 1, std::max<std::int64_t>(units, 1));
    for (std::int64_t i = 0; i < count; ++i) {
      parts.push_back({&job, units * i / count, units * (i + 1) / count, bytes * i / count, bytes * (i + 1) / count});
    }
  }
  std::atomic<std::size_t> next = 0;
  parallel_for(num_threads(), 1, [&](std::int64_t, std::int64_t) {
    for (std::size_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < parts.size();) {
      const auto& [job, first, last, begin, end] = parts[i];
      populate(job->packed.get() + begin, end - begin);
      job->kernel.pack(job->shape, job->weights, job->packed.get(), first, last);
    }
  });
  memory_.gather();
  jobs_.clear();
}

std::shared_ptr<std::byte> PackedWeights::get(const kernels::ConvKernel& kernel, const kernels::ConvShape& shape,
                                              const Value& weight, const Value* scale, Packing& packing) {
  std::vector<Tensor> origin = weight.origin;
  if (scale) join_origin(origin, scale->origin);
  std::vector<const void*> addresses;
  for (const Tensor& tensor : origin) addresses.push_back(tensor.storage().get());
  // Different weights may be made from one tensor: slices of it, say. The tensor itself is named by its address.
  const bool is_origin = weight.origin.size() == 1 && weight.origin.front().storage() == weight.constant.storage();
  std::string name = str(kernel.name, ' ', shape.in_channels, ' ', shape.out_channels, ' ', shape.kernel_h, ' ',
                         shape.kernel_w, ' ', shape.groups, ' ', is_origin ? 0 : fingerprint(weight.constant));
  if (scale) name += str(' ', fingerprint(scale->constant));
  std::erase_if(entries_, [](const auto& entry) { return entry.second.packed.expired(); });
  Entry& entry = entries_[{std::move(name), std::move(addresses)}];
  if (auto packed = entry.packed.lock()) return packed;

  struct Packed {
    std::shared_ptr<std::byte> pages;
    std::vector<Tensor> origin;  // keeps the addresses that are its name
  };
  const kernels::ConvWeights weights{std::as_const(weight.constant).data(),
                                     scale ? std::as_const(scale->constant).data() : nullptr};
  entry.bytes = kernel.packed_bytes(shape);
  const auto whole = std::make_shared<Packed>(Packed{packing.add(kernel, shape, weights), std::move(origin)});
  const std::shared_ptr<std::byte> packed(whole, whole->pages.get());
  entry.packed = packed;
  return packed;
}

std::int64_t PackedWeights::bytes() const {
  std::int64_t sum = 0;
  for (const auto& [name, entry] : entries_) sum += entry.packed.expired() ? 0 : entry.bytes;
  return sum;
}

}  // namespace minnow
