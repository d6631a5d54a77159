// SPDX-License-Identifier: MIT
// easy.cpp URL... - a C++ program with curlpp: one handle for all, one after
// the other. The exit status is the last one's error.
#include <cstdlib>
#include <iostream>

#include <curlpp/Easy.hpp>
#include <curlpp/Exception.hpp>
#include <curlpp/Options.hpp>
#include <curlpp/cURLpp.hpp>

int main(int argc, char **argv)
{
  curlpp::Cleanup libcurl;
  curlpp::Easy handle;
  int status = 0;
  for(int i = 1; i < argc; i++) {
    handle.reset();
    handle.setOpt(curlpp::options::Url(argv[i]));
    handle.setOpt(curlpp::options::CaInfo(std::getenv("HE_LAB_CA")));
    handle.setOpt(curlpp::options::Timeout(
      std::atol(std::getenv("HE_LIMIT"))));
    status = 0;
    try {
      std::cout << handle;
    }
    catch(const curlpp::LibcurlRuntimeError &error) {
      std::cerr << error.whatCode() << " " << error.what() << "\n";
      status = error.whatCode();
    }
  }
  return status;
}
