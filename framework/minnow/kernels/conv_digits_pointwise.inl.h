#pragma once

#include <minnow/kernels/conv_digits.inl.h>

namespace minnow::kernels {
namespace {

/// 1x1 convolution, of any stride, by AMX. The pixels of all images are cut into chunks that fit the L1 cache, and
/// while a chunk is multiplied the next is split. Each pixel has its own scale. Output channels are cut into slabs
/// whose weights fit the L2 cache, for one chunk after the other; few pixels stay there as well. A unit is one block of
/// output channels of one chunk of one slab: threads share channels, where there are many, rather than pixels.
template <class A>
struct DigitPointwise : DigitWeights<A> {
  using Base = DigitWeights<A>;
  using Base::s, Base::C, Base::kGroup, Base::planes, Base::steps, Base::in_blocks, Base::out_blocks;
  static constexpr Index kSlabBytes = 768 * 1024, kPixelsBytes = 768 * 1024;
  static constexpr Index kSlabBlocks = 24, kFewChunks = 4;

  Index pixels;   // of all images
  Index chunks;   // of them
  bool resident;  // all of them
  Index slabs;    // of output channels
  Index slab;     // blocks, but perhaps for the last

  explicit DigitPointwise(const ConvShape& shape)
      : Base(shape),
        pixels(s.batch * s.out_h * s.out_w),
        chunks(ceil_div(pixels, kGroup)),
        resident(chunks * planes * plane_bytes() <= kPixelsBytes) {
    const Index by_size = ceil_div(out_blocks * this->tile_bytes(), kSlabBytes);
    if (resident && chunks < kFewChunks && by_size > 1) {
      slabs = out_blocks;  // reading weights takes as long as the products do
    } else if (resident && out_blocks >= kSlabBlocks) {
      slabs = round_up(larger(by_size, ceil_div(out_blocks, kSlabBlocks)), 2);  // two threads are common
    } else {
      slabs = by_size;
    }
    slab = ceil_div(out_blocks, slabs);
    slabs = ceil_div(out_blocks, slab);
  }

  static bool applies(const ConvShape& s) { return is_pointwise(s) && Base::few_terms(s); }
  Index units() const { return chunks * out_blocks; }
  static constexpr Index plane_bytes() { return kGroup * kPixelBytes; }

  struct Memory {
    Index* tap;
    Index *in, *out;     // of each pixel of each chunk that is kept
    float* scale;        // likewise
    std::int32_t* sums;  // of two products
    std::int32_t* nowhere;
    bool* ready;        // each chunk, if all are kept
    std::byte* staged;  // [chunks][planes][kGroup] pixels
    Index bytes;        // of all, where it starts at null
  };
  Index kept_chunks() const { return resident ? chunks : 2; }
  Memory memory(void* scratch) const {
    Scratch m(scratch);
    Memory all{};
    const Index kept = kept_chunks();
    all.tap = m.take<Index>(1);
    all.in = m.take<Index>(kept * kGroup);
    all.out = m.take<Index>(kept * kGroup);
    all.scale = m.take<float>(kept * kGroup);
    all.sums = m.take<std::int32_t>(2 * kGroup * kSums);
    all.nowhere = m.take<std::int32_t>(kTileBytes / 4);
    all.ready = m.take<bool>(kept);
    all.staged = m.take<std::byte>(kept * planes * plane_bytes());
    all.bytes = m.used();
    return all;
  }
  Index scratch_bytes() const { return memory(nullptr).bytes + kLineBytes; }

  /// Where the pixels of a chunk lie in x and y.
  void fill_offsets(Index first, Index count, Index* in, Index* out) const {
    const Index out_plane = s.out_h * s.out_w, in_plane = s.in_h * s.in_w;
    Index n = first / out_plane, row = first % out_plane / s.out_w, column = first % s.out_w;
    for (Index i = 0; i < count; ++i) {
      in[i] = (n * in_blocks * in_plane + row * s.stride_h * s.in_w + column * s.stride_w) * C;
      out[i] = (n * out_blocks * out_plane + row * s.out_w + column) * C;
      if (++column == s.out_w) {
        column = 0;
        if (++row == s.out_h) row = 0, ++n;
      }
    }
  }

  /// What a unit is: a block of output channels and a chunk. The next unit's chunk starts at the unit `end`.
  struct Place {
    Index block, chunk, end;
  };
  Place place_of(Index unit) const {
    const Index number = unit / (slab * chunks), first = number * slab, blocks = smaller(slab, out_blocks - first);
    const Index rest = unit - first * chunks;
    return {first + rest % blocks, rest / blocks, first * chunks + (rest / blocks + 1) * blocks};
  }

  void run(const ConvArgs& args, Index first, Index last) const {
    if (first == last) return;
    const TileRegisters registers;
    const Memory m = memory(args.scratch);
    const Index kept = kept_chunks();
    *m.tap = 0;
    for (Index i = 0; i < kept; ++i) m.ready[i] = false;
    SideWork work;
    const auto count_of = [&](Index chunk) { return smaller(kGroup, pixels - chunk * kGroup); };
    Index visits = 0;  // of chunks
    const auto place_in_memory = [&](Index chunk) { return resident ? chunk : visits % 2; };
    const auto stage = [&](Index chunk) {
      const Index at = place_in_memory(chunk), count = count_of(chunk);
      if (m.ready[at] && resident) return;
      m.ready[at] = true;
      fill_offsets(chunk * kGroup, count, m.in + at * kGroup, m.out + at * kGroup);
      work.source = {static_cast<const float*>(args.x), s.in_h * s.in_w * C, s.in_channels};
      work.in = m.in + at * kGroup;
      work.pixel_scale = m.scale + at * kGroup;
      work.staged = m.staged + at * planes * plane_bytes();
      work.planes = planes;
      work.plane_bytes = plane_bytes();
      work.stage(count);
    };
    stage(place_of(first).chunk);
    work.stage_all();
    Index products = 0;
    for (Index unit = first; unit < last;) {
      auto [block, chunk, next] = place_of(unit);
      const Index at = place_in_memory(chunk), count = count_of(chunk), end = smaller(next, last);
      const Index turns = steps * kSideTurns;
      const bool first_use = chunk == 0;  // of the slab's weights
      ++visits;
      if (end < last) {
        work.finish_all();  // of the chunk before, whose offsets may make room
        stage(place_of(end).chunk);
        work.staged_a_turn = ceil_div(work.unstaged, turns * (end - unit));
      }
      for (; unit < end; ++unit, ++block, ++products) {
        if (first_use && (slab == 1 || unit + 1 < end) && block + 1 < out_blocks) {
          this->prefetch(work, args, block + 1, slab == 1 ? turns * chunks : turns);
        }
        std::int32_t* sums = m.sums + products % 2 * kGroup * kSums;
        this->multiply({.pixels = m.staged + at * planes * plane_bytes(),
                        .planes = planes,
                        .plane_bytes = plane_bytes(),
                        .taps = 1,
                        .tap = m.tap,
                        .weights = this->weights_of(args, block),
                        .sums = sums,
                        .nowhere = m.nowhere},
                       count, work);
        work.finish_all();
        this->finish(work, args, block, sums, m.scale + at * kGroup, m.out + at * kGroup, count);
      }
      work.stage_all();
    }
    work.finish_all();
  }
};

}  // namespace
}  // namespace minnow::kernels
