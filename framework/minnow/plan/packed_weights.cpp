#include <algorithm>
#include <bit>

#include <minnow/core/error.h>
#include <minnow/core/threads.h>
#include <minnow/ops/conv_shape.h>
#include <minnow/plan/packed_weights.h>

namespace minnow {
namespace {

// FNV-1a over the elements: 0 for the tensor that `origin` is, which its address names.
std::uint64_t fingerprint(const Tensor& values, const std::vector<Tensor>& origin) {
  if (origin.size() == 1 && origin.front().storage().get() == values.storage().get()) return 0;
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const float value : std::as_const(values).span())
    hash = (hash ^ std::bit_cast<std::uint32_t>(value)) * 0x100000001b3;
  return hash;
}

}  // namespace

std::shared_ptr<std::byte> PackedWeights::get(const kernels::ConvKernel& kernel, const kernels::ConvShape& shape,
                                              const Value& weight, const Value* scale, PagePool& memory) {
  std::vector<Tensor> origin = weight.origin;
  if (scale) origin.insert(origin.end(), scale->origin.begin(), scale->origin.end());
  std::vector<const void*> addresses;
  for (const Tensor& tensor : origin) addresses.push_back(tensor.storage().get());
  // Different weights may be made from one tensor: slices of it, say.
  std::string name = str(kernel.name, ' ', shape.in_channels, ' ', shape.out_channels, ' ', shape.kernel_h, ' ',
                         shape.kernel_w, ' ', shape.groups, ' ', fingerprint(weight.constant, weight.origin));
  if (scale) name += str(' ', fingerprint(scale->constant, scale->origin));
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
  const auto whole = std::make_shared<Packed>(Packed{memory.allocate(entry.bytes), std::move(origin)});
  pack_weights(kernel, shape, weights, whole->pages.get());
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
