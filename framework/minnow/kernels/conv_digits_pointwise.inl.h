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
  static constexpr Index kSlabBlocks = 24, kFewChunks = 4, kManyBytes = 256 * 1024;

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
    if (resident && chunks < kFewChunks && out_blocks * this->tile_bytes() > kManyBytes) {
      slabs = out_blocks;  // reading weights takes as long as the products do: each is read by one thread
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

  using typename Base::Staging;
  Index kept_chunks() const { return resident ? chunks : 2; }
  Index chunk_bytes() const { return planes * plane_bytes(); }
  struct Memory {
    Staging staging;  // [chunks][planes][kGroup] pixels
    Index* in;        // of each pixel in x
    bool* ready;      // each chunk, if all are kept
  };
  Memory memory(Scratch& scratch) const {
    const Index kept = kept_chunks();
    return {{scratch, 1, kept * kGroup, kept * chunk_bytes(), plane_bytes()},
            scratch.take<Index>(kept * kGroup),
            scratch.take<bool>(kept)};
  }
  Index scratch_bytes() const {
    return Scratch::bytes([&](Scratch& scratch) { memory(scratch); });
  }

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
    Scratch scratch(args.scratch);
    const Memory kept = memory(scratch);
    const Staging& m = kept.staging;
    *m.tap = 0;
    for (Index i = 0; i < kept_chunks(); ++i) kept.ready[i] = false;
    SideWork work;
    const auto count_of = [&](Index chunk) { return smaller(kGroup, pixels - chunk * kGroup); };
    Index visits = 0;  // of chunks
    const auto place_in_memory = [&](Index chunk) { return resident ? chunk : visits % 2; };
    const auto stage = [&](Index chunk) {
      const Index at = place_in_memory(chunk), count = count_of(chunk);
      if (resident && kept.ready[at]) return;
      kept.ready[at] = true;
      fill_offsets(chunk * kGroup, count, kept.in + at * kGroup, m.out + at * kGroup);
      work.source = {static_cast<const float*>(args.x), s.in_h * s.in_w * C, s.in_channels};
      work.in = kept.in + at * kGroup;
      work.pixel_scale = m.scale + at * kGroup;
      work.staged = m.pixels + at * chunk_bytes();
      work.planes = planes;
      work.plane_bytes = plane_bytes();
      work.stage(count);
    };
    stage(place_of(first).chunk);
    this->prefetch(work, args, place_of(first).block, work.unstaged);
    work.stage_all();
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
      for (; unit < end; ++unit, ++block) {
        if (first_use && (slab == 1 || unit + 1 < end) && block + 1 < out_blocks) {
          this->prefetch(work, args, block + 1, slab == 1 ? turns * chunks : turns);
        }
        this->multiply(work, args, m, m.pixels + at * chunk_bytes(), at * kGroup, count, block);
      }
      work.stage_all();
    }
    work.finish_all();
  }
};

}  // namespace
}  // namespace minnow::kernels
