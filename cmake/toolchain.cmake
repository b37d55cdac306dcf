# How everything here is compiled. clang 19: g++ 12 miscompiles some coroutines and does not vectorise at -O2
# (docs/design/toolchain.md has the reasons).
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(RAUDAL_PCH "Precompile the standard headers" ON)
set(RAUDAL_SANITIZE "" CACHE STRING "Sanitizers to build with, as in -fsanitize=")

find_program(RAUDAL_CCACHE ccache)
if(RAUDAL_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime CCACHE_PCH_EXTSUM=1
      ${RAUDAL_CCACHE})
endif()

# Copies of the tree share objects through ccache only if no absolute path counts. A precompiled header holds some,
# so ccache is told what is in it (PCH_EXTSUM, raudal_name_pch_contents); and CMake would name its text as well.
set(CMAKE_CXX_COMPILE_OPTIONS_USE_PCH -Xclang -include-pch -Xclang <PCH_FILE>)

add_compile_options(
  -Wall -Wextra -Werror -Wno-unused-parameter -Wno-missing-field-initializers
  -fno-omit-frame-pointer -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
if(RAUDAL_SANITIZE)
  add_compile_options(-fsanitize=${RAUDAL_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${RAUDAL_SANITIZE})
endif()
add_link_options(-fuse-ld=mold)
