#!/usr/bin/python3
"""Draws tools/examples/pictures: small scenes of the kinds of things that a CIFAR-10 network knows.

Each is made of a few shapes; a seeded random generator varies colours and proportions. Needs Pillow and NumPy:
tools/examples/make_pictures.py [FOLDER]
"""

import pathlib
import sys

from scene import Scene

# What is drawn, with the seed that gives a good one.
SEEDS = {
    "airplane": 19,
    "automobile": 1,
    "bird": 1,
    "cat": 13,
    "deer": 22,
    "dog": 11,
    "frog": 1,
    "horse": 0,
    "ship": 12,
    "truck": 1,
}


def ship(s):
    horizon = s.vary(0.45, 0.62)
    sky, sea = s.tint((150, 185, 215)), s.tint((60, 95, 125))
    s.gradient([(0, s.tint(sky)), (horizon, (205, 215, 220)), (horizon + 0.005, sea), (1, s.tint((40, 70, 100)))])
    s.frame(s.vary(-0.03, 0.03), horizon - 0.55, s.vary(0.85, 1.05), s.random.random() < 0.5)
    hull = s.tint(s.random.choice([(40, 45, 60), (120, 35, 30), (60, 65, 70), (30, 60, 100)]))
    white = s.tint((232, 232, 228), 12)
    deck = s.vary(0.46, 0.52)
    s.polygon([(0.05, deck - 0.03), (0.2, deck), (0.8, deck), (0.97, deck - 0.06), (0.88, 0.62), (0.1, 0.62)], hull)
    s.polygon([(0.09, 0.6), (0.89, 0.6), (0.88, 0.63), (0.1, 0.63)], s.tint((140, 40, 35)))
    left = s.vary(0.12, 0.3)
    for i in range(s.random.randint(2, 4)):
        top = deck - 0.065 * (i + 1)
        s.box(left + 0.02 * i, top, left + 0.42 - 0.08 * i, top + 0.066, white)
        s.box(left + 0.03 + 0.02 * i, top + 0.02, left + 0.4 - 0.08 * i, top + 0.04, (70, 85, 100), 0)
    s.box(
        left + 0.1, top - 0.1, left + 0.17, top, s.tint(s.random.choice([(190, 60, 45), (220, 170, 60), (50, 60, 80)]))
    )
    s.box(left + 0.3, top - 0.12, left + 0.31, deck, (90, 90, 90))
    for i in range(s.random.randint(0, 4)):  # cargo or cranes
        s.box(0.58 + 0.075 * i, deck - 0.07, 0.645 + 0.075 * i, deck, s.tint((150, 90, 60), 60))
    s.curve([(0.03, 0.63), (0.5, 0.615), (0.98, 0.63), (0.5, 0.65)], (200, 212, 218), 0)


def airplane(s):
    s.gradient([(0, s.tint((95, 145, 205))), (1, s.tint((185, 210, 230)))], s.vary(1, 5))
    s.frame(s.vary(-0.03, 0.03), s.vary(-0.05, 0.05), s.vary(0.85, 1.05), s.random.random() < 0.5)
    white = s.tint((225, 228, 232), 15)
    grey = tuple(int(0.68 * c) for c in white)
    mark = s.tint(s.random.choice([(190, 40, 40), (30, 60, 130), (40, 110, 80), white]))
    rise = s.vary(-0.06, 0.12)

    def at(x, y):
        return (x, y - rise * (x - 0.5))

    s.polygon([at(0.52, 0.5), at(0.66, 0.5), at(0.44, 0.36), at(0.38, 0.36)], grey)
    s.curve(
        [
            at(0.04, 0.5),
            at(0.09, 0.465),
            at(0.25, 0.455),
            at(0.7, 0.455),
            at(0.85, 0.46),
            at(0.96, 0.5),
            at(0.86, 0.54),
            at(0.7, 0.55),
            at(0.25, 0.54),
        ],
        white,
        35,
    )
    s.polygon([at(0.06, 0.48), at(0.02, s.vary(0.28, 0.34)), at(0.09, 0.31), at(0.2, 0.465)], mark)
    s.polygon([at(0.08, 0.495), at(0.0, 0.45), at(0.05, 0.45), at(0.18, 0.49)], grey)
    s.polygon([at(0.46, 0.52), at(0.64, 0.52), at(s.vary(0.28, 0.36), s.vary(0.68, 0.78)), at(0.27, 0.72)], grey)
    s.curve([at(0.44, 0.6), at(0.52, 0.585), at(0.55, 0.61), at(0.52, 0.63), at(0.45, 0.63)], s.tint((140, 145, 155)))
    for i in range(14):
        x = 0.27 + i * 0.04
        s.oval(*at(x, 0.487), 0.008, 0.01, (60, 75, 95), 0)
    s.polygon([at(0.88, 0.475), at(0.915, 0.482), at(0.93, 0.492), at(0.88, 0.49)], (50, 60, 75), 0)


def road(s):
    horizon = s.vary(0.4, 0.55)
    green = s.tint((95, 120, 80))
    s.gradient(
        [
            (0, s.tint((175, 200, 222))),
            (horizon - 0.12, (205, 215, 222)),
            (horizon - 0.11, green),
            (horizon, green),
            (horizon + 0.01, s.tint((150, 148, 145))),
            (1, s.tint((115, 114, 114))),
        ],
        s.vary(2, 5),
    )


def wheel(s, x, y, r):
    s.oval(x, y, r, r, (28, 28, 30), 5)
    s.oval(x, y, 0.62 * r, 0.62 * r, (165, 168, 172))
    s.oval(x, y, 0.22 * r, 0.22 * r, (70, 72, 76), 0)


def automobile(s):
    road(s)
    s.frame(s.vary(-0.02, 0.02), s.vary(0, 0.06), s.vary(0.9, 1.08), s.random.random() < 0.5)
    paint = s.tint(s.random.choice([(185, 30, 30), (35, 70, 150), (200, 200, 205), (225, 180, 50), (40, 45, 50)]))
    glass = s.tint((95, 115, 130), 10)
    dark = tuple(int(0.55 * c) for c in paint)
    s.curve([(0.05, 0.7), (0.3, 0.69), (0.7, 0.69), (0.96, 0.7), (0.7, 0.73), (0.3, 0.73)], (60, 60, 62), 0)
    roof = s.vary(0.34, 0.4)
    s.curve([(0.2, 0.5), (0.3, roof + 0.03), (0.42, roof), (0.6, roof + 0.005), (0.7, roof + 0.05), (0.82, 0.5)], paint)
    s.curve(
        [
            (0.04, 0.58),
            (0.06, 0.5),
            (0.2, 0.475),
            (0.5, 0.47),
            (0.8, 0.48),
            (0.94, 0.53),
            (0.965, 0.61),
            (0.93, 0.67),
            (0.5, 0.685),
            (0.08, 0.67),
        ],
        paint,
        40,
    )
    s.polygon([(0.28, 0.485), (0.34, roof + 0.04), (0.48, roof + 0.025), (0.48, 0.485)], glass)
    s.polygon([(0.5, 0.485), (0.5, roof + 0.025), (0.62, roof + 0.03), (0.73, 0.49)], glass)
    s.box(0.1, 0.64, 0.92, 0.675, dark)
    s.box(0.488, 0.49, 0.493, 0.64, dark, 0)
    s.oval(0.93, 0.57, 0.022, 0.025, (245, 240, 215), 0)
    s.oval(0.06, 0.56, 0.015, 0.03, (150, 20, 20), 0)
    for x in (0.24, 0.76):
        s.oval(x, 0.645, 0.1, 0.1, dark, 0)
        wheel(s, x, 0.66, 0.085)


def truck(s):
    road(s)
    s.frame(s.vary(-0.02, 0.02), s.vary(0, 0.05), s.vary(0.9, 1.05), s.random.random() < 0.5)
    cab = s.tint(s.random.choice([(190, 35, 30), (35, 75, 150), (220, 215, 210), (225, 170, 40), (50, 110, 70)]))
    load = s.tint(s.random.choice([(225, 225, 222), (200, 205, 210), (170, 60, 45), (180, 150, 100)]))
    s.curve([(0.03, 0.77), (0.3, 0.76), (0.7, 0.76), (0.97, 0.77), (0.7, 0.8), (0.3, 0.8)], (62, 62, 64), 0)
    s.box(0.04, 0.64, 0.94, 0.7, (45, 45, 48))
    top = s.vary(0.2, 0.3)
    s.box(0.04, top, 0.64, 0.65, load, 20)
    for i in range(1, 8):
        s.box(0.04 + i * 0.075, top + 0.02, 0.044 + i * 0.075, 0.63, tuple(int(0.85 * c) for c in load), 0)
    roof = s.vary(0.3, 0.36)
    s.polygon([(0.66, 0.7), (0.66, roof), (0.84, roof), (0.93, 0.5), (0.96, 0.53), (0.96, 0.7)], cab, 30)
    s.polygon([(0.74, 0.49), (0.74, roof + 0.035), (0.83, roof + 0.035), (0.895, 0.49)], s.tint((90, 110, 125), 10))
    s.oval(0.945, 0.61, 0.016, 0.02, (250, 245, 220), 0)
    s.box(0.93, 0.67, 0.98, 0.71, (150, 152, 155))
    for x in (0.16, 0.33, 0.8):
        wheel(s, x, 0.72, 0.078)


def meadow(s):
    horizon = s.vary(0.25, 0.45)
    trees = s.tint((70, 95, 60))
    s.gradient(
        [
            (0, s.tint((170, 195, 215))),
            (horizon - 0.15, (200, 210, 212)),
            (horizon - 0.1, trees),
            (horizon, trees),
            (horizon + 0.02, s.tint((125, 150, 80))),
            (1, s.tint((95, 125, 60))),
        ],
        s.vary(4, 9),
    )


def horse(s):
    meadow(s)
    s.frame(s.vary(-0.03, 0.03), s.vary(-0.03, 0.03), s.vary(0.9, 1.1), s.random.random() < 0.5)
    coat = s.tint(s.random.choice([(120, 70, 40), (95, 55, 35), (60, 45, 38), (150, 100, 60)]), 15)
    far = tuple(int(0.65 * c) for c in coat)
    mane = tuple(int(0.4 * c) for c in coat)
    for x, k in ((0.3, -0.03), (0.67, 0.03)):
        s.limb([(x, 0.55), (x + k, 0.7), (x + k / 2, 0.88)], [0.09, 0.045, 0.035], far)
    s.limb([(0.2, 0.42), (0.13, 0.5), (0.12, 0.7)], [0.03, 0.06, 0.02], mane)
    s.curve(
        [
            (0.18, 0.44),
            (0.25, 0.37),
            (0.45, 0.4),
            (0.62, 0.37),
            (0.74, 0.42),
            (0.74, 0.54),
            (0.6, 0.6),
            (0.4, 0.61),
            (0.24, 0.58),
        ],
        coat,
        35,
    )
    s.limb([(0.67, 0.46), (0.75, 0.34), (0.81, 0.22)], [0.2, 0.14, 0.09], coat)
    s.curve([(0.77, 0.2), (0.82, 0.16), (0.88, 0.22), (0.95, 0.31), (0.93, 0.35), (0.89, 0.34), (0.82, 0.28)], coat)
    s.polygon([(0.79, 0.19), (0.8, 0.12), (0.83, 0.18)], coat)
    s.limb([(0.63, 0.37), (0.7, 0.28), (0.78, 0.16)], [0.03, 0.06, 0.04], mane)
    s.oval(0.855, 0.225, 0.008, 0.008, (20, 15, 12), 0)
    for x, k in ((0.24, 0.02), (0.72, -0.01)):
        s.limb([(x, 0.52), (x + k, 0.7), (x + k / 2, 0.92)], [0.13, 0.05, 0.04], coat)
        s.box(x + k / 2 - 0.025, 0.9, x + k / 2 + 0.03, 0.93, mane, 0)


def deer(s):
    meadow(s)
    s.frame(s.vary(-0.03, 0.03), s.vary(-0.02, 0.04), s.vary(0.9, 1.1), s.random.random() < 0.5)
    coat = s.tint(s.random.choice([(150, 105, 65), (135, 95, 60), (120, 90, 65)]), 15)
    far = tuple(int(0.7 * c) for c in coat)
    for x in (0.32, 0.64):
        s.limb([(x, 0.58), (x - 0.01, 0.72), (x, 0.92)], [0.06, 0.03, 0.022], far)
    s.curve(
        [(0.2, 0.47), (0.28, 0.42), (0.5, 0.44), (0.68, 0.43), (0.72, 0.52), (0.62, 0.61), (0.4, 0.61), (0.24, 0.58)],
        coat,
        35,
    )
    s.oval(0.195, 0.49, 0.03, 0.04, (235, 228, 215))
    s.limb([(0.67, 0.49), (0.73, 0.38), (0.77, 0.28)], [0.14, 0.09, 0.07], coat)
    s.curve([(0.73, 0.25), (0.78, 0.21), (0.84, 0.25), (0.91, 0.3), (0.89, 0.33), (0.8, 0.31)], coat)
    s.polygon([(0.74, 0.25), (0.66, 0.2), (0.76, 0.21)], coat)
    for k in (0, 0.035):
        s.limb([(0.77 + k, 0.23), (0.75 + 2 * k, 0.13), (0.79 + 2 * k, 0.03)], [0.016, 0.014, 0.008], (105, 80, 55), 0)
        s.limb([(0.755 + 2 * k, 0.14), (0.83 + 2 * k, 0.09)], [0.012, 0.007], (105, 80, 55), 0)
    s.oval(0.815, 0.25, 0.008, 0.008, (20, 15, 12), 0)
    s.oval(0.9, 0.308, 0.012, 0.012, (30, 25, 22), 0)
    for x in (0.27, 0.68):
        s.limb([(x, 0.54), (x, 0.72), (x + 0.005, 0.95)], [0.1, 0.035, 0.026], coat)


def frog(s):
    s.gradient([(0, s.tint((110, 105, 85))), (1, s.tint((140, 120, 90)))], s.vary(5, 10))
    s.frame(s.vary(-0.03, 0.03), s.vary(-0.04, 0.04), s.vary(0.9, 1.15), s.random.random() < 0.5)
    skin = s.tint(s.random.choice([(95, 135, 55), (110, 120, 60), (120, 100, 60), (75, 120, 60)]), 15)
    dark = tuple(int(0.65 * c) for c in skin)
    s.curve([(0.1, 0.78), (0.5, 0.76), (0.92, 0.79), (0.5, 0.84)], (70, 60, 45), 0)
    s.curve([(0.08, 0.72), (0.12, 0.52), (0.26, 0.46), (0.38, 0.56), (0.34, 0.72), (0.4, 0.78), (0.16, 0.79)], dark)
    s.curve(
        [
            (0.14, 0.62),
            (0.24, 0.42),
            (0.46, 0.3),
            (0.68, 0.27),
            (0.86, 0.36),
            (0.93, 0.47),
            (0.86, 0.57),
            (0.7, 0.66),
            (0.45, 0.75),
            (0.25, 0.74),
        ],
        skin,
        40,
    )
    s.curve(
        [(0.9, 0.5), (0.84, 0.58), (0.68, 0.67), (0.5, 0.73), (0.62, 0.62), (0.78, 0.53)],
        s.tint((205, 200, 160), 15),
        10,
    )
    s.curve([(0.12, 0.7), (0.18, 0.56), (0.32, 0.54), (0.4, 0.64), (0.36, 0.76), (0.2, 0.78)], skin)
    s.limb([(0.62, 0.6), (0.66, 0.72), (0.74, 0.79)], [0.12, 0.08, 0.06], skin)
    s.limb([(0.68, 0.79), (0.84, 0.8)], [0.04, 0.02], dark)
    s.limb([(0.22, 0.78), (0.46, 0.8)], [0.05, 0.025], dark)
    s.oval(0.74, 0.31, 0.075, 0.07, skin)
    s.oval(0.76, 0.31, 0.045, 0.045, (215, 175, 60))
    s.oval(0.765, 0.31, 0.026, 0.03, (15, 15, 12), 0)
    for _ in range(12):
        s.oval(s.vary(0.25, 0.62), s.vary(0.42, 0.6), s.vary(0.01, 0.03), s.vary(0.01, 0.025), dark, 5)


def bird(s):
    s.gradient([(0, s.tint((150, 175, 150))), (1, s.tint((120, 145, 100)))], s.vary(3, 8))
    s.frame(s.vary(-0.03, 0.03), s.vary(-0.03, 0.03), s.vary(0.9, 1.1), s.random.random() < 0.5)
    back = s.tint(s.random.choice([(110, 90, 70), (90, 95, 105), (60, 80, 120), (120, 100, 60)]), 15)
    breast = s.tint(s.random.choice([(190, 100, 50), (215, 205, 185), (200, 170, 90)]), 15)
    dark = tuple(int(0.6 * c) for c in back)
    s.limb([(0, 0.84), (0.5, 0.82), (1, 0.85)], [0.05, 0.04, 0.05], s.tint((95, 75, 55)))
    s.limb([(0.3, 0.6), (0.16, 0.76), (0.06, 0.92)], [0.12, 0.08, 0.07], dark)
    s.curve(
        [(0.22, 0.62), (0.32, 0.44), (0.5, 0.34), (0.66, 0.3), (0.78, 0.44), (0.74, 0.62), (0.58, 0.74), (0.38, 0.73)],
        breast,
        30,
    )
    s.curve([(0.16, 0.72), (0.28, 0.46), (0.5, 0.36), (0.62, 0.46), (0.52, 0.62), (0.3, 0.7)], back, 25)
    s.curve([(0.24, 0.66), (0.4, 0.52), (0.54, 0.5), (0.46, 0.62)], dark, 5)
    s.oval(0.7, 0.28, 0.125, 0.115, back)
    s.polygon([(0.81, 0.25), (0.93, 0.295), (0.81, 0.32)], s.tint((85, 75, 60)))
    s.oval(0.745, 0.26, 0.022, 0.022, (15, 12, 10), 0)
    s.oval(0.752, 0.254, 0.006, 0.006, (240, 240, 240), 0)
    for x in (0.48, 0.56):
        s.limb([(x, 0.72), (x + 0.01, 0.82)], [0.018, 0.014], (110, 85, 60), 0)


def face(s, fur, ears, ear):
    dark = tuple(int(0.6 * c) for c in fur)
    s.curve([(0.2, 1.05), (0.24, 0.75), (0.4, 0.62), (0.6, 0.62), (0.76, 0.75), (0.8, 1.05)], fur, 20)
    for side in (0, 1):
        points = [(1 - x if side else x, y) for x, y in ears]
        s.polygon(points, ear)
    s.oval(0.5, 0.45, 0.27, 0.25, fur, 30)
    return dark


def cat(s):
    s.gradient([(0, s.tint((150, 140, 130), 40)), (1, s.tint((120, 105, 95), 40))], s.vary(2, 6))
    s.frame(s.vary(-0.04, 0.04), s.vary(-0.03, 0.05), s.vary(0.9, 1.15))
    fur = s.tint(s.random.choice([(150, 125, 100), (120, 110, 105), (185, 130, 75), (95, 90, 88)]), 15)
    dark = face(s, fur, [(0.24, 0.4), (0.24, 0.1), (0.45, 0.25)], fur)
    for side in (0, 1):
        s.polygon(
            [(1 - x if side else x, y) for x, y in ((0.27, 0.3), (0.27, 0.16), (0.38, 0.24))], s.tint((185, 140, 130))
        )
    for i in range(-2, 3):
        s.limb([(0.5 + 0.035 * i, 0.21 + 0.01 * abs(i)), (0.5 + 0.03 * i, 0.32)], [0.018, 0.01], dark, 0)
    for side in (-1, 1):
        for i in range(3):
            s.limb([(0.5 + side * 0.26, 0.44 + 0.05 * i), (0.5 + side * 0.16, 0.46 + 0.04 * i)], [0.02, 0.008], dark, 0)
            s.limb([(0.5 + side * 0.28, 0.75 + 0.08 * i), (0.5 + side * 0.12, 0.77 + 0.08 * i)], [0.03, 0.01], dark, 0)
    s.curve([(0.38, 0.56), (0.5, 0.51), (0.62, 0.56), (0.6, 0.66), (0.5, 0.69), (0.4, 0.66)], (225, 215, 205), 10)
    eye = s.random.choice([(175, 190, 80), (200, 170, 60), (120, 170, 150)])
    for x in (0.39, 0.61):
        s.oval(x, 0.42, 0.058, 0.05, (25, 20, 18), 0)
        s.oval(x, 0.42, 0.05, 0.043, eye)
        s.oval(x, 0.42, 0.018, 0.04, (10, 10, 10), 0)
        s.oval(x + 0.012, 0.405, 0.009, 0.009, (250, 250, 250), 0)
    s.polygon([(0.465, 0.54), (0.535, 0.54), (0.5, 0.58)], (190, 120, 115), 0)
    s.limb([(0.5, 0.575), (0.5, 0.61), (0.45, 0.64)], [0.012, 0.012, 0.008], dark, 0)
    s.limb([(0.5, 0.61), (0.55, 0.64)], [0.012, 0.008], dark, 0)
    for side in (-1, 1):
        for i in range(3):
            s.limb(
                [(0.5 + side * 0.08, 0.59 + 0.015 * i), (0.5 + side * 0.33, 0.55 + 0.05 * i)],
                [0.005, 0.003],
                (235, 235, 230),
                0,
            )


def dog(s):
    s.gradient([(0, s.tint((150, 160, 140), 40)), (1, s.tint((120, 125, 95), 40))], s.vary(2, 6))
    s.frame(s.vary(-0.04, 0.04), s.vary(-0.03, 0.05), s.vary(0.9, 1.15))
    fur = s.tint(s.random.choice([(165, 115, 70), (205, 180, 140), (110, 75, 50), (215, 210, 205)]), 15)
    dark = face(
        s, fur, [(0.26, 0.28), (0.14, 0.3), (0.1, 0.58), (0.2, 0.62), (0.29, 0.42)], tuple(int(0.75 * c) for c in fur)
    )
    s.curve(
        [(0.37, 0.52), (0.5, 0.46), (0.63, 0.52), (0.64, 0.66), (0.5, 0.74), (0.36, 0.66)],
        tuple(min(255, int(1.2 * c)) for c in fur),
    )
    s.oval(0.5, 0.54, 0.06, 0.045, (25, 22, 22))
    s.limb([(0.5, 0.58), (0.5, 0.64), (0.42, 0.67)], [0.012, 0.012, 0.008], dark, 0)
    s.limb([(0.5, 0.64), (0.58, 0.67)], [0.012, 0.008], dark, 0)
    s.curve([(0.46, 0.67), (0.54, 0.67), (0.53, 0.77), (0.5, 0.79), (0.47, 0.77)], (215, 110, 115))
    for x in (0.39, 0.61):
        s.oval(x, 0.4, 0.035, 0.035, (30, 20, 15), 0)
        s.oval(x + 0.01, 0.39, 0.009, 0.009, (250, 250, 250), 0)


SCENES = {f.__name__: f for f in (airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck)}


def draw(name, seed):
    scene = Scene(seed)
    SCENES[name](scene)
    return scene.finish()


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "pictures"
    folder.mkdir(exist_ok=True)
    for name, seed in SEEDS.items():
        image = draw(name, seed)
        if name in ("frog", "ship"):  # two as PNG
            image.quantize(128).save(folder / f"{name}.png", optimize=True)
        else:
            image.save(folder / f"{name}.jpg", quality=90)
