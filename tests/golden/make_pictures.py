#!/usr/bin/python3
"""Makes tests/golden/pictures: small JPEG and PNG files of every flavour, and what Pillow and torchvision make of them.

NAME.jpg, NAME.png    the picture
NAME.ppm              its pixels: PIL's Image.open(...).convert("RGB") (16-bit grey: the high byte, by definition)
NAME.upright.ppm      the same after ImageOps.exif_transpose
resize.txt            picture, width, height, interpolation, FNV-1a of Image.resize
preprocess.txt        picture, resize, crop, interpolation, mean, std, height, width, FNV-1a of the float32 result
photos.txt            of photographs: picture, width, height, FNV-1a of the pixels and of the ImageNet input

Made with Pillow 9.4.0 and torchvision 0.14.1: tests/golden/make_pictures.py [FOLDER_OF_PHOTOS]
"""

import io
import pathlib
import random
import struct
import sys
import zlib

import numpy as np
from PIL import Image, ImageOps
from torchvision import transforms
from torchvision.transforms import InterpolationMode

OUT = pathlib.Path(__file__).parent / "pictures"
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
VGG16_FEATURES = ((0.48235, 0.45882, 0.40784), (1 / 255, 1 / 255, 1 / 255))
CIFAR = ((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def scene(width, height, channels, seed):
    """Gradients, waves, an edge and a little noise, as uint8 [height, width, channels]."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    planes = []
    for c in range(channels):
        plane = 128 + 90 * np.sin(x / (3 + 2 * c) + y / 5 + c) + 30 * (x > y) + 20 * np.cos(y * (c + 1) / 4)
        planes.append(plane)
    noise = np.random.RandomState(seed).randint(-12, 13, (height, width, channels))
    return np.clip(np.stack(planes, -1) + noise, 0, 255).astype(np.uint8)


def save(name, data, expected=None):
    (OUT / name).write_bytes(data)
    if expected is None:
        expected = Image.open(io.BytesIO(data)).convert("RGB")
    expected.save(OUT / (pathlib.Path(name).stem + ".ppm"))


# JPEG ----------------------------------------------------------------------------------------------------------------


def jpeg(pixels, mode=None, **options):
    file = io.BytesIO()
    Image.fromarray(pixels, mode).save(file, "jpeg", **options)
    return file.getvalue()


def without_segment(data, marker, prefix):
    at = data.index(bytes([0xFF, marker]))
    assert data[at + 4 : at + 4 + len(prefix)] == prefix
    return data[:at] + data[at + 2 + struct.unpack(">H", data[at + 2 : at + 4])[0] :]


def with_adobe_transform(data, transform):
    segment = b"\xff\xee" + struct.pack(">H5sHHHB", 14, b"Adobe", 100, 0, 0, transform)
    return data[:2] + segment + data[2:]


def jpegs():
    for name, subsampling in (("444", 0), ("422", 1), ("420", 2)):
        for width, height in ((37, 29), (16, 16), (8, 9)):
            save(f"{name}_{width}x{height}.jpg", jpeg(scene(width, height, 3, 1), quality=85, subsampling=subsampling))
    save("one_pixel.jpg", jpeg(scene(1, 1, 3, 2)))
    save("one_column.jpg", jpeg(scene(1, 33, 3, 2)))
    save("one_row.jpg", jpeg(scene(35, 1, 3, 2)))
    save("low_quality.jpg", jpeg(scene(31, 23, 3, 3), quality=4))
    save("optimized.jpg", jpeg(scene(31, 23, 3, 4), optimize=True))
    save("progressive.jpg", jpeg(scene(37, 29, 3, 5), progressive=True, quality=90))
    save("progressive_444.jpg", jpeg(scene(17, 21, 3, 6), progressive=True, subsampling=0))
    save("grey.jpg", jpeg(scene(27, 19, 1, 7)[..., 0]))
    save("grey_progressive.jpg", jpeg(scene(27, 19, 1, 7)[..., 0], progressive=True))
    cmyk = jpeg(scene(27, 19, 4, 8), "CMYK", quality=90)
    save("cmyk_adobe.jpg", cmyk)
    save("cmyk_progressive.jpg", jpeg(scene(27, 19, 4, 8), "CMYK", progressive=True))
    plain = without_segment(cmyk, 0xEE, b"Adobe")
    save("cmyk_plain.jpg", plain)
    save("ycck.jpg", with_adobe_transform(plain, 2))
    full = without_segment(jpeg(scene(27, 19, 3, 9), subsampling=0, quality=90), 0xE0, b"JFIF")
    save("rgb_adobe.jpg", with_adobe_transform(full, 0))
    save("trailing_bytes.jpg", jpeg(scene(13, 11, 3, 10)) + b"after the end")


# PNG: an encoder that writes every kind, with a random filter for each row --------------------------------------------

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def paeth(a, b, c):
    p = a + b - c
    distances = (abs(p - a), abs(p - b), abs(p - c))
    return (a, b, c)[distances.index(min(distances))]


def packed_rows(samples, depth, draw):
    rows = [b"".join(format(int(v), f"0{depth}b").encode() for v in row.reshape(-1)) for row in samples]
    rows = [int(row + b"0" * (-len(row) % 8), 2).to_bytes((len(row) + 7) // 8, "big") for row in rows]
    step = max(1, samples.shape[-1] * depth // 8)
    above, out = bytes(len(rows[0])), b""
    for row in rows:
        kind = draw.randrange(5)
        left = lambda line, i: line[i - step] if i >= step else 0
        guess = (
            lambda i: 0,
            lambda i: left(row, i),
            lambda i: above[i],
            lambda i: (left(row, i) + above[i]) // 2,
            lambda i: paeth(left(row, i), above[i], left(above, i)),
        )[kind]
        out += bytes([kind]) + bytes((row[i] - guess(i)) & 255 for i in range(len(row)))
        above = row
    return out


def png(samples, kind, depth, interlaced=False, extra=b"", after=b""):
    """`samples`: [height, width, channels], below 2 ** depth. `extra` goes before the pixels, `after` behind them."""
    height, width, channels = samples.shape
    assert channels == CHANNELS[kind]
    draw = random.Random(width * height + depth)
    data = b""
    for x, y, dx, dy in ADAM7 if interlaced else ((0, 0, 1, 1),):
        part = samples[y::dy, x::dx]
        if part.size:
            data += packed_rows(part, depth, draw)
    data = zlib.compress(data, 9)
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced)
    half = len(data) // 2  # in two chunks: most encoders split
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + extra
        + chunk(b"IDAT", data[:half])
        + chunk(b"IDAT", data[half:])
        + after
        + chunk(b"IEND", b"")
    )


def pngs():
    def samples(width, height, kind, depth, seed=11):
        values = scene(width, height, CHANNELS[kind], seed).astype(int)
        if depth == 16:
            return values * 256 + np.random.RandomState(seed).randint(0, 256, values.shape)
        return values >> (8 - depth)

    def high_byte(values):
        return Image.fromarray((values[..., 0] >> 8).astype(np.uint8)).convert("RGB")

    colours = bytes(np.random.RandomState(12).randint(0, 256, 768).astype(np.uint8))
    for interlaced in (False, True):
        end = "_interlaced.png" if interlaced else ".png"
        for depth in (1, 2, 4, 8):
            values = samples(21, 13, GREY, depth)
            save(f"grey{depth}{end}", png(values, GREY, depth, interlaced))
            plte = chunk(b"PLTE", colours[: 3 * 2**depth])
            save(f"palette{depth}{end}", png(values, PALETTE, depth, interlaced, plte))
        values = samples(21, 13, GREY, 16)
        save(f"grey16{end}", png(values, GREY, 16, interlaced), high_byte(values))
        for kind, name in ((RGB, "rgb"), (GREY_ALPHA, "grey_alpha"), (RGBA, "rgba")):
            for depth in (8, 16):
                save(f"{name}{depth}{end}", png(samples(21, 13, kind, depth), kind, depth, interlaced))
    values = samples(9, 7, GREY, 2)
    transparent = chunk(b"PLTE", colours[:12]) + chunk(b"tRNS", b"\x00\x80\xff")
    save("palette_transparent.png", png(values, PALETTE, 2, extra=transparent))
    save("grey_transparent.png", png(values, GREY, 2, extra=chunk(b"tRNS", b"\x00\x02")))
    save("palette_short.png", png(values, PALETTE, 2, extra=chunk(b"PLTE", colours[:6])))
    values = samples(9, 7, GREY, 8)
    save("palette_short8.png", png(values, PALETTE, 8, extra=chunk(b"PLTE", colours[:99])))
    values = samples(9, 7, GREY, 16)
    save("grey16_transparent.png", png(values, GREY, 16, extra=chunk(b"tRNS", b"\x12\x34")), high_byte(values))
    values = samples(9, 7, RGB, 8)
    colour = struct.pack(">HHH", *values[0, 0])
    save("rgb_transparent.png", png(values, RGB, 8, extra=chunk(b"tRNS", colour)))
    suggestions = chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"sBIT", b"\x05\x06\x05")
    save("rgb_gamma.png", png(values, RGB, 8, extra=suggestions))
    save("one_pixel_rgb.png", png(samples(1, 1, RGB, 8), RGB, 8, True))
    save("one_column_rgba.png", png(samples(1, 9, RGBA, 8), RGBA, 8, True))


# EXIF ----------------------------------------------------------------------------------------------------------------


def exif(orientation, order):
    mark = b"II" if order == "<" else b"MM"
    make = struct.pack(order + "HHII", 0x010F, 2, 4, int.from_bytes(b"abc\0", "little"))
    entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return mark + struct.pack(order + "HIH", 42, 8, 2) + make + entry + struct.pack(order + "I", 0)


def oriented():
    values = scene(7, 5, 3, 13)
    for orientation in range(1, 9):
        order = "<>"[orientation % 2]
        block = exif(orientation, order)
        files = {
            f"oriented{orientation}_jpeg.jpg": jpeg(values, subsampling=0, exif=b"Exif\0\0" + block),
            f"oriented{orientation}_png.png": png(values.astype(int), RGB, 8, extra=chunk(b"eXIf", block)),
        }
        for name, data in files.items():
            save(name, data)
            upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
            upright.save(OUT / (pathlib.Path(name).stem + ".upright.ppm"))


# Resizing and preprocessing ------------------------------------------------------------------------------------------


def resized():
    modes = {
        "nearest": Image.Resampling.NEAREST,
        "bilinear": Image.Resampling.BILINEAR,
        "bicubic": Image.Resampling.BICUBIC,
    }
    sizes = ((1, 1), (2, 3), (5, 29), (37, 7), (37, 29), (36, 28), (38, 30), (64, 51), (111, 87), (19, 200), (300, 3))
    lines = []
    for picture in ("444_37x29.jpg", "one_row.jpg", "one_column.jpg", "one_pixel.jpg"):
        image = Image.open(OUT / picture).convert("RGB")
        for width, height in sizes:
            for name, mode in modes.items():
                pixels = image.resize((width, height), mode).tobytes()
                lines.append(f"{picture} {width} {height} {name} {fnv1a(pixels)}\n")
    (OUT / "resize.txt").write_text("".join(lines))


def pipeline(resize, crop, interpolation, mean, std):
    steps = [transforms.Resize(resize, InterpolationMode(interpolation))] if resize else []
    steps += [transforms.CenterCrop(crop)] if crop else []
    return transforms.Compose(steps + [transforms.ToTensor(), transforms.Normalize(mean, std)])


def preprocessed():
    cases = [("444_37x29.jpg", resize, crop) for resize in (16, 31, 32, 41) for crop in (0, 15, 16, 29, 30, 32, 33)]
    cases += [("444_37x29.jpg", 0, crop) for crop in (0, 1, 28, 30, 31, 36, 40, 41)]
    cases += [
        ("palette8.png", 32, 32),
        ("grey.jpg", 24, 0),
        ("one_column.jpg", 4, 5),
        ("one_row.jpg", 3, 4),
        ("one_pixel.jpg", 7, 8),
        ("420_8x9.jpg", 32, 32),
    ]
    lines = []
    for picture, resize, crop in cases:
        image = Image.open(OUT / picture).convert("RGB")
        for interpolation in ("nearest", "bilinear", "bicubic"):
            mean, std = (IMAGENET, VGG16_FEATURES, CIFAR)[len(lines) % 3]
            tensor = pipeline(resize, crop, interpolation, mean, std)(image)
            numbers = " ".join(repr(float(v)) for v in mean + std)
            lines.append(
                f"{picture} {resize} {crop} {interpolation} {numbers} {tensor.shape[1]} {tensor.shape[2]} "
                f"{fnv1a(tensor.numpy().astype('<f4').tobytes())}\n"
            )
    (OUT / "preprocess.txt").write_text("".join(lines))


def photographs(folder):
    lines = []
    for path in sorted(folder.glob("*.jpg")) + sorted(folder.glob("*.png")):
        image = Image.open(path).convert("RGB")
        tensor = pipeline(256, 224, "bilinear", *IMAGENET)(image)
        lines.append(
            f"{path.name} {image.width} {image.height} {fnv1a(image.tobytes())} "
            f"{fnv1a(tensor.numpy().astype('<f4').tobytes())}\n"
        )
    (OUT / "photos.txt").write_text("".join(lines))


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    jpegs()
    pngs()
    oriented()
    resized()
    preprocessed()
    if len(sys.argv) > 1:
        photographs(pathlib.Path(sys.argv[1]))
