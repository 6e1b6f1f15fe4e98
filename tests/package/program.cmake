# The program installed from BUILD into PREFIX finds its libraries and the weights beside it, and classifies PICTURE.
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE ${PREFIX})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --config ${CONFIG} --prefix ${PREFIX} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
set(classify ${PREFIX}/bin/minnow classify ${PICTURE} --top 1)
execute_process(COMMAND ${classify} OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
if(NOT output MATCHES "%  ship\n")
  message(SEND_ERROR "expected a ship, got ${output}")
endif()

set(weights ${PREFIX}/share/minnow/weights/resnet20-cifar10.json)
file(WRITE ${weights} "{}")  # if these are wrong, it does not take the source tree's
execute_process(COMMAND ${classify} ERROR_VARIABLE output RESULT_VARIABLE code)
string(FIND "${output}" "${weights}: " at)
if(code EQUAL 0 OR at EQUAL -1)
  message(SEND_ERROR "expected an error that names ${weights}, got ${code} ${output}")
endif()
