// Classifies a picture with a ResNet:  resnet WEIGHTS PICTURE
//
// WEIGHTS is a file that says which model it is for, such as weights/resnet20-cifar10.json. A plain file in
// torchvision's names loads as well: auto model = minnow::zoo::create("resnet50"); minnow::load(model,
// "resnet50.safetensors");
#include <cstdio>
#include <exception>

#include <minnow/minnow.h>
#include <minnow/zoo/zoo.h>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: resnet WEIGHTS PICTURE\n");
    return 2;
  }
  try {
    const auto classifier = minnow::zoo::open(argv[1]);  // builds the model, loads it, knows preset and labels
    const auto image = minnow::read_image(argv[2]);      // JPEG or PNG

    const minnow::Tensor x = minnow::preprocess(image, classifier.preset);  // [1, 3, 32, 32]
    const minnow::Tensor logits = classifier.model(x);                      // [1, 10]
    std::printf("%s: class %d\n", classifier.name.c_str(), logits.argmax().item<int>());

    for (const auto& [label, probability] : classifier.classify(image, 3)) {  // all of that in one call
      std::printf("%6.2f %%  %s\n", 100.0 * static_cast<double>(probability), label.c_str());
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "resnet: %s\n", error.what());
    return 1;
  }
}
