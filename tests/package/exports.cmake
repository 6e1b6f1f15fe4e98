# What the shared LIBRARY shows to the programs that use it: Minnow's public names, and nobody else's.
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND ${NM} --dynamic --demangle --defined-only ${LIBRARY} OUTPUT_VARIABLE symbols
                COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL " [A-Z] minnow::[^\n]*" public "${symbols}")
list(LENGTH public count)
if(count LESS 100)
  message(SEND_ERROR "${LIBRARY} shows only ${count} names of Minnow")
endif()
string(REGEX MATCHALL "[A-Z] (minnow::kernels|xsimd|xt|nlohmann)::[^\n]*" inner "${symbols}")
foreach(symbol IN LISTS inner)
  message(SEND_ERROR "${LIBRARY} shows ${symbol}")
endforeach()
