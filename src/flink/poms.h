// The pom.xml of each runtime, from distributions/flink, built into the program: an installed raudal needs no source
// tree. CMakeLists.txt writes the .cc.
#pragma once

#include <string_view>

namespace raudal::flink {

// The text of distributions/flink/RUNTIME/pom.xml; empty where there is none.
std::string_view pom_of(std::string_view runtime);

}  // namespace raudal::flink
