#pragma once

#include <cstdint>
#include <limits>

namespace minnow::kernels {

/// What the elements of a buffer are.
enum class Element : std::uint8_t { float32, bfloat16, int64 };

constexpr std::int64_t size_of(Element element) {
  return element == Element::bfloat16 ? 2 : element == Element::float32 ? 4 : 8;
}

/// How activations lie in memory: NCHW[block], that is [N, ceil(C / block), H, W, block], where a block of 1 is plain
/// NCHW. The lanes beyond the last channel hold anything, NaN too: nobody reads them as channels.
struct Format {
  Element element = Element::float32;
  int block = 1;
  constexpr bool operator==(const Format&) const = default;
};

/// A 2-d convolution. `pad_top` and `pad_left` rows and columns of zeros precede the input; those behind it follow from
/// the output's size. No size but the batch is zero.
struct ConvShape {
  std::int64_t batch = 1;
  std::int64_t in_channels = 1, in_h = 1, in_w = 1;
  std::int64_t out_channels = 1, out_h = 1, out_w = 1;
  std::int64_t kernel_h = 1, kernel_w = 1;
  std::int64_t stride_h = 1, stride_w = 1;
  std::int64_t pad_top = 0, pad_left = 0;
  std::int64_t dilation_h = 1, dilation_w = 1;
  std::int64_t groups = 1;
};

/// Weights [out_channels, in_channels / groups, kernel_h, kernel_w], each output channel times its factor.
struct ConvWeights {
  const float* values = nullptr;
  const float* factors = nullptr;  // or null, which is all ones
  float factor(std::int64_t out_channel) const { return factors ? factors[out_channel] : 1.0f; }
};

/// The pointers of one convolution: y = clamp(conv(x, w) + bias + residual, lo, hi). NaN stays NaN.
struct ConvArgs {
  const void* x = nullptr;         // the input, in the kernel's `in` format
  const void* packed = nullptr;    // the weights, as the kernel's `pack` wrote them
  const float* bias = nullptr;     // out_channels rounded up to the output's block, or null
  const void* residual = nullptr;  // added before the clamp: shaped and laid out as y; or null. May be y itself, since
                                   // no output is computed twice
  void* y = nullptr;               // the output, in the kernel's `out` format
  void* scratch = nullptr;         // scratch_bytes() of this thread's own, aligned to eight bytes, better to 64
  float lo = -std::numeric_limits<float>::infinity();
  float hi = std::numeric_limits<float>::infinity();
};

/// Rows [first, last) of one image of the output, and which rows are in memory: a plane of x holds `x_rows` rows, of
/// which the uppermost is row `x_top` of the image, a plane of y (and of the residual) `y_rows` from `y_top` on.
struct ConvRows {
  std::int64_t first = 0, last = 0;
  std::int64_t x_top = 0, x_rows = 0;
  std::int64_t y_top = 0, y_rows = 0;
};

/// One way to convolve:
///
///   applies        whether it can convolve a shape; the rest is for such shapes alone
///   in, out        the formats of x and y: a buffer in another one needs a reorder
///   packed_bytes   memory for the weights, which `pack` writes in units [0, pack_units)
///   scratch_bytes  memory for each thread that calls `run`
///   run            in units [0, units); neighbouring units share work, so give each thread one range
///   by_rows        whether run_rows can compute a shape: some rows of one image, whose x, y and residual the arguments
///                  point to, with the same bits as `run`
///
/// The numbers of units depend on the shape alone; any cover of them by calls, on any threads, gives the same bits.
/// Packed weights depend on the kernel, the channels, the groups and the size of the window alone: layers that differ
/// in the rest, such as those of plans for other input sizes, share them.
struct ConvKernel {
  const char* name;
  Format in, out;
  bool exact;  // sums products of inputs and weights, nothing else: errors and NaN stay where they belong
  bool (*applies)(const ConvShape&);
  std::int64_t (*packed_bytes)(const ConvShape&);
  std::int64_t (*pack_units)(const ConvShape&);
  void (*pack)(const ConvShape&, const ConvWeights&, void* packed, std::int64_t first, std::int64_t last);
  std::int64_t (*scratch_bytes)(const ConvShape&);
  std::int64_t (*units)(const ConvShape&);
  void (*run)(const ConvShape&, const ConvArgs&, std::int64_t first, std::int64_t last);
  bool (*by_rows)(const ConvShape&);
  void (*run_rows)(const ConvShape&, const ConvArgs&, const ConvRows&);
};

/// The ways to convolve, best first where several apply.
enum class ConvAlgorithm {
  winograd4,                // 3x3, stride 1: NCHW[c] to NCHW[c], in tiles of 4x4 pixels
  winograd4_pairs,          // the same, its products by `pairs`; both with 32 registers
  winograd4_grouped,        // 3x3, stride 1, in tiles of 4x4 pixels; groups fill whole blocks, or several fill one
  winograd2,                // 3x3, stride 1, in tiles of 2x2 pixels
  winograd1x2,              // 3x3, stride 1, in tiles of two pixels of a row
  winograd3_stride2,        // 3x3, stride 2, by Winograd's algorithm: NCHW[c] to NCHW[c], in tiles of 3x3 pixels
  winograd3_stride2_plain,  // 7x7, stride 2, by Winograd's algorithm: NCHW to NCHW[c], in tiles of 3x3 pixels
  strassen,                 // 1x1, any stride: NCHW[c] to NCHW[c], in halves of pixels and channels
  pairs,                    // 1x1, any stride: NCHW[c] to NCHW[c], a multiplication for two products
  digits_pointwise,         // 1x1, any stride: NCHW[c] to NCHW[c], by AMX's tiles, in digits of eight bits
  digits,                   // the same for other windows, without groups
  direct,                   // NCHW[c] to NCHW[c]; groups fill whole blocks
  plain,                    // NCHW to NCHW[c]: the first layer; a group's outputs fill whole blocks
  depthwise,                // NCHW[c] to NCHW[c], a channel each: windows of 3, 5 or 7 columns, padded by less
  grouped,                  // the same in groups of several channels, less than a block
  lanes,                    // NCHW[c] to NCHW[c], any groups
  count                     // how many there are
};

/// Whether so few channels are read where they lie, in NCHW, if a kernel can. More are worth a reorder into blocks,
/// after which a pixel's channels are neighbours.
constexpr bool few_channels(std::int64_t channels, int block) { return channels < block; }

/// The convolutions of an instruction set.
struct ConvKernels {
  ConvKernel list[static_cast<int>(ConvAlgorithm::count)];
  constexpr ConvKernel& operator[](ConvAlgorithm a) { return list[static_cast<int>(a)]; }
  constexpr const ConvKernel& operator[](ConvAlgorithm a) const { return list[static_cast<int>(a)]; }
};

}  // namespace minnow::kernels
