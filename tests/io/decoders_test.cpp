#include <minnow/io/decoders.h>

#include <io/pictures.h>

// The two decoders as they are without their libraries, under names of their own.
#undef MINNOW_HAS_JPEG
#undef MINNOW_HAS_PNG
#define decode_jpeg decode_jpeg_without_library
#define decode_png decode_png_without_library
#include <minnow/io/jpeg.cpp>
#include <minnow/io/png.cpp>

namespace minnow::detail {
namespace {

TEST(Decoders, WithoutTheirLibrariesSaySo) {
  Source none{std::string_view()};
  EXPECT_EQ(test::error_of([&] { decode_jpeg_without_library(none, 0, 1); }),
            "a JPEG picture, but minnow was built without libjpeg");
  EXPECT_EQ(test::error_of([&] { decode_png_without_library(none, 0, 1); }),
            "a PNG picture, but minnow was built without libpng");
}

}  // namespace
}  // namespace minnow::detail
