"""A canvas for make_pictures.py: shapes with coordinates from 0 to 1, drawn at four times their size."""

import random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIZE = 256
FINE = 4 * SIZE


class Scene:
    """A canvas with coordinates from 0 to 1 and shapes that are shaded a little."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.noise = np.random.RandomState(seed)
        self.image = Image.new("RGB", (FINE, FINE))
        self.frame(0, 0, 1)

    def frame(self, x, y, scale, flip=False):
        """Shapes drawn from now on are scaled by `scale` and moved so that (0.5, 0.5) lies at (0.5 + x, 0.5 + y)."""
        self.origin, self.scale, self.flip = (x, y), scale, flip

    def vary(self, low, high):
        return self.random.uniform(low, high)

    def tint(self, colour, amount=25):
        shift = self.random.uniform(-amount, amount)
        return tuple(int(min(255, max(0, c + shift + self.random.uniform(-amount, amount) / 3))) for c in colour)

    def place(self, points):
        out = []
        for x, y in points:
            x = 1 - x if self.flip else x
            out.append(tuple((0.5 + o + (v - 0.5) * self.scale) * FINE for o, v in zip(self.origin, (x, y))))
        return out

    def gradient(self, stops, grain=6):
        """Fills the canvas from top to bottom: `stops` are (y, colour)."""
        ys = np.linspace(0, 1, FINE)
        columns = [np.interp(ys, [y for y, _ in stops], [c[i] for _, c in stops]) for i in range(3)]
        pixels = np.repeat(np.stack(columns, -1)[:, None], FINE, 1)
        for cells in (8, 32, 128):  # clouds, waves and grass: noise at three scales, wider than tall
            noise = self.noise.randn(cells, max(2, cells // 3))
            noise = np.asarray(Image.fromarray(noise.astype(np.float32)).resize((FINE, FINE), Image.Resampling.BICUBIC))
            pixels = pixels + grain * noise[..., None]
        self.image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))

    def paint(self, mask, colour, light):
        """Fills the mask, lighter at its top and darker at its bottom."""
        box = mask.getbbox()
        if not box:
            return
        rows = np.clip((np.arange(FINE) - box[1]) / max(1, box[3] - box[1]), 0, 1)
        shade = light * (1 - 2 * rows)
        fill = np.clip(np.array(colour)[None] + shade[:, None], 0, 255).astype(np.uint8)
        fill = Image.fromarray(np.repeat(fill[:, None], FINE, 1))
        self.image.paste(fill, (0, 0), mask)

    def polygon(self, points, colour, light=15):
        mask = Image.new("L", (FINE, FINE))
        ImageDraw.Draw(mask).polygon(self.place(points), fill=255)
        self.paint(mask, colour, light)

    def curve(self, points, colour, light=25):
        """A closed shape through `points`, smooth (Catmull-Rom)."""
        smooth = []
        n = len(points)
        for i in range(n):
            p = [np.array(points[(i + k) % n]) for k in (-1, 0, 1, 2)]
            for t in np.linspace(0, 1, 12, endpoint=False):
                smooth.append(
                    tuple(
                        0.5
                        * (
                            2 * p[1]
                            + (p[2] - p[0]) * t
                            + (2 * p[0] - 5 * p[1] + 4 * p[2] - p[3]) * t**2
                            + (3 * p[1] - p[0] - 3 * p[2] + p[3]) * t**3
                        )
                    )
                )
        self.polygon(smooth, colour, light)

    def oval(self, x, y, rx, ry, colour, light=25):
        angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
        self.polygon([(x + rx * np.cos(a), y + ry * np.sin(a)) for a in angles], colour, light)

    def box(self, left, top, right, bottom, colour, light=12):
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], colour, light)

    def limb(self, points, widths, colour, light=15):
        """A leg, a neck, a tail: a bent line of changing width."""
        points = [np.array(p, float) for p in points]
        left, right = [], []
        for i, (p, w) in enumerate(zip(points, widths)):
            d = points[min(i + 1, len(points) - 1)] - points[max(i - 1, 0)]
            d = d / (np.hypot(*d) + 1e-9)
            left.append(p + w / 2 * np.array([-d[1], d[0]]))
            right.append(p - w / 2 * np.array([-d[1], d[0]]))
        self.polygon([tuple(p) for p in left + right[::-1]], colour, light)

    def finish(self):
        return self.image.filter(ImageFilter.GaussianBlur(3)).resize((SIZE, SIZE), Image.Resampling.LANCZOS)
