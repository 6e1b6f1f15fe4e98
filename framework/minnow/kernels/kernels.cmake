# The kernels: one object per instruction set, each compiled from the same sources, all of them part of minnow.
# xsimd's functions are plain `inline`, so its namespace gets another name in every object: otherwise the linker could
# keep one object's copy (say, the AVX-512 one) for all. Kernels are optimised in every build type. The global property
# MINNOW_ISAS lists the instruction sets of the build; the objects of each are the target minnow_kernels_<isa>.
find_package(xsimd REQUIRED)

function(minnow_isa name)
  set(target minnow_kernels_${name})
  add_library(${target} OBJECT ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/isa/${name}.cpp)
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_compile_definitions(${target} PRIVATE xsimd=xsimd_${name})
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:xsimd>)
  target_compile_options(${target} PRIVATE ${MINNOW_COMPILE_OPTIONS} -O3 -ffp-contract=fast -fno-math-errno -fno-exceptions -fno-rtti ${ARGN})
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden
                        VISIBILITY_INLINES_HIDDEN ON UNITY_BUILD OFF)
  set_property(GLOBAL APPEND PROPERTY MINNOW_ISAS ${name})
endfunction()

foreach(name IN LISTS MINNOW_INSTRUCTION_SETS)
  if(NOT name MATCHES "^(avx2|avx512|amx)$")
    message(FATAL_ERROR "MINNOW_INSTRUCTION_SETS has ${name}; there are avx2, avx512 and amx")
  endif()
endforeach()

# The longest to compile comes first. Each names all that it may use, and takes back what the user's own flags
# (-march=native) add to that.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  if(avx512 IN_LIST MINNOW_INSTRUCTION_SETS)
    # g++ 12 takes the deliberately undefined operands in its own AVX-512 header for uninitialised variables.
    set(avx512_options -march=x86-64 -mavx512f -mavx512cd -mavx512dq -mavx512bw -mavx512vl -mfma -Wno-uninitialized
               $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    set(amx_options -mamx-tile -mamx-int8)
    if(MINNOW_EMULATED)
      set(avx512_options -march=x86-64 -mavx2 -mfma -include ${PROJECT_SOURCE_DIR}/tests/emulated/avx512.h -Wno-psabi)
      set(amx_options)
    endif()
    minnow_isa(avx512 ${avx512_options})
  endif()
  if(avx2 IN_LIST MINNOW_INSTRUCTION_SETS)
    minnow_isa(avx2 -march=x86-64 -mavx2 -mfma -mno-avx512f)
  endif()
  minnow_isa(sse2 -march=x86-64 -mno-sse3 -mno-avx)
  # AMX's other kernels are AVX-512's, and it is Linux that is asked for the tile registers.
  if(amx IN_LIST MINNOW_INSTRUCTION_SETS AND NOT avx512 IN_LIST MINNOW_INSTRUCTION_SETS)
    message(FATAL_ERROR "MINNOW_INSTRUCTION_SETS has amx, which needs avx512 beside it")
  elseif(amx IN_LIST MINNOW_INSTRUCTION_SETS AND CMAKE_SYSTEM_NAME STREQUAL "Linux")
    minnow_isa(amx ${avx512_options} ${amx_options})
  endif()
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  minnow_isa(neon64)
else()
  message(FATAL_ERROR "Minnow has kernels for x86-64 and 64-bit ARM, not for ${CMAKE_SYSTEM_PROCESSOR}")
endif()

# What chooses among them is compiled for any processor.
set(MINNOW_KERNEL_SOURCES ${CMAKE_CURRENT_LIST_DIR}/core.cpp ${CMAKE_CURRENT_LIST_DIR}/dispatch.cpp)
