#pragma once

#include <array>
#include <cstdint>
#include <span>

#include <minnow/core/export.h>
#include <minnow/core/tensor.h>
#include <minnow/io/image.h>
#include <minnow/io/resize.h>

namespace minnow {

/// How a picture becomes a network's input: resized, cut, divided by 255, normalised. The default is ImageNet's.
struct Preset {
  std::int64_t resize = 256;  ///< the short side in pixels, the long one follows; 0 leaves the size; at most 16384
  std::int64_t crop = 224;    ///< the side of the square that is cut from the middle; 0 cuts nothing; at most 16384
  Interpolation interpolation = Interpolation::bilinear;
  std::array<float, 3> mean = {0.485f, 0.456f, 0.406f};  ///< subtracted, red, green, blue
  std::array<float, 3> std = {0.229f, 0.224f, 0.225f};   ///< divided by after that

  bool operator==(const Preset&) const = default;
};

/// Throws where a number of the preset makes no sense: a size out of range, a standard deviation of 0, a mean or a
/// deviation that is not finite.
MINNOW_API void check_preset(const Preset& preset);

/// The network's input for a picture, [1, 3, H, W], float32. Equal to the bit to torchvision's Resize, CenterCrop,
/// ToTensor and Normalize on a PIL image: the long side is truncated, the crop's offset rounded half to even, and a
/// picture smaller than the crop is framed with black. Throws where the picture is empty, a number makes no
/// sense or the result would have more pixels than a picture may have.
MINNOW_API Tensor preprocess(const Image& image, const Preset& preset);

/// The same for a batch, [N, 3, H, W]. Throws where the results differ in size, which takes a preset without a crop.
MINNOW_API Tensor preprocess(std::span<const Image> images, const Preset& preset);

/// `preprocess` for networks trained on ImageNet: resized to 256, cut to 224, [1, 3, 224, 224].
MINNOW_API Tensor imagenet(const Image& image);

}  // namespace minnow
