#pragma once

/// Marks what a shared Minnow library lets its users see; everything else is hidden.
#define MINNOW_API [[gnu::visibility("default")]]
